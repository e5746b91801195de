//! What a candidate must still do, and the folder that a reduction works in.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use trace::Limits;

use super::failing::fails_like;
use super::wrong::{Wrong, still_wrong};
use crate::failure::Failure;

/// The module as it was before anything was taken away.
pub(super) const CASE: &str = "case.ll";
/// The smallest candidate so far.
pub(super) const BEST: &str = "best.ll";
/// What a candidate must still do.
pub(super) const WANTED: &str = "wanted";
/// The process that a reduction belongs to.
pub(super) const OWNER: &str = "owner";

/// What a candidate must still do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Wanted {
    /// Enzyme's pass fails with these words.
    Fails {
        /// The words.
        words: String,
        /// Enzyme's options, as LLVM's parser takes them.
        options: Vec<String>,
    },
    /// The derivative is wrong.
    Wrong(Box<Wrong>),
}

impl Wanted {
    /// What a candidate does, in words, if it is what is wanted.
    pub(super) fn seen(&self, text: &[u8], limits: Limits) -> Result<Option<String>, Failure> {
        Ok(match self {
            Wanted::Fails { words, options } => {
                fails_like(text, options, limits)?.filter(|seen| seen == words)
            }
            Wanted::Wrong(wrong) => still_wrong(text, wrong, limits)?,
        })
    }

    /// What a candidate must do, in words.
    pub(super) fn words(&self) -> String {
        match self {
            Wanted::Fails { words, .. } => words.clone(),
            Wanted::Wrong(wrong) => wrong.words.clone(),
        }
    }
}

/// Writes a file of the folder.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| cannot("write", path, &error))
}

/// Something could not be done with a file.
pub(super) fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::usage(what, format!("cannot {what} {}: {error}", path.display()))
}
