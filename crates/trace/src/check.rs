//! Running a derivative's numbers: what is asked, and what came out.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::activity::{Activity, Mode};
use crate::check_fault::CheckFault;
use crate::check_note::{CheckNote, Uncompared};
use crate::not_compared::NotCompared;
use crate::number;

/// How the inputs are made and what the derivative is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Where the pseudo-random numbers begin.
    pub seed: u64,
    /// At how many points derivatives are compared at most.
    pub points: u32,
    /// How many elements of each parameter are compared one by one; the rest along directions.
    pub samples: u32,
    /// Lengths of slices and buffers, in elements, by parameter.
    pub lengths: Vec<(String, u64)>,
    /// Ranges of floats and integers, by parameter, both ends included.
    pub ranges: Vec<(String, f64, f64)>,
    /// Values by parameter, as JSON objects, one for each point; what is missing is made up.
    pub inputs: Vec<serde_json::Map<String, Value>>,
    /// Compare with a hand-written backward function.
    pub manual: Option<Manual>,
    /// Compare forward with reverse mode, too.
    pub cross: bool,
    /// The function may do what it likes, and not only compute.
    #[serde(default)]
    pub unguarded: bool,
    /// Tell the inputs of all points, and not of the first only.
    pub all_inputs: bool,
}

impl Default for Check {
    fn default() -> Self {
        Check {
            seed: 1,
            points: 40,
            samples: 24,
            lengths: Vec::new(),
            ranges: Vec::new(),
            inputs: Vec::new(),
            manual: None,
            cross: true,
            unguarded: false,
            all_inputs: false,
        }
    }
}

/// A hand-written backward function in the same module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manual {
    /// Its symbol.
    pub function: String,
    /// What its parameters are: the name of one, and what it stands for.
    pub map: Vec<(String, String)>,
}

/// What came out of a check.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// Where the pseudo-random numbers began.
    pub seed: u64,
    /// At how many points derivatives were compared.
    pub points: u32,
    /// How many points were left out: the function is not finite there, or does not run to its end.
    #[serde(default)]
    pub left_out: u32,
    /// The blocks of the primal that ran at any of them.
    #[serde(default)]
    pub blocks: Blocks,
    /// The inputs, an object for each point: what [`Check::inputs`] takes. Of the first point only, unless all are
    /// asked for.
    pub inputs: Vec<serde_json::Map<String, Value>>,
    /// Against finite differences.
    pub differences: Vec<Compared>,
    /// Forward against reverse: the dot-product identity.
    pub cross: Option<Cross>,
    /// Against the hand-written function.
    pub manual: Vec<Compared>,
    /// What the derivative did to its memory that no code may do.
    pub faults: Vec<CheckFault>,
    /// What else is to be known about it.
    pub notes: Vec<CheckNote>,
}

impl Checked {
    /// True when the derivative is wrong: it differs from what it was compared with, or does what no code may do.
    /// If it agrees with all that and only the other mode does not, the other mode is at fault.
    pub fn disagrees(&self) -> bool {
        let parts = self.differences.iter().chain(&self.manual);
        let cross = self.cross.as_ref().map(|cross| cross.judgement);
        !self.faults.is_empty()
            || parts.map(|part| part.judgement).any(Judgement::is_failure)
            || (cross.is_some_and(Judgement::is_failure) && !self.agrees())
    }

    /// True when everything that was compared agreed, and something was that is not zero on both
    /// sides, as it is of inputs that the function does nothing with.
    pub fn passed(&self) -> bool {
        !self.disagrees() && self.agrees()
    }

    /// True when the other mode differs, and this one is right.
    pub fn other_mode_is_wrong(&self) -> bool {
        let cross = self.cross.as_ref().map(|cross| cross.judgement);
        cross.is_some_and(Judgement::is_failure) && self.passed()
    }

    /// True where the function is finite at no point, so that there is nothing to go by.
    pub fn is_never_finite(&self) -> bool {
        self.notes.contains(&CheckNote::NeverFinite)
    }

    /// The part of what the function gives that was not compared.
    pub fn uncompared(&self) -> Option<&Uncompared> {
        self.notes.iter().find_map(|note| match note {
            CheckNote::Uncompared(uncompared) => Some(uncompared),
            _ => None,
        })
    }

    fn agrees(&self) -> bool {
        let parts = &self.differences;
        !self.is_never_finite()
            && parts
                .iter()
                .any(|part| part.judgement == Judgement::Agrees && part.compared > part.zeros)
            && parts.iter().all(|part| {
                part.judgement != Judgement::Inconclusive && !part.judgement.is_failure()
            })
    }
}

