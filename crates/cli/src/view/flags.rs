//! The flags that say how a diff is shown.

use std::path::PathBuf;

use clap::ValueEnum;
use diff_view::Show;

use super::colour::ColourArgs;
use super::detail::DetailArgs;
use crate::picture::Form;

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
    /// Only what the function does, or attributes too (and, with `--debug-info` or `--metadata`, these).
    /// Without it, text shows what the function does, and JSON and `--exit-code` take in everything.
    #[arg(long, value_enum)]
    pub show: Option<ShowName>,
    #[command(flatten)]
    pub detail: DetailArgs,
    #[command(flatten)]
    pub colour: ColourArgs,
    /// Text for people, a patch for `patch`, a picture, a fragment of HTML, or JSON.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// With `--format patch`: write the text that the patch applies to.
    #[arg(long, value_name = "FILE")]
    pub patch_base: Option<PathBuf>,
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
    /// Attributes too, and what is shown beside the code.
    All,
    /// Only what the function does.
    Real,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For `patch`: every line as LLVM prints it, renumbering included.
    Patch,
    /// A picture, for slides. `--theme light` or `dark` and `--columns` fit it to them.
    Svg,
    /// A fragment of HTML with its own styles, for posts.
    Html,
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
    /// What text shows.
    pub fn shown(&self) -> Show {
        self.show.unwrap_or(ShowName::Real).into()
    }

    /// What counts for programs.
    pub fn counted(&self) -> Show {
        self.show.unwrap_or(ShowName::All).into()
    }

    /// What is drawn, if text is not to be text.
    pub fn form(&self) -> Option<Form> {
        match self.format {
            _ if self.json => None,
            Format::Svg => Some(Form::Svg),
            Format::Html => Some(Form::Html),
            Format::Text | Format::Patch | Format::Json => None,
        }
    }

    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}
