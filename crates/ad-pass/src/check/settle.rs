//! Chooses sizes with which the function runs to its end.

use std::cell::Cell;

use inkwell::values::FunctionValue;
use trace::{Check, CheckNote, Diagnosis, Runner};

use super::compared_with::ComparedWith;
use super::defaults::TRIES;
use super::inputs::{self, Inputs};
use super::jit::SIGALRM;
use super::outcome::outcome;
use super::panic::Ended;
use super::plan::{Plan, more_sizes};
use super::run::Primal;
use crate::differentiate::derived::Derived;

/// Finds sizes with which the function runs to its end, and gives finite numbers that depend on its inputs.
pub(super) fn settle(
    function: FunctionValue<'_>,
    derived: &Derived,
    primal: &Primal<'_>,
    compared: ComparedWith,
    check: &Check,
) -> Result<(Plan, Vec<CheckNote>), Diagnosis> {
    let mut first_end: Option<(Ended, Inputs)> = None;
    // A loop that goes on until it has converged may never do so on numbers that nobody meant.
    llvm_shim::limit_blocks(PATIENCE);
    let mut longest = 0;
    let mut endless = 0;
    let spent = Cell::new(0);
    let is_spent = || spent.get() > WORK;
    let layout = primal.code.layout();
    let mut tried = |size, constants: &[f64]| -> Result<Option<Tried>, Diagnosis> {
        let plan = Plan {
            sizes: vec![size],
            constants: constants.to_vec(),
            is_single: primal.code.bits() < 64,
        };
        let mut tried = Tried::default();
        for number in 0..POINTS {
            let defaults = plan.defaults(number);
            let made = inputs::make(function, &derived.shapes, layout, check, number, defaults)?;
            let outcome = outcome(primal, &made.image);
            let blocks = llvm_shim::begin_run();
            // It ran twice.
            spent.set(spent.get() + 2 * blocks);
            match outcome {
                Ok(outcome) => {
                    longest = longest.max(blocks);
                    tried.ran += 1;
                    tried.finite += u32::from(outcome.is_finite);
                    tried.good += u32::from(outcome.is_finite && outcome.does_something);
                }
                Err(ended) => {
                    endless += u32::from(ended == Ended::Signal(SIGALRM));
                    if endless > 0 && longest > 0 {
                        // It is known how long it takes where it ends.
                        llvm_shim::limit_blocks((20 * longest).max(QUICK));
                    }
                    let is_hopeless =
                        (endless > 3 && longest == 0) || matches!(ended, Ended::Missing(_));
                    first_end.get_or_insert((ended, made));
                    if is_hopeless {
                        return Ok(None);
                    }
                }
            }
            if longest > 0 && is_spent() {
                break;
            }
        }
        Ok(Some(tried))
    };
    let mut best: Option<((u64, i128), Tried)> = None;
    for size in TRIES {
        let Some(found) = tried(size, &[])? else {
            break;
        };
        let is_better = |so_far: Tried| (found.good, found.ran) > (so_far.good, so_far.ran);
        if found.ran > 0 && best.is_none_or(|(_, so_far)| is_better(so_far)) {
            best = Some((size, found));
        }
        // Domains of functions are such that half of the points may lie beside them.
        if found.good >= POINTS / 2 || (best.is_some() && is_spent()) {
            break;
        }
    }
    let Some((size, Tried { good, .. })) = best else {
        let (ended, inputs) = first_end.expect("it ran or it ended otherwise");
        return Err(ended.diagnosis(Runner::Primal, &inputs.values()));
    };
    let (mut sizes, mut without_effect) = (Vec::new(), Vec::new());
    for other in more_sizes(size, &compared.integers).into_iter().take(MOST) {
        if other == size {
            sizes.push(other);
            continue;
        }
        if is_spent() {
            break;
        }
        match tried(other, &[])? {
            Some(found) if found.good > 0 => sizes.push(other),
            // Nothing depends on the inputs there, and the derivative has to be zero.
            Some(found) if found.finite > 0 => without_effect.push(other),
            _ => {}
        }
    }
    sizes.extend(without_effect.into_iter().take(WITHOUT_EFFECT));
    let mut notes = Vec::new();
    if good == 0
        && let Some((ended, _)) = &first_end
    {
        notes.push(CheckNote::NothingAtTheseSizes {
            elsewhere: ended.problem(Runner::It),
        });
    }
    let plan = Plan {
        sizes,
        constants: compared.floats,
        is_single: primal.code.bits() < 64,
    };
    Ok((plan, notes))
}

/// How many blocks a call of the primal may take.
const PATIENCE: u64 = 50_000_000;

/// How many all of them may take, once one has come to its end: a size that nothing depends on is no reason to try all
/// others with a function whose time grows as their cube.
const WORK: u64 = 20_000_000;

/// How many it may take at least.
const QUICK: u64 = 200_000;

/// At how many points each size is tried.
const POINTS: u32 = 6;

/// As many sizes are tried beside the first that suits.
const MOST: usize = 24;

/// As many of those are kept at which nothing depends on the inputs.
const WITHOUT_EFFECT: usize = 5;

/// What a function does at one size.
#[derive(Clone, Copy, Debug, Default)]
struct Tried {
    /// How often it gives finite numbers that depend on its inputs.
    good: u32,
    /// How often it gives finite numbers.
    finite: u32,
    /// How often it runs to its end.
    ran: u32,
}
