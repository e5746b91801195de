//! What goes wrong, in words for the person who typed the command.

use std::fmt;
use std::io;
use std::path::Path;

/// One error: what, where, and what to do next.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// An error of these words.
    pub fn new(words: impl Into<String>) -> Self {
        Error(words.into())
    }

    /// A file that could not be read or written.
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        Error(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
