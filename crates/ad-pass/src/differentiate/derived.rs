//! What a differentiation gives.

use crate::differentiate::called::CalledFunctions;
use llvm_shim::{Origin, Roles};
use trace::{Activity, AdRole, Differentiated, Explained, Parameter, Part, RustType, Signature};

use crate::types::shape::Shape;

/// A derivative, and what the parameters of its primal are.
pub(crate) struct Derived {
    pub(crate) names: Differentiated,
    pub(crate) signature: Signature,
    pub(crate) shapes: Vec<Shape>,
    /// What the primal returns, where that is known.
    pub(crate) returns: Option<RustType>,
    /// What is known of its instructions, if that was asked for ([`trace::Watch::Values`]).
    pub(crate) known: Option<KnownDerivative>,
}

/// What is known of the instructions of a derivative as Enzyme generated it. It is numbered by source locations, as is
/// the primal that Enzyme simplified for itself.
pub(crate) struct KnownDerivative {
    /// The symbol of that primal.
    pub(crate) primal: String,
    /// The symbol of the derivative itself, which may have a wrapper around it.
    pub(crate) derivative: String,
    pub(crate) roles: Roles,
    /// What Enzyme said of each; empty if it said nothing.
    pub(crate) origins: Vec<Origin>,
    pub(crate) explained: Explained,
    /// What is known of the functions that both call ([`trace::Watch::Counts`]).
    pub(crate) called: CalledFunctions,
}

impl KnownDerivative {
    /// How many instructions at the start of a reverse-mode derivative only make and empty places for adjoints.
    pub(crate) fn slots(&self) -> u32 {
        let parts = self.explained.derivative.iter();
        let is_start = |part: &&Part| matches!(part.role, AdRole::Adjoint | AdRole::Control);
        u32::try_from(parts.take_while(is_start).count()).unwrap_or(0)
    }
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
