//! The activities of a signature as Enzyme numbers them.

use std::ffi::c_int;

use enzyme_sys::logic;
use inkwell::values::FunctionValue;
use trace::{Activity, Signature};

/// Enzyme's activity of what is returned. A result that is written to memory is a parameter to Enzyme.
pub(crate) fn return_activity(signature: &Signature) -> c_int {
    let returned = signature.returns.as_ref();
    returned
        .filter(|_| signature.result_at.is_none())
        .map_or(logic::DFT_CONSTANT, |returns| diffe_type(returns.activity))
}

/// True when the derivative returns what the primal returns.
pub(crate) fn returns_primal(signature: &Signature) -> bool {
    signature.primal_returned
        && signature.result_at.is_none()
        && signature.returns.as_ref().is_some_and(|returns| {
            !matches!(
                returns.activity,
                Activity::DualOnly | Activity::DualvOnly | Activity::DuplicatedOnly
            )
        })
}

/// One of Enzyme's activities for each IR parameter.
pub(crate) fn argument_activities(
    function: FunctionValue<'_>,
    signature: &Signature,
) -> Vec<c_int> {
    let count = function.count_params() as usize;
    let mut activities = vec![logic::DFT_CONSTANT; count];
    for parameter in &signature.parameters {
        for (at, part) in parameter.parts.iter().enumerate() {
            activities[parameter.first + at] = diffe_type(*part);
        }
    }
    if let (Some(at), Some(returns)) = (signature.result_at, &signature.returns) {
        activities[at] = match (diffe_type(returns.activity), signature.primal_returned) {
            (logic::DFT_DUP_ARG, false) => logic::DFT_DUP_NONEED,
            (activity, _) => activity,
        };
    }
    activities
}

fn diffe_type(activity: Activity) -> c_int {
    match activity {
        Activity::Active => logic::DFT_OUT_DIFF,
        Activity::Duplicated | Activity::Dual | Activity::Dualv => logic::DFT_DUP_ARG,
        Activity::DuplicatedOnly | Activity::DualOnly | Activity::DualvOnly => {
            logic::DFT_DUP_NONEED
        }
        Activity::Const => logic::DFT_CONSTANT,
    }
}
