//! The flags of `irad explain`.

use std::path::PathBuf;

use clap::ValueEnum;
use trace::{AdRole, Iteration};

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::form::FormArgs;
use crate::args::function::FunctionArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;
use crate::view::ColourBy;

/// Shows the primal as Enzyme differentiated it, each line with its type, its activity and what becomes of
/// its value; and the derivative, each line with its role and the line of the primal that it belongs to.
///
/// Roles are `primal` (computes what the primal computes), `shadow` (memory for derivatives), `adjoint` and
/// `tangent` (the derivatives themselves), `cache` (a value is kept for the reverse sweep, or taken
/// back), `recompute` (a value is computed again there) and `control`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad explain model.ll --fn loss --mode reverse
  irad explain model.ll --fn loss --mode reverse --pairs
  irad explain model.ll --fn loss --mode reverse --source
  irad explain model.ll --fn loss --mode reverse --pairs --format svg > loss.svg
  irad explain model.ll --fn loss --mode forward --after derivative
  irad explain model.ll --fn loss --mode reverse --role cache --role recompute
  irad explain model.ll --fn loss --mode reverse --values --iteration last")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input; or a trace that `--save` wrote.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Differentiate it forward or in reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// The derivative as Enzyme generated it, or after the cleanup pipeline.
    #[arg(long, value_enum, value_name = "POINT", default_value_t = After::Final)]
    pub after: After,
    /// Show each line of the primal with the lines of the derivative that belong to it, in the order in
    /// which the derivative comes to them.
    #[arg(long)]
    pub pairs: bool,
    /// Run both at one point, and show beside each line of the primal its value and its adjoint or tangent. The first
    /// number that is not finite is marked.
    #[arg(long, conflicts_with = "pairs")]
    pub values: bool,
    /// Of lines that run several times, the numbers of this iteration: `first`, `last`, or a number from 1.
    #[arg(long, value_name = "N", requires = "values", default_value = "first")]
    pub iteration: Iteration,
    /// Of the derivative, show only lines of this role; may be given several times.
    #[arg(long = "role", value_enum, value_name = "ROLE")]
    pub roles: Vec<RoleName>,
    /// Save the run, to explain it again.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    /// Show each line of Rust source above the instructions that it became, in the derivative above those that belong
    /// to it, where debug info says.
    #[arg(long)]
    pub source: bool,
    /// Colour code by what its tokens are, or by what each instruction of the derivative is there for.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = ColourBy::Syntax)]
    pub colour_by: ColourBy,
    /// Leave symbols as they are.
    #[arg(long)]
    pub raw_names: bool,
    #[command(flatten)]
    pub form: FormArgs,
}

/// The points at which there is a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum After {
    /// What Enzyme generated, untouched.
    Derivative,
    /// After the cleanup pipeline.
    Final,
}

/// [`AdRole`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Computes what the primal computes.
    Primal,
    /// Memory for derivatives.
    Shadow,
    /// Adjoints.
    Adjoint,
    /// Tangents.
    Tangent,
    /// Keeps a value for the reverse sweep, or takes it back.
    Cache,
    /// Computes a value again.
    Recompute,
    /// Decides what runs next.
    Control,
}

impl RoleName {
    /// The same in a trace.
    pub fn role(self) -> AdRole {
        match self {
            RoleName::Primal => AdRole::Primal,
            RoleName::Shadow => AdRole::Shadow,
            RoleName::Adjoint => AdRole::Adjoint,
            RoleName::Tangent => AdRole::Tangent,
            RoleName::Cache => AdRole::Cache,
            RoleName::Recompute => AdRole::Recompute,
            RoleName::Control => AdRole::Control,
        }
    }
}
