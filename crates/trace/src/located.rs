//! Where a derivative goes wrong.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check_fault::CheckFault;
use crate::check_note::CheckNote;
use crate::number;

/// What was found of a derivative that was followed from value to value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Located {
    /// Where the pseudo-random numbers began.
    pub seed: u64,
    /// At how many points derivatives were compared.
    pub points: u32,
    /// How many derivatives were compared.
    pub derivatives: u64,
    /// The inputs at which it was followed: those of the first point at which it is wrong.
    pub inputs: Map<String, Value>,
    /// What is wrong of the derivative as a whole; none if it is right.
    pub wrong: Option<WrongDerivative>,
    /// What is wrong beside that.
    pub faults: Vec<CheckFault>,
    /// The first value at which it goes wrong, if it was found.
    pub place: Option<WrongPlace>,
    /// How much was done to find it.
    pub followed: Followed,
    /// What else is to be known about it.
    pub notes: Vec<CheckNote>,
    /// It could be told for certain that the derivative is right.
    pub right: bool,
}

/// A wrong derivative.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrongDerivative {
    /// Of what and with respect to what, `w[3]`.
    pub place: String,
    /// What Enzyme's derivative gives.
    #[serde(with = "number")]
    pub derivative: f64,
    /// What is right.
    #[serde(with = "number")]
    pub reference: f64,
}

/// How much was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// How many values of the primal were computed on the way, each execution for itself.
    pub values: u64,
    /// How many of them were compared.
    pub compared: u64,
    /// How often the primal was run for that.
    pub runs: u64,
    /// The function computes too much to be followed there.
    #[serde(default)]
    pub too_much: bool,
    /// The run that tells what it computes gave bit for bit what the plain one gives.
    pub same_bits: bool,
}

/// The first value at which a derivative goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrongPlace {
    /// What goes wrong there.
    pub what: WrongWhat,
    /// The line of the primal, from 1; none for a parameter.
    pub line: Option<u32>,
    /// A parameter, or an element of what it leads to: `x[3]`.
    pub input: Option<String>,
    /// Which execution of the line it is, from 1; of how many.
    pub execution: u64,
    /// How often the line ran.
    pub executions: u64,
    /// What the primal has there.
    #[serde(with = "number")]
    pub value: f64,
    /// What the derivative has; none if it has nothing.
    #[serde(with = "optional")]
    pub derivative: Option<f64>,
    /// What it should have.
    #[serde(with = "number")]
    pub reference: f64,
    /// The lines of the primal whose rules make it, and of which one is at fault.
    pub rules: Vec<u32>,
    /// The lines of the derivative that should have made it, from 1.
    pub made_by: Vec<u32>,
    /// Where the wrong number comes from.
    pub origin: WrongOrigin,
}

/// What goes wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrongWhat {
    /// The adjoint of a value, when the derivative uses it.
    Adjoint,
    /// The adjoint of what a store left in memory.
    AdjointInMemory,
    /// The tangent of a value.
    Tangent,
    /// The tangent that a store left in memory.
    TangentInMemory,
    /// What the derivative computes for a value of the primal.
    Value,
}

/// Where a wrong number comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrongOrigin {
    /// The rule of a line uses another value than the primal had there.
    OtherValue {
        /// Whose value it is.
        line: u32,
        /// The line of the derivative that has it.
        at: u32,
        /// It was taken from a cache or computed again; else it was computed beside the primal's.
        again: bool,
        /// What the derivative has.
        #[serde(with = "number")]
        has: f64,
        /// What the primal had.
        #[serde(with = "number")]
        primal: f64,
    },
    /// The reverse sweep did not go through all executions of the line, or through more than there were.
    NotRetraced {
        /// How often it was undone.
        undone: u64,
        /// How often it ran.
        ran: u64,
    },
    /// Something was left in the place where the adjoint is added up.
    NotZeroed {
        /// What was left.
        #[serde(with = "number")]
        left: f64,
        /// It was left by the line that wrote over the same memory.
        by: Option<u32>,
    },
    /// Enzyme takes the value for one without a derivative.
    Inactive,
    /// An adjoint of zero was multiplied by a slope that is no finite number.
    ZeroTimesInfinite {
        /// Whose slope it is.
        line: u32,
    },
    /// The function takes a branch for a single value, and the derivative is that of the branch.
    SingleValue,
    /// The derivative of a function that is called.
    Called {
        /// Its symbol.
        symbol: String,
    },
    /// Enzyme does not know that a value is a float.
    NotKnownAsFloat {
        /// Whose value it is.
        line: u32,
    },
    /// The function computes with the bits of a float from here on, and no derivative goes through that.
    Bits,
    /// The derivative ended before it came there.
    Ended,
    /// That is not known.
    Unknown,
}

pub(crate) mod optional {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::number;

    #[derive(Serialize, Deserialize)]
    struct Number(#[serde(with = "number")] f64);

    pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, out: S) -> Result<S::Ok, S::Error> {
        value.map(Number).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        input: D,
    ) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Number>::deserialize(input)?.map(|Number(value)| value))
    }
}
