//! How one test ended.

use std::time::Duration;

/// One test that was run.
pub struct Outcome {
    /// The binary's name and the test's.
    pub name: String,
    pub test: String,
    pub ending: Ending,
    /// Both streams, and the exit code.
    pub output: String,
    pub took: Duration,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Ending {
    Passed,
    Failed,
    Ignored,
}

impl Ending {
    /// The word that `cargo test` has for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed => "FAILED",
            Self::Ignored => "ignored",
        }
    }
}
