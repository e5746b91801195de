//! Pass pipelines by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A pass pipeline, by one of irad's names or in LLVM's textual syntax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pipeline {
    /// `default<O2>` without vectorising, unrolling or function merging.
    O2,
    /// The full `default<O3>`.
    O3,
    /// What nightly rustc runs around Enzyme. Before it: full link-time optimisation at level 3,
    /// without vectorising, unrolling or function merging, and its settings of Enzyme's options.
    /// After it: the same as at link time, with all of these.
    Rustc,
    /// No pass at all: the module is what nightly rustc hands to Enzyme, and all else is as there, its settings of
    /// Enzyme's options, too.
    Given,
    /// No pass at all.
    None,
    /// LLVM's textual syntax, run as it stands.
    Text(String),
}

impl Pipeline {
    /// True where Enzyme is to find what nightly's users have it find, and with the same settings.
    pub fn is_of_rustc(&self) -> bool {
        matches!(self, Pipeline::Rustc | Pipeline::Given)
    }
}

impl FromStr for Pipeline {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "o2" => Pipeline::O2,
            "o3" => Pipeline::O3,
            "rustc" => Pipeline::Rustc,
            "given" => Pipeline::Given,
            "none" => Pipeline::None,
            other => Pipeline::Text(other.to_owned()),
        })
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pipeline::O2 => "o2",
            Pipeline::O3 => "o3",
            Pipeline::Rustc => "rustc",
            Pipeline::Given => "given",
            Pipeline::None => "none",
            Pipeline::Text(text) => text,
        })
    }
}
