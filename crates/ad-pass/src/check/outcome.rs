//! What the function does with its inputs.

use std::collections::BTreeMap;

use super::image::{Image, Instance};
use super::panic::Ended;
use super::run::Primal;

/// What the function did with its inputs.
pub(super) struct Outcome {
    /// Everything that it gave is finite.
    pub(super) is_finite: bool,
    /// A change of its inputs changes what it gives.
    pub(super) does_something: bool,
}

/// Runs the function at a point and beside it.
pub(super) fn outcome(primal: &Primal<'_>, image: &Image) -> Result<Outcome, Ended> {
    let mut memory = Instance::of(image);
    let (returns, changed) = values(primal, image, &mut memory)?;
    let left = primal.left();
    let mut beside = image.clone();
    for float in &image.floats {
        let value = image.float(float);
        beside.set_float(float, value + 0.01 * value.abs().max(0.1));
    }
    let does_something = match values(primal, &beside, &mut Instance::of(&beside)) {
        Ok((other, other_changed)) => {
            let moved = |(a, b): (&f64, &f64)| a != b;
            returns.iter().zip(&other).any(moved)
                || left.values != primal.left().values
                || changed
                    .iter()
                    .any(|(at, value)| other_changed.get(at).is_some_and(|other| other != value))
        }
        Err(_) => true,
    };
    Ok(Outcome {
        is_finite: returns
            .iter()
            .chain(changed.values())
            .chain(&left.values)
            .all(|v| v.is_finite()),
        does_something,
    })
}

/// What it returns, and the floats in memory that it changed.
pub(super) fn values(
    primal: &Primal<'_>,
    image: &Image,
    memory: &mut Instance,
) -> Result<(Vec<f64>, BTreeMap<usize, f64>), Ended> {
    let returns = primal.run(image, memory)?;
    let changed = image
        .floats
        .iter()
        .enumerate()
        .filter_map(|(at, float)| {
            let now = memory.get(float);
            let is_new = memory.has(float) && now.to_bits() != image.float(float).to_bits();
            is_new.then_some((at, now))
        })
        .collect();
    Ok((returns, changed))
}
