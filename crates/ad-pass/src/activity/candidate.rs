//! A parameter or the result, with what its activity is chosen by.

use trace::{Activity, ActivityReason, AdOptions, Mode, Parameter, RustSignature, TypeSource};

use crate::types::aggregate::Holds;
use crate::types::shape::Shape;
use crate::types::ty::{ActivityClass, Ty};

/// A parameter or the result, with what activities are chosen by.
pub(crate) struct Candidate {
    pub(crate) shape: Shape,
    pub(crate) parameter: Parameter,
    /// It is what the function returns.
    pub(crate) is_result: bool,
}

impl Candidate {
    pub(crate) fn parameter(shape: Shape, mode: Mode) -> Self {
        let (activity, reason) = choose(&shape, mode);
        Candidate {
            parameter: Parameter {
                name: shape.name.clone(),
                first: shape.first,
                count: shape.count,
                ty: shape.text(),
                activity,
                parts: Vec::new(),
                reason,
                source: shape.source,
            },
            shape,
            is_result: false,
        }
    }

    /// A result that is written where the caller says.
    pub(crate) fn written(shape: Shape, mode: Mode) -> Self {
        let mut candidate = Candidate::parameter(shape, mode);
        candidate.parameter.name = String::new();
        candidate.is_result = true;
        candidate
    }

    /// A result in registers.
    pub(crate) fn returned(ty: Ty, known: Option<&RustSignature>, ad: &AdOptions) -> Self {
        let stated = ad.signature.is_some();
        let known = known.and_then(|known| known.returns.clone());
        let source = match (&known, stated) {
            (None, _) => TypeSource::Uses,
            (Some(_), true) => TypeSource::Stated,
            (Some(_), false) => TypeSource::DebugInfo,
        };
        let shape = Shape {
            name: String::new(),
            first: 0,
            count: 1,
            ty,
            known,
            source,
            stated: Vec::new(),
        };
        let mut candidate = Candidate::parameter(shape, ad.mode);
        // The tag of an `Option` or a count beside the float has no derivative of its own.
        if let Ty::Aggregate {
            holds: Holds::FloatsAndNumbers | Holds::FloatsAndPointers,
            ..
        } = candidate.shape.ty
        {
            candidate.parameter.activity = match ad.mode {
                Mode::Forward => Activity::Dual,
                Mode::Reverse => Activity::Active,
            };
            candidate.parameter.reason = ActivityReason::WithFloat;
        }
        // What a returned pointer leads to belongs to somebody else.
        if candidate.shape.ty.activity_class() == ActivityClass::Memory {
            candidate.parameter.activity = Activity::Const;
            candidate.parameter.reason = ActivityReason::ReturnedPointer;
        }
        candidate.is_result = true;
        candidate
    }

    /// What it is called in errors.
    pub(crate) fn called(&self) -> &str {
        if self.is_result {
            "return"
        } else {
            &self.parameter.name
        }
    }
}

fn choose(shape: &Shape, mode: Mode) -> (Activity, ActivityReason) {
    let (scalar, memory) = match mode {
        Mode::Forward => (Activity::Dual, Activity::Dual),
        Mode::Reverse => (Activity::Active, Activity::Duplicated),
    };
    if shape.ty.activity_class() == ActivityClass::Memory && !matches!(shape.ty, Ty::Pair(_)) {
        match shape.may_reach_floats() {
            Some(true) => return (memory, ActivityReason::HoldsFloats),
            Some(false) => return (Activity::Const, ActivityReason::HoldsNoFloat),
            None => {}
        }
    }
    match &shape.ty {
        Ty::Float(_) => (scalar, ActivityReason::Float),
        Ty::Integer(_) => (Activity::Const, ActivityReason::Integer),
        Ty::FloatBits(_) => (Activity::Const, ActivityReason::FloatBits),
        Ty::Slice(contents) | Ty::Pointer { contents, .. } | Ty::Result { contents, .. } => {
            if !contents.floats.is_empty() {
                (memory, ActivityReason::HoldsFloats)
            } else if contents.may_hold_floats() {
                (memory, ActivityReason::MayHoldFloats)
            } else {
                (Activity::Const, ActivityReason::UsesNoFloat)
            }
        }
        Ty::Pair(_) => {
            let all = match shape.ty.activity_class() {
                ActivityClass::Memory => memory,
                _ => scalar,
            };
            let parts = shape.parts(all, mode);
            let differentiated = |wanted: Activity| parts.contains(&wanted);
            if differentiated(memory) && all == memory {
                (memory, ActivityReason::PairOfMemory)
            } else if differentiated(scalar) {
                (scalar, ActivityReason::PairOfFloat)
            } else {
                (Activity::Const, ActivityReason::PairOfNone)
            }
        }
        Ty::Object => (Activity::Const, ActivityReason::Object),
        Ty::Aggregate { holds, .. } => match holds {
            Holds::Floats => (scalar, ActivityReason::Floats),
            // A number beside it has neither adjoint nor tangent, and Enzyme knows that.
            Holds::FloatsAndNumbers => (scalar, ActivityReason::WithFloat),
            // Of the memory there would have to be a shadow, and of the float none.
            Holds::FloatsAndPointers => (Activity::Const, ActivityReason::WithPointer),
            Holds::NoFloat => (Activity::Const, ActivityReason::Mixed),
            Holds::Scalable => (Activity::Const, ActivityReason::Scalable),
        },
    }
}
