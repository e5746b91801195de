//! `irad opt`: an ordinary pass-manager run.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use ir_load::{Source, SourceKind};
use trace::Severity;

use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, say_bytes, write_file, write_stdout};
use session::hear::hear;
use session::module::Module;
use session::refusal::Refusal;
use session::request;

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
    if source.kind == SourceKind::Trace {
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
    let request = request::optimise(
        name,
        args.passes.clone(),
        !args.text,
        args.llvm_arg.clone(),
        global.limits(),
    );
    let (answer, ended) = hear(&request, &module, &mut |_| {})?;
    // As it was printed, and before what comes out, as `opt` does.
    write_stdout(&answer.printed.stdout)?;
    say_bytes(&answer.printed.stderr);
    if let Some(diagnosis) = answer.trace.failure {
        let refusal = Refusal::of(diagnosis, &module.origin, module.text());
        return Err(Failure::from(&refusal));
    }
    if let Some(ended) = ended {
        return Err(ended.into());
    }
    let warnings: Vec<String> = answer
        .trace
        .remarks
        .into_iter()
        .filter(|remark| remark.severity == Severity::Warning)
        .map(|remark| remark.message())
        .collect();
    global.warn(&warnings);
    let bytes = answer.module.unwrap_or_default();
    match &args.output {
        Some(path) if !to_stdout => write_file(path, &bytes, &[])?,
        _ => write_stdout(&bytes)?,
    }
    Ok(exit::DONE)
}
