//! Why the two modes were not compared.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why there is no comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCompared {
    /// The other mode failed. The program in front, which alone sees how the engine ended, puts its words here.
    Failed(String),
}

impl fmt::Display for NotCompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotCompared::Failed(words) => f.write_str(words),
        }
    }
}
