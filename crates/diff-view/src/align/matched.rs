//! What aligning works on: two functions with the forms of their lines, and lines of them that were matched.

use ir_text::{Form, Function, Line, Token};

/// A function, and the forms of its lines.
#[derive(Clone, Copy)]
pub(super) struct Side<'f> {
    pub(super) function: &'f Function,
    pub(super) forms: &'f [Form],
}

impl<'f> Side<'f> {
    pub(super) fn line(&self, at: usize) -> &'f Line {
        &self.function.lines[at]
    }

    /// The local that a line defines.
    pub(super) fn defines(&self, at: usize) -> Option<Token<'f>> {
        self.forms[at].defines(self.line(at))
    }
}

/// Both functions.
#[derive(Clone, Copy)]
pub(super) struct Sides<'f> {
    pub(super) before: Side<'f>,
    pub(super) after: Side<'f>,
}

/// Lines that were matched, or one that was not.
#[derive(Clone, Copy)]
pub(super) struct Match {
    pub(super) before: Option<usize>,
    pub(super) after: Option<usize>,
    pub(super) moved: bool,
}

impl Match {
    pub(super) fn new(before: Option<usize>, after: Option<usize>) -> Self {
        Match {
            before,
            after,
            moved: false,
        }
    }
}
