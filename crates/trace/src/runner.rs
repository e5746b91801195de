//! Which function ran, while something happened.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A function that a check runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runner {
    /// The function itself.
    Primal,
    /// Its derivative.
    Derivative,
    /// The hand-written backward function.
    Manual,
    /// One that was named before.
    It,
}

impl fmt::Display for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Runner::Primal => "the function",
            Runner::Derivative => "the derivative",
            Runner::Manual => "the hand-written function",
            Runner::It => "it",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name() {
        assert_eq!(Runner::Derivative.to_string(), "the derivative");
    }
}
