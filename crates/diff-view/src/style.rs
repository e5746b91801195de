//! What a piece of text means, whatever it looks like in the end.

use crate::syntax::Syntax;

/// What a piece of text means, and what it is in IR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// What it means.
    pub tone: Tone,
    /// True for a changed word.
    pub emphasis: bool,
    /// What it is in IR, for a theme to colour; none for what is no IR.
    pub syntax: Option<Syntax>,
}

/// What a piece of text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// A line of both sides.
    #[default]
    Plain,
    /// Part of a line that is new.
    Added,
    /// Part of a line that is gone.
    Removed,
    /// Something about the text and not of it.
    Muted,
    /// A title.
    Title,
    /// Where a hunk begins.
    Hunk,
    /// What needs attention.
    Warning,
    /// A derivative among what is none.
    Derivative,
}

impl Tone {
    /// A tone on its own.
    pub fn style(self) -> Style {
        Style {
            tone: self,
            ..Style::default()
        }
    }
}