/// Blocks of the primal, and of the functions of the user's own that it calls. Those that end in a panic do not
/// count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    /// How many there are.
    pub of: u64,
    /// How many ran.
    pub reached: u64,
    /// Where those are that never did.
    pub missed: Vec<MissedBlock>,
}

impl Blocks {
    /// The lines of those that never ran, or their functions, each once.
    pub fn places(&self) -> Vec<String> {
        let places: BTreeSet<String> = self
            .missed
            .iter()
            .map(|block| match &block.line {
                Some((file, line)) => format!("{file}:{line}"),
                None => format!("in {}", block.function),
            })
            .collect();
        places.into_iter().collect()
    }
}

/// A block that never ran.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MissedBlock {
    /// The function, demangled.
    pub function: String,
    /// File and line, where debug info has them.
    pub line: Option<(String, u32)>,
}

/// The derivative with respect to one parameter, compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The parameter.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// What it is to the derivative.
    pub activity: Activity,
    /// How many floats it has.
    pub elements: u64,
    /// How many derivatives were compared, over all points.
    pub compared: u64,
    /// How many of them were no different from zero on both sides.
    pub zeros: u64,
    /// The largest absolute difference.
    #[serde(with = "number")]
    pub absolute: f64,
    /// The largest difference relative to the larger of both; where one is tiny, to the largest
    /// derivative of this parameter.
    #[serde(with = "number")]
    pub relative: f64,
    /// The comparison that was the worst.
    pub worst: Option<Comparison>,
    /// How it ended.
    #[serde(rename = "verdict")]
    pub judgement: Judgement,
    /// How many comparisons met a kink, an undefined value, or told nothing.
    pub kinks: u64,
    /// Values that were not a number or infinite on both sides.
    pub undefined: u64,
    /// Differences too rough to tell.
    pub rough: u64,
}

/// One derivative and what it was compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Of what and with respect to what, `w[3]`.
    pub place: String,
    /// The derivative.
    #[serde(with = "number")]
    pub derivative: f64,
    /// The reference: the tangent of dual numbers, a central difference, or the hand-written function's result.
    #[serde(with = "number")]
    pub reference: f64,
    /// What says so beside the derivative.
    #[serde(default)]
    pub by: ReferenceBy,
    /// At which point, counted from 0.
    #[serde(default)]
    pub point: u32,
    /// The step of the central difference that was the best.
    pub step: Option<f64>,
    /// The error that the central difference itself is estimated to have.
    pub estimated: Option<f64>,
}

/// What a derivative was compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceBy {
    /// Dual numbers and central differences, which agree.
    Both,
    /// Dual numbers; differences are too rough there, or were not needed.
    Dual,
    /// Central differences; dual numbers were not to be had.
    #[default]
    Differences,
    /// Another derivative: a hand-written one, or the same one on another shadow.
    Other,
}

/// The dot-product identity: what forward mode makes of a tangent, weighed by a seed, is what
/// reverse mode makes of the seed, weighed by the tangent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cross {
    /// The mode that was not asked for.
    pub other: Mode,
    /// The sum over outputs of seed times tangent.
    #[serde(with = "number")]
    pub forward: f64,
    /// The sum over inputs of adjoint times tangent.
    #[serde(with = "number")]
    pub reverse: f64,
    /// The largest difference, relative to the sum of the terms' sizes.
    #[serde(with = "number")]
    pub relative: f64,
    /// How it ended.
    #[serde(rename = "verdict")]
    pub judgement: Judgement,
    /// Why there is no comparison, where there is none.
    pub reason: Option<NotCompared>,
}

/// How a comparison ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// Both sides agree.
    Agrees,
    /// There is nothing to compare.
    Nothing,
    /// The function has a kink there; the derivative is that of one side.
    Kink,
    /// The function itself is infinite or not a number there.
    Undefined,
    /// The differences are too rough to tell.
    Inconclusive,
    /// The derivative is not a number although the function is smooth.
    Nan,
    /// The sides disagree.
    Disagrees,
}

impl Judgement {
    /// True for what makes a check fail.
    pub fn is_failure(self) -> bool {
        matches!(self, Judgement::Disagrees | Judgement::Nan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_survives_the_way() {
        for derivative in [1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let comparison = Comparison {
                place: "x".to_owned(),
                derivative,
                reference: 0.1,
                by: ReferenceBy::Dual,
                point: 0,
                step: None,
                estimated: None,
            };
            let text = serde_json::to_string(&comparison).unwrap();
            let back: Comparison = serde_json::from_str(&text).unwrap();
            assert!(
                back.derivative == derivative || (back.derivative.is_nan() && derivative.is_nan())
            );
        }
    }
}
