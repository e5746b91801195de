//! What a derivative did wrong beside its numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::number;
use crate::problem::Problem;

/// A fault of a derivative under check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckFault {
    /// It did with memory what no code may do.
    Memory(MemoryFault),
    /// It did not return where the primal does.
    Ended {
        /// How it ended.
        how: Problem,
    },
    /// It returns another value for the primal's.
    PrimalValue {
        /// What it returns.
        #[serde(with = "number")]
        given: f64,
        /// What the primal returns.
        #[serde(with = "number")]
        wanted: f64,
    },
}

/// Who gives memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allocator {
    /// Rust's.
    Rust,
    /// C's.
    C,
}

/// A misuse of memory. Sizes and alignments are in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryFault {
    /// Rust's allocator is asked for no bytes.
    EmptyAllocation,
    /// What nobody allocated is freed.
    FreesUnknown {
        /// By which allocator.
        by: Allocator,
        /// Its address.
        address: usize,
    },
    /// What was freed is freed again.
    FreesTwice {
        /// By which allocator.
        by: Allocator,
        /// Its size.
        size: usize,
    },
    /// What one allocator gave is freed by the other.
    FreesOther {
        /// By which allocator.
        by: Allocator,
        /// Which one gave it.
        of: Allocator,
        /// Its size.
        size: usize,
    },
    /// A block is freed with another size or alignment than it was allocated with.
    FreedAs {
        /// Size and alignment that it has.
        layout: (usize, usize),
        /// Those that it is freed with.
        claim: (usize, usize),
    },
    /// It wrote beside a block of the inputs.
    WroteBeside {
        /// The input that has it.
        parameter: String,
        /// It is the shadow's block.
        is_shadow: bool,
    },
    /// Something wrote behind a block.
    WroteBehind {
        /// The block's size.
        size: usize,
    },
    /// Something wrote to a block that was freed.
    WroteFreed {
        /// The block's size.
        size: usize,
    },
}

impl fmt::Display for CheckFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckFault::Memory(fault) => write!(f, "the derivative misused its memory: {fault}"),
            CheckFault::Ended { how } => write!(f, "{how}, where the function returns"),
            CheckFault::PrimalValue { given, wanted } => write!(
                f,
                "the derivative returns {given} for the primal's value, which is {wanted}"
            ),
        }
    }
}

impl fmt::Display for MemoryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MemoryFault::EmptyAllocation => f.write_str("Rust's allocates no bytes"),
            MemoryFault::FreesUnknown { by, address } => {
                write!(f, "{by:?}'s frees {address:#x}, which nobody allocated")
            }
            MemoryFault::FreesTwice { by, size } => {
                write!(f, "{by:?}'s frees {size} bytes a second time")
            }
            MemoryFault::FreesOther { by, of, size } => {
                write!(f, "{by:?}'s frees {size} bytes of {of:?}'s")
            }
            MemoryFault::FreedAs { layout, claim } => {
                write!(f, "{layout:?} is freed as {claim:?}")
            }
            MemoryFault::WroteBeside {
                parameter,
                is_shadow,
            } => {
                let what = if *is_shadow { " the shadow of" } else { "" };
                write!(f, "it wrote beside{what} {parameter}")
            }
            MemoryFault::WroteBehind { size } => {
                write!(f, "something wrote behind a block of {size} bytes")
            }
            MemoryFault::WroteFreed { size } => {
                write!(f, "something wrote to {size} bytes that were freed")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_was_done_to_what() {
        let fault = CheckFault::Memory(MemoryFault::FreesOther {
            by: Allocator::C,
            of: Allocator::Rust,
            size: 16,
        });
        assert_eq!(
            fault.to_string(),
            "the derivative misused its memory: C's frees 16 bytes of Rust's"
        );
        let fault = CheckFault::PrimalValue {
            given: 1.5,
            wanted: 2.0,
        };
        assert!(fault.to_string().contains("returns 1.5 for"), "{fault}");
    }

    #[test]
    fn what_is_no_number_crosses_too() {
        let fault = CheckFault::PrimalValue {
            given: f64::NAN,
            wanted: f64::NEG_INFINITY,
        };
        let json = serde_json::to_string(&fault).unwrap();
        let back: CheckFault = serde_json::from_str(&json).unwrap();
        assert_eq!(back.to_string(), fault.to_string());
    }
}
