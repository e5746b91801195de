//! Flags that may get past a refusal.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Flags to be added to the command as it was, or left out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// The flags, as on the command line.
    pub flags: Vec<String>,
    /// Flags without a value that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// What this does, or what it costs.
    pub why: TryReason,
}

impl Try {
    /// Flags and what they are for.
    pub fn new(flags: &[&str], why: TryReason) -> Self {
        Try {
            flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
            without: Vec::new(),
            why,
        }
    }

    /// The command without a flag.
    pub fn without(flag: &str, why: TryReason) -> Self {
        Try {
            flags: Vec::new(),
            without: vec![flag.to_owned()],
            why,
        }
    }

    /// What is added or left out, in a few words.
    pub fn name(&self) -> String {
        match self.without.as_slice() {
            [] => self.flags.join(" "),
            left_out => format!("without {}", left_out.join(" ")),
        }
    }
}

/// What flags do, or what they cost. Documents and traces have it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum TryReason {
    /// Types may nest deeper.
    DeeperTypes,
    /// A function is taken for inactive.
    Inactive,
    /// Activity is decided at run time.
    RuntimeActivity,
    /// Types are guessed.
    LooseTypes,
    /// Globals are taken for constant.
    GlobalsInactive,
    /// The default prepare pipeline runs.
    Prepare,
    /// No prepare pipeline runs.
    NoPrepare,
    /// The function is fully optimised first.
    PrepareFully,
    /// irad prepares the function for Enzyme.
    Repair,
    /// The other mode is asked for.
    OtherMode,
    /// What is zero stays zero, whatever it is multiplied by.
    StrongZero,
    /// As much as possible is kept for the reverse sweep.
    MaxCache,
    /// Enzyme keeps what it needs, and no smaller set that the rest follows from.
    NoMinCut,
    /// Nothing is allocated and filled again in the reverse sweep.
    NoRematerialising,
    /// Derivatives are computed in the order in which they are written.
    NoFastMath,
    /// Memory may hold several types.
    NoStrictAliasing,
    /// Types come from debug info.
    RustTypes,
}

impl TryReason {
    const ALL: [TryReason; 17] = [
        TryReason::DeeperTypes,
        TryReason::Inactive,
        TryReason::RuntimeActivity,
        TryReason::LooseTypes,
        TryReason::GlobalsInactive,
        TryReason::Prepare,
        TryReason::NoPrepare,
        TryReason::PrepareFully,
        TryReason::Repair,
        TryReason::OtherMode,
        TryReason::StrongZero,
        TryReason::MaxCache,
        TryReason::NoMinCut,
        TryReason::NoRematerialising,
        TryReason::NoFastMath,
        TryReason::NoStrictAliasing,
        TryReason::RustTypes,
    ];

    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            TryReason::DeeperTypes => "follows pointers to pointers further",
            TryReason::Inactive => "takes your word for it that no derivative flows through it",
            TryReason::RuntimeActivity => {
                "decides at run time, at some cost, whether memory is active"
            }
            TryReason::LooseTypes => "lets Enzyme guess; the result may be wrong, and says so",
            TryReason::GlobalsInactive => {
                "takes every global for constant: right only if no derivative flows through one"
            }
            TryReason::Prepare => "prepares the function as irad does by default",
            TryReason::NoPrepare => {
                "hands Enzyme the function as rustc emitted it, with its structs and names"
            }
            TryReason::PrepareFully => "optimises the function fully first",
            TryReason::Repair => "prepares the function so that Enzyme gets it right",
            TryReason::OtherMode => "computes the same derivative in the other direction",
            TryReason::MaxCache => "keeps as much as possible for the reverse sweep",
            TryReason::NoMinCut => "keeps every value that the reverse sweep needs",
            TryReason::NoRematerialising => {
                "keeps memory that the reverse sweep needs, instead of filling it again"
            }
            TryReason::NoFastMath => "computes the derivative without reordering",
            TryReason::StrongZero => {
                "keeps an adjoint of zero zero, also where a slope is infinite"
            }
            TryReason::NoStrictAliasing => "lets memory hold values of several types, as Rust does",
            TryReason::RustTypes => "reads types from Rust's debug info; needs -C debuginfo=2",
        }
    }
}

impl fmt::Display for TryReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl From<TryReason> for &'static str {
    fn from(reason: TryReason) -> Self {
        reason.words()
    }
}

impl TryFrom<String> for TryReason {
    type Error = String;

    fn try_from(words: String) -> Result<Self, Self::Error> {
        let found = TryReason::ALL
            .into_iter()
            .find(|reason| reason.words() == words);
        found.ok_or_else(|| format!("{words:?} is no reason to try a flag"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_come_back_from_their_words() {
        for reason in TryReason::ALL {
            assert_eq!(TryReason::try_from(reason.words().to_owned()), Ok(reason));
        }
    }
}
