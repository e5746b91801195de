//! What aligning works on: the forms of two functions' lines, and lines of them that were matched.

use ir_text::Form;

/// The forms of both functions' lines.
pub(super) struct Sides<'b, 'a> {
    pub(super) before: &'b [Form<'a>],
    pub(super) after: &'b [Form<'a>],
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
