//! A named point, as clap takes it.

use clap::ValueEnum;
use trace::Point;

/// A point between the stages of a differentiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PointName {
    /// As rustc emitted it.
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

impl From<PointName> for Point {
    fn from(point: PointName) -> Self {
        match point {
            PointName::Input => Point::Input,
            PointName::Prepared => Point::Prepared,
            PointName::Preprocessed => Point::Preprocessed,
            PointName::Derivative => Point::Derivative,
            PointName::Final => Point::Final,
        }
    }
}
