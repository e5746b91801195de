//! Runs a derivative once.

use trace::{Diagnosis, Mode, Runner};

use super::super::compare::is_active;
use super::super::heap::Account;
use super::super::panic::Ended;
use super::super::point::Point;
use super::super::run::Derivative;
use super::super::sweeps::Seeds;
use crate::differentiate::derived::Derived;

/// Runs the derivative once: from a seed of one for every result, or with every input moving by one.
pub(super) fn sweep(
    derived: &Derived,
    derivative: &Derivative<'_>,
    point: &Point,
) -> Result<Account, Ended> {
    let width = derived.signature.width as usize;
    let given = match derived.signature.mode {
        Mode::Reverse => {
            let seeds = Seeds {
                returned: vec![1.0; derivative.seeds()],
                memory: point.outputs.iter().map(|(at, _)| (*at, 1.0)).collect(),
            };
            point.adjoints((derivative, derived), &seeds.each(width))?.1
        }
        Mode::Forward => {
            let floats = point.image().floats.iter().enumerate();
            let moving: Vec<(usize, f64)> = floats
                .filter(|(_, float)| {
                    is_active(derived.parameter(float.parameter).activity) && !float.is_result
                })
                .map(|(at, _)| (at, 1.0))
                .collect();
            point.tangents(derivative, &vec![&moving[..]; width])?.1
        }
    };
    Ok(given.account)
}

/// The function did not come to its end, where it had done before.
pub(super) fn primal_ended(ended: Ended) -> Diagnosis {
    ended.diagnosis(Runner::Primal, &[])
}

/// The derivative did not come to its end, where the function did.
pub(super) fn derivative_ended(ended: Ended) -> Diagnosis {
    ended.diagnosis(Runner::Derivative, &[])
}
