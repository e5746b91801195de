//! The named points between the stages of a differentiation.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The named points between the stages of a differentiation, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// The function as rustc emitted it.
    Input,
    /// After the prepare pipeline.
    Prepared,
    /// The clone that Enzyme simplified for itself.
    Preprocessed,
    /// What Enzyme generated, untouched.
    Derivative,
    /// After the cleanup pipeline.
    Final,
}

impl Point {
    /// Every point, in the order in which a differentiation reaches them.
    pub const ALL: [Point; 5] = [
        Point::Input,
        Point::Prepared,
        Point::Preprocessed,
        Point::Derivative,
        Point::Final,
    ];
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Point::Input => "input",
            Point::Prepared => "prepared",
            Point::Preprocessed => "preprocessed",
            Point::Derivative => "derivative",
            Point::Final => "final",
        })
    }
}
