//! What a differentiation gives.

use trace::{Activity, Differentiated, Parameter, RustType, Signature};

use crate::types::shape::Shape;

/// A derivative, and what the parameters of its primal are.
pub(crate) struct Derived {
    pub(crate) names: Differentiated,
    pub(crate) signature: Signature,
    pub(crate) shapes: Vec<Shape>,
    /// What the primal returns, where that is known.
    pub(crate) returns: Option<RustType>,
}

impl Derived {
    /// What a shape is to the derivative: a parameter, or the place of the result.
    pub(crate) fn parameter(&self, shape: usize) -> &Parameter {
        let first = self.shapes[shape].first;
        let by_place = self.signature.parameters.iter().find(|p| p.first == first);
        by_place
            .or(self.signature.returns.as_ref())
            .expect("a shape is a parameter or the result")
    }

    /// What the value is to the derivative that comes back in registers, if any does.
    pub(crate) fn returned(&self) -> Option<Activity> {
        match self.signature.result_at {
            Some(_) => None,
            None => self
                .signature
                .returns
                .as_ref()
                .map(|returns| returns.activity),
        }
    }
}
