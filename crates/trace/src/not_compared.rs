//! Why the two modes were not compared.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why there is no comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCompared {
    /// The module asks for several directions in the other mode.
    Directions {
        /// How many.
        width: u32,
    },
    /// The other mode failed. The program in front, which alone sees how the engine ended, puts its words here.
    Failed(String),
}

impl fmt::Display for NotCompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotCompared::Directions { width } => {
                write!(f, "the module asks for {width} directions at once")
            }
            NotCompared::Failed(words) => f.write_str(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_said() {
        let why = NotCompared::Directions { width: 2 };
        assert_eq!(why.to_string(), "the module asks for 2 directions at once");
    }
}
