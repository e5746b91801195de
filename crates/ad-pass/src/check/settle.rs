//! Chooses sizes and ranges with which the function runs to its end.

use inkwell::values::FunctionValue;
use trace::{Check, CheckNote, Diagnosis, Runner};

use super::defaults::{Defaults, TRIES};
use super::inputs::{self, Inputs};
use super::outcome::outcome;
use super::panic::Ended;
use super::run::Primal;
use crate::differentiate::derived::Derived;

/// Finds sizes and ranges with which the function runs to its end, and gives finite numbers that
/// depend on its inputs.
pub(super) fn settle(
    function: FunctionValue<'_>,
    derived: &Derived,
    primal: &Primal<'_>,
    check: &Check,
) -> Result<(Defaults, Vec<CheckNote>), Diagnosis> {
    let mut first_end: Option<(Ended, Inputs)> = None;
    let mut ran: Option<(Defaults, bool)> = None;
    // A loop that goes on until it has converged may never do so on numbers that nobody meant.
    primal.code.limit(PATIENCE);
    let mut endless = 0;
    let mut settled = false;
    'sizes: for (length, integer) in TRIES {
        for (low, high) in [(-1.0, 1.0), (0.25, 1.0)] {
            let defaults = Defaults {
                length,
                integer,
                low,
                high,
            };
            let layout = primal.code.layout();
            let make =
                |point| inputs::make(function, &derived.shapes, layout, check, point, defaults);
            let made = make(0)?;
            let first = outcome(primal, &made.image);
            let all = (1..check.points.min(POINTS)).try_fold(first, |so_far, point| {
                let Ok(so_far) = so_far else {
                    return Ok(so_far);
                };
                let next = outcome(primal, &make(point)?.image);
                Ok::<_, Diagnosis>(next.map(|next| so_far.and(&next)))
            })?;
            match all {
                Ok(outcome) => {
                    if outcome.is_finite && outcome.does_something {
                        ran = Some((defaults, true));
                        settled = true;
                        break 'sizes;
                    }
                    if ran.is_none_or(|(_, finite)| !finite && outcome.is_finite) {
                        ran = Some((defaults, outcome.is_finite));
                    }
                }
                Err(ended) => {
                    endless += u32::from(ended == Ended::Signal(SIGALRM));
                    let is_hopeless = endless > 3 || matches!(ended, Ended::Missing(_));
                    first_end.get_or_insert((ended, made));
                    if is_hopeless {
                        break 'sizes;
                    }
                }
            }
        }
    }
    let Some((defaults, is_finite)) = ran else {
        let (ended, inputs) = first_end.expect("it ran or it ended otherwise");
        return Err(ended.diagnosis(Runner::Primal, &inputs.words));
    };
    let mut notes = Vec::new();
    if !settled && let Some((ended, _)) = &first_end {
        notes.push(CheckNote::NothingAtTheseSizes {
            elsewhere: ended.problem(Runner::It),
        });
    }
    if !is_finite {
        notes.push(CheckNote::NeverFinite);
    } else if defaults.low > 0.0 {
        notes.push(CheckNote::PositiveFloats);
    }
    Ok((defaults, notes))
}

/// How long a call of the primal may take, in milliseconds.
const PATIENCE: u32 = 1500;

const SIGALRM: i32 = 14;

/// At how many points a try is made at most.
const POINTS: u32 = 8;
