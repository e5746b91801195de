//! The modes of differentiation, and what a parameter is to a derivative.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The two ways in which a derivative is accumulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Tangents: one directional derivative for each run.
    Forward,
    /// Gradients: the whole gradient of one output in one run.
    Reverse,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Forward => "forward",
            Mode::Reverse => "reverse",
        })
    }
}

/// What a parameter is to the derivative, in the words of `std::autodiff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Activity {
    /// Reverse: a scalar whose adjoint is returned.
    Active,
    /// Reverse: memory with a shadow that adjoints are added to.
    Duplicated,
    /// Reverse: the same, but the primal's result is not needed.
    DuplicatedOnly,
    /// Forward: a value that is followed by its tangent.
    Dual,
    /// Forward: the same, but the primal's result is not needed.
    DualOnly,
    /// Forward: memory whose shadows, one for each direction, lie behind each other in one block.
    Dualv,
    /// Forward: the same, but the primal's result is not needed.
    DualvOnly,
    /// Not differentiated.
    Const,
}

impl Activity {
    /// What a parameter may be in a mode.
    pub fn of_mode(mode: Mode) -> &'static [Activity] {
        match mode {
            Mode::Reverse => &[
                Activity::Active,
                Activity::Duplicated,
                Activity::DuplicatedOnly,
                Activity::Const,
            ],
            Mode::Forward => &[
                Activity::Dual,
                Activity::DualOnly,
                Activity::Dualv,
                Activity::DualvOnly,
                Activity::Const,
            ],
        }
    }
}

impl FromStr for Activity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Mode::Reverse, Mode::Forward]
            .into_iter()
            .flat_map(Activity::of_mode)
            .copied()
            .find(|activity| activity.to_string() == text)
            .ok_or_else(|| {
                format!(
                    "{text} is no activity: Active, Duplicated, DuplicatedOnly or Const in reverse mode; Dual, DualOnly, Dualv, DualvOnly or Const in forward mode"
                )
            })
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
