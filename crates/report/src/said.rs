//! What stands at the top of a page, in words.

/// What stands at the top of a page, in words.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// What was differentiated, with respect to what.
    pub signature: Option<String>,
    /// What a check came to.
    pub verdict: Option<VerdictSaid>,
    /// Reasons to doubt.
    pub warnings: Vec<String>,
    /// Why the run ended early, line by line; empty where it did not.
    pub failure: Vec<String>,
}

/// What a check came to.
#[derive(Clone, Debug)]
pub struct VerdictSaid {
    /// How it is to be taken.
    pub tone: VerdictTone,
    /// `checked`, `undecided`, `not checked`.
    pub label: String,
    /// What it says.
    pub words: String,
    /// Causes and remedies.
    pub more: Vec<String>,
}

/// How a verdict is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictTone {
    /// As good news.
    Right,
    /// As bad news.
    Wrong,
    /// With care.
    Doubtful,
}

impl VerdictTone {
    /// Its class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            VerdictTone::Right => "right",
            VerdictTone::Wrong => "wrong",
            VerdictTone::Doubtful => "doubtful",
        }
    }
}
