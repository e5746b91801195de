//! Why a parameter has its activity.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reason. Documents and traces have it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum ActivityReason {
    /// Somebody chose it.
    Stated,
    /// The module's own call to Enzyme says so.
    Asked,
    /// `--wrt` names others.
    NotWrt,
    /// A float.
    Float,
    /// An integer.
    Integer,
    /// Bits of floats in an integer.
    FloatBits,
    /// Memory with floats.
    HoldsFloats,
    /// Memory that may have floats.
    MayHoldFloats,
    /// Memory without floats, by its type.
    HoldsNoFloat,
    /// Memory without floats, by its uses.
    UsesNoFloat,
    /// A pair that leads to memory with floats.
    PairOfMemory,
    /// A pair with a float.
    PairOfFloat,
    /// A pair without a float.
    PairOfNone,
    /// A trait object.
    Object,
    /// An aggregate of floats.
    Floats,
    /// An aggregate with a float.
    WithFloat,
    /// An aggregate of something else than floats.
    Mixed,
    /// A pointer that is returned.
    ReturnedPointer,
    /// An aggregate with a float and a pointer.
    WithPointer,
    /// A vector of a length that the processor chooses.
    Scalable,
}

impl ActivityReason {
    const ALL: [ActivityReason; 20] = [
        ActivityReason::Stated,
        ActivityReason::Asked,
        ActivityReason::NotWrt,
        ActivityReason::Float,
        ActivityReason::Integer,
        ActivityReason::FloatBits,
        ActivityReason::HoldsFloats,
        ActivityReason::MayHoldFloats,
        ActivityReason::HoldsNoFloat,
        ActivityReason::UsesNoFloat,
        ActivityReason::PairOfMemory,
        ActivityReason::PairOfFloat,
        ActivityReason::PairOfNone,
        ActivityReason::Object,
        ActivityReason::Floats,
        ActivityReason::WithFloat,
        ActivityReason::Mixed,
        ActivityReason::ReturnedPointer,
        ActivityReason::WithPointer,
        ActivityReason::Scalable,
    ];

    /// True where floats are there that a constant parameter leaves without a derivative.
    pub fn has_floats(self) -> bool {
        matches!(
            self,
            ActivityReason::FloatBits
                | ActivityReason::HoldsFloats
                | ActivityReason::MayHoldFloats
                | ActivityReason::PairOfMemory
                | ActivityReason::Floats
                | ActivityReason::WithFloat
                | ActivityReason::Mixed
                | ActivityReason::WithPointer
                | ActivityReason::Scalable
        )
    }

    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            ActivityReason::Stated => "stated",
            ActivityReason::Asked => "its marker in the call to Enzyme",
            ActivityReason::NotWrt => "not among those of --wrt",
            ActivityReason::Float => "a float",
            ActivityReason::Integer => "an integer",
            ActivityReason::FloatBits => {
                "floats packed into an integer, which have no shadow of their own"
            }
            ActivityReason::HoldsFloats => "memory that holds floats",
            ActivityReason::MayHoldFloats => "memory that may hold floats",
            ActivityReason::HoldsNoFloat => "memory that holds no float",
            ActivityReason::UsesNoFloat => "memory that no float is read from or written to",
            ActivityReason::PairOfMemory => "a pair that leads to memory with floats",
            ActivityReason::PairOfFloat => "a pair with a float",
            ActivityReason::PairOfNone => "a pair without a float",
            ActivityReason::Object => "a trait object, of which nothing is known before run time",
            ActivityReason::Floats => "floats",
            ActivityReason::WithFloat => "an aggregate with a float",
            ActivityReason::Mixed => "an aggregate that is not floats alone",
            ActivityReason::ReturnedPointer => "a pointer",
            ActivityReason::WithPointer => {
                "an aggregate by value with a float and a pointer: pass it by reference"
            }
            ActivityReason::Scalable => {
                "a vector as long as the processor chooses, which Enzyme cannot differentiate"
            }
        }
    }
}

impl fmt::Display for ActivityReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl From<ActivityReason> for &'static str {
    fn from(reason: ActivityReason) -> Self {
        reason.words()
    }
}

impl TryFrom<String> for ActivityReason {
    type Error = String;

    fn try_from(words: String) -> Result<Self, Self::Error> {
        let found = ActivityReason::ALL
            .into_iter()
            .find(|reason| reason.words() == words);
        found.ok_or_else(|| format!("{words:?} is no reason for an activity"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_come_back_from_their_words() {
        for reason in ActivityReason::ALL {
            assert_eq!(
                ActivityReason::try_from(reason.words().to_owned()),
                Ok(reason)
            );
        }
    }
}
