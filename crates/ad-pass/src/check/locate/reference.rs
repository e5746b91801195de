//! What is right: the derivative of what a function gives with respect to one value on its way, in one execution.

use std::cell::Cell;

use super::super::exact::{Exact, exact};
use super::super::image::Image;
use super::super::run::Primal;
use super::log::Log;

/// A primal that tells what it computes, what its outputs weigh, and how often it has run.
pub(super) struct Reference<'a, 'c> {
    pub(super) primal: &'a Primal<'c>,
    pub(super) image: &'a Image,
    /// The seeds of what is returned.
    pub(super) returned: Vec<f64>,
    /// The floats in memory that are outputs, with their seeds.
    pub(super) seeds: Vec<(usize, f64)>,
    pub(super) runs: Cell<u64>,
}

impl Reference<'_, '_> {
    /// The right adjoint of a value, by its line and execution. `None` where there is none that is finite.
    pub(super) fn adjoint(&self, number: u32, execution: usize) -> Option<f64> {
        llvm_shim::aim(number, execution as u64);
        let found = self.run(&[]);
        llvm_shim::aim(0, 0);
        self.weigh(&found?)
    }

    /// The right derivative along a direction of the inputs.
    pub(super) fn along(&self, direction: &[(usize, f64)]) -> Option<f64> {
        self.weigh(&self.run(direction)?)
    }

    /// What moves where one value does, or the inputs do.
    pub(super) fn moved(&self, aim: Option<(u32, usize)>, direction: &[(usize, f64)]) -> Log {
        let (_, log) = Log::of(|| {
            if let Some((number, execution)) = aim {
                llvm_shim::aim(number, execution as u64);
            }
            self.run(direction)
        });
        llvm_shim::aim(0, 0);
        log
    }

    fn run(&self, direction: &[(usize, f64)]) -> Option<Exact> {
        self.runs.set(self.runs.get() + 1);
        let outputs = self.seeds.iter().map(|(at, _)| *at);
        exact(self.primal, self.image, direction, outputs).ok()
    }

    fn weigh(&self, found: &Exact) -> Option<f64> {
        let returned = found.returns.iter().zip(&self.returned);
        let written = found.outputs.iter().zip(&self.seeds);
        let all = returned
            .map(|(tangent, seed)| (*tangent, *seed))
            .chain(written.map(|(tangent, (_, seed))| (*tangent, *seed)));
        let sum: f64 = all
            .filter(|(_, seed)| *seed != 0.0)
            .map(|(tangent, seed)| tangent * seed)
            .sum();
        (sum.is_finite() && !found.unknown).then_some(sum)
    }
}

/// How far two numbers may be apart that were added up in different orders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub(super) relative: f64,
    pub(super) epsilon: f64,
}

impl Near {
    /// What floats of so many bits allow.
    pub(super) fn of(bits: u32) -> Self {
        match bits {
            32 => Near {
                relative: 1e-3,
                epsilon: f64::from(f32::EPSILON),
            },
            _ => Near {
                relative: 1e-7,
                epsilon: f64::EPSILON,
            },
        }
    }

    /// True where `has` is not what is right. `size` is that of what was added up.
    pub(super) fn differs(self, has: f64, right: f64, size: f64) -> bool {
        let floor = 64.0 * self.epsilon * if size.is_finite() { size } else { 0.0 };
        let allowed = self.relative * has.abs().max(right.abs()) + floor;
        !has.is_finite() || (has - right).abs() > allowed
    }

    /// True where two values are not the same, except for rounding.
    pub(super) fn is_other(self, has: f64, primal: f64) -> bool {
        if has == primal || (has.is_nan() && primal.is_nan()) {
            return false;
        }
        let allowed = 1e3 * self.epsilon * has.abs().max(primal.abs());
        has.is_nan() || primal.is_nan() || (has - primal).abs() > allowed
    }
}
