//! The flags of `irad check`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::form::FormArgs;
use crate::args::function::FunctionArgs;
use crate::args::guard::GuardArgs;
use crate::args::inputs::InputArgs;
use crate::args::manual::ManualArgs;
use crate::args::mode::ModeName;

/// Runs a function and its derivative on numbers, and compares the derivative with dual numbers, with central
/// differences, with the other mode, and with a hand-written backward function.
///
/// Inputs are made up (--seed), within --range and with --len elements, or read from --inputs. Sizes
/// that nobody stated are tried until the function runs. Points are of both signs and of many kinds, and
/// more are tried until every block of the function has run. A panic of the function is reported, and what
/// it says. Exit code 1 means that the derivative is wrong, 5 that this could not be decided.
///
/// Without a function, every derivative is checked that the module itself asks Enzyme for, as nightly's
/// `#[autodiff_reverse]` does, and a table is printed.
///
/// The function can compute and print, and nothing else: where it wants to open a file, to connect or to
/// start a program, the check ends and says so (exit code 5), unless --unguarded lets it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad check model.ll --fn loss --mode reverse
  irad check model.ll --fn loss --mode forward --len w=8,x=8 --range y=0..1
  irad check model.ll --fn loss --mode reverse --for emit
  irad check nightly.ll
  irad check model.ll --fn loss --mode reverse --show-inputs > inputs.json
  irad check layer.ll --fn forward --mode reverse --manual backward --map dout=d.out,scale=2")]
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
    /// At how many points derivatives are compared at most. More are looked for where these leave blocks of the
    /// function out. With --inputs each object is a point.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = "Inputs")]
    pub points: u32,
    /// Print the inputs that were used, as --inputs reads them, and nothing else.
    #[arg(long, conflicts_with_all = ["json", "format"], help_heading = "Inputs")]
    pub show_inputs: bool,
    /// How many elements of a parameter are compared one by one; all the others at once.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Inputs")]
    pub samples: u32,
    #[command(flatten)]
    pub manual: ManualArgs,
    /// Check what this command makes: `emit` optimises fully and keeps panics, where it is not told otherwise.
    #[arg(
        long = "for",
        value_enum,
        value_name = "COMMAND",
        help_heading = "Comparisons"
    )]
    pub made_for: Option<MadeFor>,
    /// Leave the comparison of forward with reverse mode out.
    #[arg(long, help_heading = "Comparisons")]
    pub no_cross: bool,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub guard: GuardArgs,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub form: FormArgs,
}

/// What makes the derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum MadeFor {
    /// `irad emit`.
    Emit,
}
