//! Why Enzyme keeps a value for the reverse sweep.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reason to keep a value, or not to trust that it can be read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caching {
    /// Memory that was read may be overwritten.
    Overwritten {
        /// The instruction that may write there.
        by: String,
    },
    /// Memory that was read is overwritten by a later iteration of a loop, which irad has told Enzyme.
    OverwrittenLater,
    /// It is kept so that something else need not be.
    ChosenFor {
        /// The value that is computed from it.
        value: String,
    },
    /// It is a phi of a loop.
    LoopCarried,
    /// It cannot be computed again.
    NotRecomputable,
    /// It could be computed again, at a price.
    Costly,
}

impl fmt::Display for Caching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Caching::Overwritten { by } => write!(
                f,
                "may be overwritten before the reverse sweep reads it: {by}"
            ),
            Caching::OverwrittenLater => {
                f.write_str("a later iteration may overwrite it before the reverse sweep reads it")
            }
            Caching::ChosenFor { value } => write!(f, "kept because of {value}"),
            Caching::LoopCarried => f.write_str(
                "a loop carries it, and the reverse sweep goes through that loop backwards",
            ),
            Caching::NotRecomputable => f.write_str("the reverse sweep cannot compute it again"),
            Caching::Costly => f.write_str(
                "the reverse sweep could compute it again, and would need more for that",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overwrites_is_named() {
        let reason = Caching::Overwritten {
            by: "store double %x, ptr %p".to_owned(),
        };
        assert_eq!(
            reason.to_string(),
            "may be overwritten before the reverse sweep reads it: store double %x, ptr %p"
        );
    }
}
