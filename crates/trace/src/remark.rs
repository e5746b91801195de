//! What LLVM, Enzyme or irad said that is no error.

use serde::{Deserialize, Serialize};

/// Something that LLVM or Enzyme said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The stage in which it was said.
    pub stage: String,
    /// How much it matters.
    pub severity: Severity,
    /// The words.
    pub message: String,
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The result may not be what was meant.
    Warning,
    /// A decision that was made.
    Remark,
    /// A side note.
    Note,
}
