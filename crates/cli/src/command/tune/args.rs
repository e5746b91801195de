//! The flags of `irad tune`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::function::FunctionArgs;
use crate::args::guard::GuardArgs;
use crate::args::inputs::InputArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;

/// Tries what may make a derivative cheaper, checks each variant, and combines what helps.
///
/// Variants are compared by the instructions that they execute in one run, after the cleanup pipeline of `irad emit`. A
/// variant whose derivative is not found right is passed over. Some changes need a promise that only the author of the
/// function can give; the check tests it at some points, and cannot prove it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad tune model.ll --fn loss --mode reverse --len w=1000,x=1000
  irad tune model.ll --fn loss --mode reverse --source")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Seconds after which no further variant is tried.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub limit: u64,
    /// Say what can be written in Rust instead of a promise.
    #[arg(long)]
    pub source: bool,
    /// Do not measure times: what is printed is the same each time then.
    #[arg(long)]
    pub no_times: bool,
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub guard: GuardArgs,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}
