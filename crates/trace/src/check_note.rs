//! What else is to be known about a check.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::printed::Printed;
use crate::problem::Problem;

/// Something about the points or the samples of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckNote {
    /// The function does nothing with floats at the sizes where it runs to its end.
    NothingAtTheseSizes {
        /// How it ends at others.
        elsewhere: Problem,
    },
    /// The function is not finite at any point that was tried.
    NeverFinite,
    /// The function printed something.
    Printed(Printed),
    /// Every derivative is zero.
    AllZero,
    /// In reverse mode, part of the result lies in memory that the function allocates.
    Unseeded {
        /// That part.
        what: String,
    },
    /// The derivative was damaged on purpose.
    Damaged {
        /// The line of the derivative.
        line: u32,
        /// The line of the primal that it belongs to, 0 if none is known.
        of: u32,
        /// What it does since then.
        what: String,
    },
    /// The function runs for long, so that not all derivatives are compared.
    Sampled {
        /// How many of each parameter are.
        compared: usize,
        /// How many would be.
        of: usize,
    },
}

impl fmt::Display for CheckNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckNote::NothingAtTheseSizes { elsewhere } => write!(
                f,
                "the function does nothing with floats at these sizes; at others it ends otherwise: {elsewhere}"
            ),
            CheckNote::NeverFinite => f.write_str(
                "the function is infinite or not a number at every point that was tried: choose others with --range",
            ),
            CheckNote::Printed(printed) => write!(f, "the function printed {printed}"),
            CheckNote::Damaged { line, of, what } => write!(
                f,
                "damaged on purpose: line {line} of the derivative, of line {of} of the primal, {what}"
            ),
            CheckNote::Unseeded { what } => write!(
                f,
                "the function allocates {}, which has no seed in reverse mode then and is not compared: have the function write to a slice, or take forward mode",
                if what == "return" { "its result" } else { what }
            ),
            CheckNote::AllZero => f.write_str(
                "every derivative is zero at these points: choose inputs that the function does more with",
            ),
            CheckNote::Sampled { compared, of } => write!(
                f,
                "the function runs for long: {compared} derivatives of each parameter are compared one by one instead of {of}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_how_many_are_compared() {
        let note = CheckNote::Sampled { compared: 2, of: 9 };
        assert!(note.to_string().contains("2 derivatives of each"), "{note}");
        assert!(note.to_string().ends_with("instead of 9"), "{note}");
    }
}
