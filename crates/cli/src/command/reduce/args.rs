//! The flags of `irad reduce`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::function::FunctionArgs;
use crate::args::inputs::InputArgs;
use crate::args::mode::ModeName;

/// Writes the smallest module that Enzyme still refuses, or whose derivative is still wrong, in the same way, and the
/// `opt` command that shows it: a report that Enzyme's authors can run without irad.
///
/// The function is prepared and called through Enzyme's pass; then llvm-reduce takes away what is not
/// needed. What is written has failed in the same way when it was run last.
///
/// Of a wrong derivative, the same output stays wrong by a factor at the same inputs, which are written beside the
/// module. Where irad's own preparation makes it right, give --faithful, as for a report about Enzyme.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad reduce chain.ll --fn loss --mode reverse -o case.ll")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Where to write the case.
    #[arg(short, long, value_name = "OUT.ll")]
    pub output: PathBuf,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Stop reducing after this many seconds, and keep the smallest case so far.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(0..=31_536_000))]
    pub patience: u64,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub inputs: InputArgs,
}

/// Whether a file still fails in the same way; llvm-reduce asks.
#[derive(clap::Args)]
pub struct TestArgs {
    /// The folder that the reduction works in.
    pub folder: PathBuf,
    /// The candidate.
    pub candidate: PathBuf,
}
