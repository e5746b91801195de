//! `irad`: shows what automatic differentiation does to Rust.

mod args;
mod binding;
mod choice;
mod command;
mod definition;
mod exit;
mod failure;
mod heading;
mod input;
mod output;
mod picture;
mod program;
mod report;
mod requests;
mod settings;
mod terminal;
mod verdict;
mod view;
mod words;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use clap_complete::CompleteEnv;

use crate::program::Program;

/// Shows what automatic differentiation does to Rust, one rewrite at a time.
///
/// irad loads LLVM IR that rustc emitted, runs Enzyme on one function of it, and shows the function
/// before, after and in between.
#[derive(Parser)]
#[command(name = "irad", version, after_help = exit::HELP, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: output::Global,
    #[command(subcommand)]
    command: command::Command,
}

/// The program, for commands that are about others.
const PROGRAM: Program = Program {
    definition: Cli::command,
    parse: |arguments| {
        let cli = parse(arguments)?;
        Ok(Box::new(move || cli.command.run(&cli.global, &PROGRAM)))
    },
};

/// Reads a command line, the program's name first.
fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, clap::Error> {
    let settings = settings::read().map_err(|words| clap::Error::raw(ErrorKind::Io, words))?;
    let command = settings::apply(Cli::command(), &settings);
    let found = definition::grouped(command).try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&found)
}

fn main() -> ExitCode {
    // A shell that asks is answered here, and the program ends.
    CompleteEnv::with_factory(|| definition::completed(Cli::command()))
        .var(command::COMPLETE)
        .complete();
    let cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers and go to standard output; the rest is misuse.
            if error.use_stderr()
                && report::wants_json(
                    std::env::args_os().map(|word| word.to_string_lossy().into_owned()),
                )
            {
                return report::misuse(&error).print_json();
            }
            let code = if error.use_stderr() {
                exit::USAGE
            } else {
                exit::DONE
            };
            let printed = error.print().and_then(|()| io::stdout().flush());
            if let Err(failed) = printed
                && failed.kind() != io::ErrorKind::BrokenPipe
            {
                output::say(&format!(
                    "error: cannot write to standard output: {failed}\n"
                ));
                return ExitCode::from(exit::USAGE);
            }
            if let Some(words) = settings::origin_of(&error) {
                output::say(&format!("note: {words}\n"));
            }
            return ExitCode::from(code);
        }
    };
    let json = cli.command.wants_json();
    let code = match cli.command.run(&cli.global, &PROGRAM) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => match (!json).then(|| choice::offered(&failure)).flatten() {
            Some(line) => {
                session::engine::reap(true);
                let error = choice::run(&line);
                failure.note(error.to_string()).print(&cli.global, json)
            }
            None => failure.print(&cli.global, json),
        },
    };
    session::engine::reap(true);
    code
}
