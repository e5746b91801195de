//! `irad opt`: an ordinary pass-manager run.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use ir_load::{Kind, Source};
use trace::{Request, Severity, Task};

use crate::engine;
use crate::exit;
use crate::files;
use crate::input::Module;
use crate::output::{Global, say, write_stdout};
use crate::report::Failure;

/// Runs a pass pipeline over a module and gives the module back, as LLVM's `opt` does. Enzyme's
/// passes (`enzyme`, `print-type-analysis`, …) may be named in it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad opt model.ll --passes 'default<O2>,enzyme' -S
  irad opt - --passes enzyme --llvm-arg=-enzyme-preopt=false -o out.bc < in.ll")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    /// The pipeline, in LLVM's textual syntax.
    #[arg(long, value_name = "PIPELINE")]
    pub passes: String,
    /// An option for LLVM's own parser, with its dash: `--llvm-arg=-enzyme-print`.
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    pub llvm_arg: Vec<String>,
    /// Write text instead of bitcode.
    #[arg(short = 'S')]
    pub text: bool,
    /// Where to write; standard output if not given, or `-`.
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let to_stdout = args
        .output
        .as_deref()
        .is_none_or(|path| path == Path::new("-"));
    if to_stdout && !args.text && io::stdout().is_terminal() {
        return Err(
            Failure::usage("usage", "bitcode is not written to a terminal")
                .help("-S writes text; -o OUT writes to a file"),
        );
    }
    let source = Source::read(&args.file)?;
    if source.kind == Kind::Trace {
        return Err(Failure::usage(
            "trace",
            format!("{} is a saved trace, and this needs IR", source.origin),
        ));
    }
    // The name becomes part of the output: `; ModuleID = '…'`.
    let name = match args.file.to_string_lossy() {
        name if name == "-" => "<stdin>".to_owned(),
        name => name.into_owned(),
    };
    let module = Module::from_bytes(&name, source.module(1)?.into_owned());
    let request = Request {
        source: name,
        task: Task::Optimise {
            passes: args.passes.clone(),
            bitcode: !args.text,
        },
        llvm_options: args.llvm_arg.clone(),
        limits: global.limits(),
    };
    let answer = engine::ask(&request, &module)?;
    say(&answer.words);
    let warnings: Vec<String> = answer
        .trace
        .remarks
        .into_iter()
        .filter(|remark| remark.severity == Severity::Warning)
        .map(|remark| remark.message)
        .collect();
    global.warn(&warnings);
    let bytes = answer.module.unwrap_or_default();
    match &args.output {
        Some(path) if !to_stdout => files::write(path, &bytes, &[])?,
        _ => write_stdout(&bytes)?,
    }
    Ok(exit::DONE)
}
