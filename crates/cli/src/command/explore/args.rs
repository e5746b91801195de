//! The arguments of `irad explore`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::FunctionArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;

/// Moves about in a function's steps, from source to derivative, on the terminal: each step as a diff, who
/// made which line, what belongs to what, and whether the derivative is right. `?` shows the keys.
///
/// It opens at once and fills while the engine works. What the engine had when it refused or crashed stays.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad explore model.ll
  irad explore model.ll --fn loss --mode reverse
  irad explore loss.trace
  irad explore model.rs --fn loss --watch
  irad explore model.ll --fn loss --plain
  irad explore --present talk/TALK.toml
  irad explore --notes talk/TALK.toml")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`; a Rust file or a crate's folder; or a saved trace.
    #[arg(required_unless_present_any = ["present", "notes", "rehearse"])]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Differentiate it forward or in reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Run again when the file changes, and stay where you are.
    #[arg(long)]
    pub watch: bool,
    /// Tell the same line by line, for screen readers and where there is no terminal.
    #[arg(long, conflicts_with = "watch")]
    pub plain: bool,
    /// Save the run with all that a talk may show of it, roles and numbers too, and leave.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["watch", "plain"])]
    pub record: Option<PathBuf>,
    /// Present a talk: one screen after the other, from saved runs.
    #[arg(
        long,
        value_name = "TALK.toml",
        group = "talk",
        conflicts_with = "file"
    )]
    pub present: Option<PathBuf>,
    /// Show the notes of the talk that another terminal presents, a clock, and what comes next.
    #[arg(
        long,
        value_name = "TALK.toml",
        group = "talk",
        conflicts_with = "file"
    )]
    pub notes: Option<PathBuf>,
    /// Check that every name in a talk still means something, and that every screen fits 80 columns by 24 lines.
    #[arg(
        long,
        value_name = "TALK.toml",
        group = "talk",
        conflicts_with = "file"
    )]
    pub rehearse: Option<PathBuf>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
}
