//! The flags of `irad locate`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::function::FunctionArgs;
use crate::args::guard::GuardArgs;
use crate::args::inputs::InputArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;

/// Runs a function and its derivative, and finds the first value at which a wrong derivative goes wrong.
///
/// In forward mode this is the first value, in the order of the function, whose tangent is not right. In reverse mode
/// it is the first one, going back from the result, whose adjoint is not right when the derivative uses it. Right is
/// what dual numbers give: the function runs once more for each adjoint, with that one value moving. Where there are
/// too many values, some are compared first, and then those between the last right one and the first wrong one.
///
/// It looks at the derivative as Enzyme generated it, before the cleanup pipeline. Inputs are made up as `irad check`
/// does. Exit code 1 means that the derivative is wrong, 0 that it is right, 5 that this could not be decided.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad locate model.ll --fn loss --mode reverse
  irad locate model.ll --fn loss --mode reverse --len w=2,x=2 --range y=0..1
  irad locate model.ll --fn loss --mode forward --json")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    #[command(flatten)]
    pub inputs: InputArgs,
    /// At how many points the derivative is compared at most, until it is wrong at one.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = "Inputs")]
    pub points: u32,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub guard: GuardArgs,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    /// Leave symbols as they are.
    #[arg(long)]
    pub raw_names: bool,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}
