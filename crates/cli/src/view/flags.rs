//! The flags that say how a diff is shown.

use clap::ValueEnum;
use diff_view::Show;

/// How a diff is shown.
#[derive(clap::Args, Clone)]
#[command(next_help_heading = "Form")]
pub struct View {
    /// One column, two, or two from 140 columns on.
    #[arg(long, value_enum, default_value_t = Layout::Auto)]
    pub layout: Layout,
    /// Unchanged lines around each difference.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub context: usize,
    /// Every difference but renumbering, or only what the function does.
    #[arg(long, value_enum, default_value_t = ShowName::All)]
    pub show: ShowName,
    /// Text for people, a patch for `patch`, or JSON.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 when there is a difference.
    #[arg(long)]
    pub exit_code: bool,
    /// Leave symbols as they are.
    #[arg(long)]
    pub raw_names: bool,
    /// Enzyme's remarks too: what it caches, and why.
    #[arg(long)]
    pub remarks: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// One column.
    Unified,
    /// Two columns.
    Split,
    /// Two columns where there is room.
    Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShowName {
    /// Every difference but renumbering.
    All,
    /// Only what the function does; attributes and metadata are folded.
    Real,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For `patch`: every line as LLVM prints it, renumbering included.
    Patch,
    /// For programs.
    Json,
}

impl From<ShowName> for Show {
    fn from(show: ShowName) -> Self {
        match show {
            ShowName::All => Show::All,
            ShowName::Real => Show::Real,
        }
    }
}

impl View {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}
