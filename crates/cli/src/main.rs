//! `irad`: shows what automatic differentiation does to Rust.

mod ad_args;
mod advice;
mod binding;
mod build;
mod command;
mod definition;
mod engine;
mod exit;
mod files;
mod input;
mod output;
mod report;
mod requests;
mod rust_signature;
mod signature;
mod trust;
mod uncompiled;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{FromArgMatches, Parser};
use clap_complete::CompleteEnv;

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

/// Reads a command line, the program's name first.
fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, clap::Error> {
    let found = definition::grouped().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&found)
}

fn main() -> ExitCode {
    // A shell that asks is answered here, and the program ends.
    CompleteEnv::with_factory(definition::completed)
        .var(command::COMPLETE)
        .complete();
    let cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers and go to standard output; the rest is misuse.
            if error.use_stderr() && report::wants_json(std::env::args()) {
                return report::misuse(&error).print_json();
            }
            let code = if error.use_stderr() {
                exit::USAGE
            } else {
                exit::DONE
            };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let json = cli.command.wants_json();
    let code = match cli.command.run(&cli.global) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => failure.print(&cli.global, json),
    };
    engine::reap(true);
    code
}
