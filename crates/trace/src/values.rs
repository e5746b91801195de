//! The numbers that a primal and its derivative have on the way, at one point.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check_note::CheckNote;
use crate::located::optional;
use crate::number;

/// Which execution of a line that runs several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Iteration {
    /// The first.
    First,
    /// The last.
    Last,
    /// The one of that number, from 1; of a line that runs less often, the last.
    Number(u64),
}

impl fmt::Display for Iteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Iteration::First => f.write_str("first"),
            Iteration::Last => f.write_str("last"),
            Iteration::Number(number) => write!(f, "{number}"),
        }
    }
}

impl FromStr for Iteration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "first" => Ok(Iteration::First),
            "last" => Ok(Iteration::Last),
            number => match number.parse() {
                Ok(number @ 1..) => Ok(Iteration::Number(number)),
                _ => Err("it is first, last, or a number from 1".to_owned()),
            },
        }
    }
}

/// The numbers of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// What it was run on.
    pub inputs: Map<String, Value>,
    /// Which execution of each line is told.
    pub iteration: Iteration,
    /// The lines that ran, in their order.
    pub lines: Vec<LineNumbers>,
    /// The first value that is not finite, or else the first adjoint or tangent, in the order in which they are
    /// computed.
    pub not_finite: Option<NotFinite>,
    /// What else is to be known about it.
    pub notes: Vec<CheckNote>,
}

/// The numbers of a line of the primal in one execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineNumbers {
    /// The line, from 1.
    pub line: u32,
    /// Which execution it is, from 1.
    pub execution: u64,
    /// How often the line ran.
    pub executions: u64,
    /// Its value, or what it stores.
    #[serde(with = "number")]
    pub value: f64,
    /// Its adjoint, when the derivative uses it, or its tangent; none if the derivative has none.
    #[serde(with = "optional")]
    pub derivative: Option<f64>,
}

/// Where a number is not finite for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotFinite {
    /// The line of the primal.
    pub line: u32,
    /// In which of its executions, from 1.
    pub execution: u64,
    /// It is the adjoint or the tangent of the value, and not the value itself.
    pub is_derivative: bool,
}
