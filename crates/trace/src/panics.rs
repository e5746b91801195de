//! What becomes of the primal's panics.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What becomes of the primal's panics in the derivative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Panics {
    /// Enzyme leaves them and their checks out, and where the primal panics anything may happen.
    #[default]
    Drop,
    /// The derivative panics where the primal does.
    Keep,
}

impl FromStr for Panics {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "drop" => Ok(Panics::Drop),
            "keep" => Ok(Panics::Keep),
            _ => Err("keep or drop".to_owned()),
        }
    }
}

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Panics::Drop => "drop",
            Panics::Keep => "keep",
        })
    }
}
