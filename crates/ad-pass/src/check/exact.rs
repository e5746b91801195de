//! The tangents that the function itself has, computed with dual numbers along the branches that it takes.
//!
//! `llvm_shim::instrument` has the primal compute them. They owe nothing to Enzyme, and have no truncation
//! error. What they do not see is a branch that the function takes for a single value (`if x == 0.0`): the
//! derivative of that branch is not the function's. Differences see it.

use super::allocated::Left;
use super::half;
use super::image::{Image, Instance, tangent};
use super::panic::Ended;
use super::run::Primal;

/// What a run with tangents gave.
#[derive(Clone, Debug)]
pub(super) struct Exact {
    /// The tangents of what is returned.
    pub(super) returns: Vec<f64>,
    /// Those of the floats that were asked for.
    pub(super) outputs: Vec<f64>,
    /// Those of the floats in memory that was allocated and handed over.
    pub(super) allocated: Left,
    /// It met an infinite slope where nothing moved.
    pub(super) singular: bool,
    /// A tangent was lost, so that nothing can be said.
    pub(super) unknown: bool,
}

/// Runs the primal on `image` moving along `direction`, and gives the tangents of what it returns and of
/// the floats at the positions `outputs`.
pub(super) fn exact(
    primal: &Primal<'_>,
    image: &Image,
    direction: &[(usize, f64)],
    outputs: impl Iterator<Item = usize>,
) -> Result<Exact, Ended> {
    exact_in(primal, image, &mut Instance::of(image), direction, outputs)
}

/// The same in memory of the caller's.
pub(super) fn exact_in(
    primal: &Primal<'_>,
    image: &Image,
    memory: &mut Instance,
    direction: &[(usize, f64)],
    outputs: impl Iterator<Item = usize>,
) -> Result<Exact, Ended> {
    llvm_shim::reset_tangents();
    for (at, tangent) in direction {
        let float = &image.floats[*at];
        let address = memory.address(float.block).wrapping_add(float.at);
        match float.bits {
            16 => {
                llvm_shim::set_tangent(address, &half::from_f64(*tangent).to_le_bytes());
            }
            32 => llvm_shim::set_tangent(address, &(*tangent as f32).to_le_bytes()),
            _ => llvm_shim::set_tangent(address, &tangent.to_le_bytes()),
        }
    }
    primal.run(image, memory)?;
    let met = llvm_shim::met();
    let outputs = outputs
        .map(|at| {
            let float = &image.floats[at];
            tangent(
                memory.address(float.block).wrapping_add(float.at),
                float.bits,
            )
        })
        .collect();
    Ok(Exact {
        returns: primal.tangents(),
        outputs,
        allocated: primal.left(),
        singular: met.singular,
        unknown: met.unknown,
    })
}
