//! What a key asks of the world outside: engines, files, the clipboard.

use std::path::PathBuf;

use trace::TextId;

use crate::key::TextKey;
use crate::run::Ask;

/// Something that the model does not do itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Compare two texts, soon: somebody waits for it.
    Compare(TextKey, TextKey),
    /// Compare these pairs of texts of a run when there is nothing else to do.
    Measure(usize, Vec<(TextId, TextId)>),
    /// Run this, as the run of that number.
    Start(usize, Ask),
    /// Ask what each instruction is there for.
    Explain(usize),
    /// Ask for numbers on the lines.
    Values(usize),
    /// Look for the place where the derivative goes wrong.
    Locate(usize),
    /// Stop what is at work.
    Stop,
    /// Put text on the clipboard.
    Copy(String),
    /// Write text to a file.
    Save(PathBuf, String),
    /// The next theme.
    Theme,
    /// Leave.
    Quit,
    /// Stop the process as a shell does, and go on when it does.
    Suspend,
}
