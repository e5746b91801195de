//! How to lay out.

use ir_text::Location;

use crate::detail::Detail;
use crate::hunk::Show;

/// How to lay out.
pub struct Options<'a> {
    /// Columns of the screen; lines are wrapped to it.
    pub width: usize,
    /// What to call a symbol, if not by itself.
    pub rename: &'a dyn Fn(&str) -> Option<String>,
    /// Which differences are shown as such; others stand as context.
    pub show: Show,
    /// What is shown beside the code.
    pub detail: Detail,
    /// What a line of the source says, where lines of it are shown above what they became.
    pub source: Option<&'a dyn Fn(&Location) -> Option<String>>,
}

/// True when two columns of IR fit side by side. What is not wrapped has no columns to put there.
pub fn has_room_for_two(width: usize) -> bool {
    (140..10_000).contains(&width)
}
