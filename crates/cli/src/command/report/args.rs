//! The arguments of `irad report`.

use std::path::PathBuf;

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::FunctionArgs;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;

/// Writes one HTML page that holds everything of a run: the verdict, the Rust source beside the primal and the
/// derivative, every step as a difference, and the files and the command that make the same page again.
///
/// The page loads nothing and sends nothing. A run that ends early has a page, too, with all steps until then.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad report model.ll --fn loss --mode reverse -o loss.html
  irad report loss.trace -o loss.html
  irad report model.ll --fn loss --mode reverse --compare '--mode forward' -o loss.html
  irad report model.ll --fn loss --mode reverse --no-source --redact-paths -o loss.html
  irad report --extract loss.html -o again")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`; a Rust file or a crate's folder; or a saved trace.
    #[arg(required_unless_present = "extract")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Differentiate it forward or in reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Where to write the page; with --extract, the folder for its files. `-` is standard output.
    #[arg(short, long, value_name = "OUT")]
    pub out: PathBuf,
    /// Put a second run beside it: the flags that are other there, as one word (`'--mode forward'`).
    #[arg(long, value_name = "FLAGS", allow_hyphen_values = true)]
    pub compare: Option<String>,
    /// Leave the Rust source out.
    #[arg(long)]
    pub no_source: bool,
    /// Make the names of folders in absolute paths unreadable.
    #[arg(long)]
    pub redact_paths: bool,
    /// Look for Rust files in this folder first, below their absolute paths.
    #[arg(long, value_name = "FOLDER")]
    pub sources: Option<PathBuf>,
    /// Take the files and the command out of a page that irad wrote.
    #[arg(long, value_name = "PAGE.html", conflicts_with = "file")]
    pub extract: Option<PathBuf>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
}
