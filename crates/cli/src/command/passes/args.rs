//! The arguments of `irad passes`.

use std::path::PathBuf;

use regex::Regex;
use trace::Pipeline;

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::FunctionArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;
use crate::view::View;

/// Shows what each pass did to one function: the timeline of the steps that changed it, or one or
/// several steps as diffs.
///
/// A step is named by what it is, `stage/pass/unit/number`; any of these parts, in their order, will
/// do where they are unique: `--step sroa`, `--step cleanup/GVNPass/2`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad passes model.ll --fn loss --mode reverse
  irad passes model.ll --fn loss --mode reverse --step enzyme/derivative
  irad passes model.ll --fn loss --passes 'default<O2>' --grep fmul
  irad passes model.ll --fn loss --mode reverse --save loss.trace
  irad passes loss.trace --blame")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input; or a saved trace.
    pub file: PathBuf,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Differentiate it. A function that calls Enzyme itself (nightly's `#[autodiff_…]`) needs none.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Run this pipeline (`o2`, `o3`, or LLVM's syntax), without differentiation.
    #[arg(long, value_name = "PIPELINE", conflicts_with = "mode")]
    pub passes: Option<Pipeline>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Show one step as a diff.
    #[arg(long, value_name = "ID", group = "what")]
    pub step: Option<String>,
    /// Show every step that changed the function as a diff, in turn.
    #[arg(long, group = "what")]
    pub all: bool,
    /// Show the function from after this step or at this point …
    #[arg(long, value_name = "ID")]
    pub from: Option<String>,
    /// … to after this one.
    #[arg(long, value_name = "ID")]
    pub to: Option<String>,
    /// Show the final function, each line with the step that made it.
    #[arg(long, group = "what")]
    pub blame: bool,
    /// Run a second pipeline instead of --passes (or --cleanup, with --mode), and show the first
    /// step at which the two part.
    #[arg(long, value_name = "PIPELINE", group = "what")]
    pub vs: Option<Pipeline>,
    /// Show the steps whose diff touches a line that matches.
    #[arg(long, value_name = "REGEX", group = "what")]
    pub grep: Option<Regex>,
    /// List the steps that changed nothing, too.
    #[arg(long)]
    pub every: bool,
    /// Save the trace, for this command and `irad diff` to read.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    #[command(flatten)]
    pub view: View,
}

impl Args {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.view.wants_json()
    }

    /// True when nothing more special is asked for.
    pub(super) fn shows_timeline(&self) -> bool {
        let one = [&self.step, &self.from, &self.to]
            .iter()
            .any(|id| id.is_some());
        !one && !self.all && !self.blame && self.vs.is_none() && self.grep.is_none()
    }
}
