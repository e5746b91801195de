//! The flags that say what is shown beside the code.

use diff_view::{Detail, Hidden, Tone};

use crate::output::Canvas;

/// What is shown beside the code.
#[derive(clap::Args, Clone, Copy)]
#[command(next_help_heading = "Form")]
pub struct DetailArgs {
    /// Show debug records and the source locations of lines.
    #[arg(long)]
    pub debug_info: bool,
    /// Show each line of Rust source above the instructions that it became, where debug info says.
    #[arg(long)]
    pub source: bool,
    /// Show other metadata, such as alias scopes.
    #[arg(long)]
    pub metadata: bool,
}

impl From<DetailArgs> for Detail {
    fn from(args: DetailArgs) -> Self {
        Detail {
            debug_info: args.debug_info,
            metadata: args.metadata,
        }
    }
}

/// Says what is not shown, if there is anything.
pub fn paint_hidden(hidden: Hidden, mark: &str, width: usize, canvas: &mut Canvas) {
    if hidden != Hidden::default() {
        let words = format!("{mark}not shown: {hidden}");
        canvas.paragraph(&words, 0, width, Tone::Muted.style());
    }
}
