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
    /// Part of what the function gives was not compared.
    Uncompared(Uncompared),
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

/// Part of what a function gives, with nothing held against its derivative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncompared {
    /// That part: `return.residuals`.
    pub what: String,
    /// Why it was not compared.
    pub why: WhyUncompared,
}

/// Why part of what a function gives was not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyUncompared {
    /// The function allocates it, and reverse mode has no seed for that.
    NoSeed,
    /// It lies in memory that the check finds no way to.
    NoWay,
}

impl Uncompared {
    /// What it is called in a sentence.
    pub fn whole(&self) -> &str {
        match self.what.as_str() {
            "return" => "its result",
            what => what,
        }
    }
}

impl fmt::Display for Uncompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = &self.what;
        match self.why {
            WhyUncompared::NoSeed => write!(
                f,
                "{what}, which the function allocates, has no seed in reverse mode"
            ),
            WhyUncompared::NoWay => write!(f, "what {what} leads to was not looked at"),
        }
    }
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
            CheckNote::Uncompared(uncompared) => match uncompared.why {
                WhyUncompared::NoSeed => write!(
                    f,
                    "the function allocates {}, which has no seed in reverse mode then and is not compared: have the function write to a slice, or take forward mode",
                    uncompared.whole()
                ),
                WhyUncompared::NoWay => write!(
                    f,
                    "what {} leads to is not compared: it lies in memory that the function allocates, and irad knows no way to it",
                    uncompared.whole()
                ),
            },
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
