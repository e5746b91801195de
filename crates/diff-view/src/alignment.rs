//! The alignment of two functions: which line belongs to which, and what the differences are.

use std::ops::Range;
use std::sync::Arc;

use ir_text::Function;
use serde::Serialize;

/// Two functions, aligned. Every line of both stands in exactly one pair, in its order but for
/// blocks that have moved.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The function before.
    pub before: Arc<Function>,
    /// The function after.
    pub after: Arc<Function>,
    /// The pairs, from top to bottom.
    pub pairs: Vec<Pair>,
    /// True when the deadline came first: the pairs are right, but not the fewest.
    pub timed_out: bool,
}

/// A line of one side, or two lines that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Index of the line before.
    pub before: Option<usize>,
    /// Index of the line after.
    pub after: Option<usize>,
    /// What happened to it.
    pub kind: PairKind,
    /// What kind of difference it is; [`Tag::Renaming`] for none.
    pub tag: Tag,
    /// True in a block that stands elsewhere now. Its pairs stand where it has gone.
    pub moved: bool,
    /// The changed words. Most pairs have none.
    pub words: Option<Box<Words>>,
}

/// Words of two lines, as ranges of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Of the line before.
    pub before: Vec<Range<usize>>,
    /// Of the line after.
    pub after: Vec<Range<usize>>,
}

impl Pair {
    /// The changed words in the line before.
    pub fn words_before(&self) -> &[Range<usize>] {
        self.words.as_ref().map_or(&[], |words| &words.before)
    }

    /// The changed words in the line after.
    pub fn words_after(&self) -> &[Range<usize>] {
        self.words.as_ref().map_or(&[], |words| &words.after)
    }
}

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairKind {
    /// Nothing: the texts are equal.
    Same,
    /// Only numbers that LLVM gives have changed.
    Renamed,
    /// It says the same, in a block that stands elsewhere now.
    Moved,
    /// It says something else.
    Changed,
    /// It is gone.
    Removed,
    /// It is new.
    Added,
}

/// What kind of difference it is, the weightiest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Numbers that LLVM gives, and nothing else.
    Renaming,
    /// Debug records, and where in the source something is.
    DebugInfo,
    /// Attached metadata.
    Metadata,
    /// Attributes of functions, calls or parameters.
    Attributes,
    /// What the function does.
    Real,
}
