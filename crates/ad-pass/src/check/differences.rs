//! Central differences at several step sizes, extrapolated, with an estimate of their own error
//! (Ridders 1982, *Accurate computation of F'(x) and F'(x)F''(x)*).

/// What differences say of one derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Difference {
    pub(super) value: f64,
    /// The error that it is estimated to have.
    pub(super) error: f64,
    /// The step that gave it.
    pub(super) step: f64,
    /// The slopes to the left and to the right, where they are not one.
    pub(super) kink: Option<(f64, f64)>,
    /// The finest steps say so, too.
    pub(super) supported: bool,
}

/// How steps are chosen and what is expected of the numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    /// The first step; each further one is half of the one before.
    pub(super) first: f64,
    pub(super) count: usize,
    /// The relative rounding error of one value.
    pub(super) rounding: f64,
}

/// The distance from 1 to the next `f16`.
pub(super) const HALF_EPSILON: f64 = 1.0 / 1024.0;

impl Steps {
    /// What suits floats of so many bits.
    pub(super) fn of(bits: u32) -> Self {
        match bits {
            16 => Steps {
                first: 0.5,
                count: 6,
                rounding: HALF_EPSILON,
            },
            32 => Steps {
                first: 0.25,
                count: 11,
                rounding: f64::from(f32::EPSILON),
            },
            _ => Steps {
                first: 0.1,
                count: 20,
                rounding: f64::EPSILON,
            },
        }
    }
}

/// The derivatives of a function, for each of its values; `None` where the function is not finite on
/// both sides at any step.
///
/// `at` gives how far the values at an offset are from those at zero, and the offset that was really
/// taken (an offset of a rounded number is rounded). `sizes` are those of the values themselves, which
/// their rounding errors grow with.
pub(super) fn central<E>(
    steps: Steps,
    sizes: &[f64],
    mut at: impl FnMut(f64) -> Result<(f64, Vec<f64>), E>,
) -> Result<Vec<Option<Difference>>, E> {
    let mut rows = Vec::with_capacity(steps.count);
    let mut step = steps.first;
    for _ in 0..steps.count {
        let (right, above) = at(step)?;
        let (left, below) = at(-step)?;
        rows.push(Row {
            step: (right - left) / 2.0,
            right,
            left: -left,
            above,
            below,
        });
        step /= 2.0;
    }
    Ok(sizes
        .iter()
        .enumerate()
        .map(|(which, size)| extrapolate(&rows, which, steps.rounding * size))
        .collect())
}

/// The values at one step to both sides.
struct Row {
    step: f64,
    right: f64,
    left: f64,
    above: Vec<f64>,
    below: Vec<f64>,
}

impl Row {
    fn slope(&self, which: usize) -> f64 {
        (self.above[which] - self.below[which]) / (2.0 * self.step)
    }
}

fn extrapolate(rows: &[Row], which: usize, rounding: f64) -> Option<Difference> {
    let usable: Vec<&Row> = rows
        .iter()
        .filter(|row| row.above[which].is_finite() && row.below[which].is_finite())
        .collect();
    let mut candidates: Vec<Difference> = Vec::new();
    let mut before: Vec<f64> = Vec::new();
    for (at, row) in usable.iter().enumerate() {
        let mut now = vec![row.slope(which)];
        let noise = rounding / row.step;
        // One column of the tableau after the other, each of two orders more.
        let mut factor = 4.0;
        for column in 1..=at {
            let Some(&coarser) = before.get(column - 1) else {
                break;
            };
            let finer = now[column - 1];
            let value = (finer * factor - coarser) / (factor - 1.0);
            candidates.push(Difference {
                value,
                error: (value - finer).abs().max((value - coarser).abs()) + noise,
                step: row.step,
                kink: None,
                supported: false,
            });
            now.push(value);
            factor *= 4.0;
        }
        before = now;
    }
    candidates.sort_by(|a, b| a.error.total_cmp(&b.error));
    // Coarse steps may agree by accident. What the finest ones contradict does not count.
    let found = candidates
        .iter()
        .find(|found| is_supported(&usable, which, rounding, found));
    let mut best = match found {
        Some(found) => Difference {
            supported: true,
            ..*found
        },
        None => *candidates.first()?,
    };
    if !best.supported {
        let slopes = usable.iter().rev().take(FINEST).map(|row| row.slope(which));
        let off = slopes.map(|slope| (slope - best.value).abs());
        best.error = best.error.max(off.fold(0.0, f64::max));
    }
    best.kink = kink(&usable, which, rounding);
    Some(best)
}

/// As many of the finest steps have a say.
const FINEST: usize = 4;

/// True where the slopes at the finest steps are as near as their rounding errors let them be, or come nearer
/// from step to step.
fn is_supported(rows: &[&Row], which: usize, rounding: f64, found: &Difference) -> bool {
    let off = |row: &Row| (row.slope(which) - found.value).abs();
    let finest = rows.iter().rev().take(FINEST);
    // The truncation error of the finest steps that are no finer than the one that was chosen.
    let fourth = rows
        .iter()
        .rev()
        .nth(FINEST)
        .map_or(f64::INFINITY, |row| off(row));
    finest.clone().all(|row| {
        let noise = 8.0 * rounding / row.step;
        off(row) <= noise + 4.0 * found.error + 1e-3 * found.value.abs() || off(row) <= 0.3 * fourth
    })
}

/// The slopes of both sides where they do not approach each other as the step goes to zero: between
/// two steps, one a sixteenth of the other, a smooth function's draw sixteen times as close.
fn kink(rows: &[&Row], which: usize, rounding: f64) -> Option<(f64, f64)> {
    let fine = rows.last()?;
    let coarse = rows.get(rows.len().checked_sub(5)?)?;
    let sides = |row: &Row| (-row.below[which] / row.left, row.above[which] / row.right);
    let gap = |(left, right): (f64, f64)| (right - left).abs();
    let (fine_sides, coarse_sides) = (sides(fine), sides(coarse));
    let noise = 8.0 * rounding / fine.step;
    let apart = gap(fine_sides) > 4.0 * noise
        && gap(fine_sides) > 1e-3 * fine_sides.0.abs().max(fine_sides.1.abs())
        && gap(fine_sides) > 0.5 * gap(coarse_sides);
    apart.then_some(fine_sides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn derivative(of: impl Fn(f64) -> f64) -> Option<Difference> {
        let here = of(0.0);
        let Ok(found) = central(Steps::of(64), &[here.abs()], |h| {
            Ok::<_, Infallible>((h, vec![of(h) - here]))
        });
        found[0]
    }

    #[test]
    fn smooth_functions_are_met_within_the_estimate() {
        type Case = (fn(f64) -> f64, f64);
        let cases: [Case; 4] = [
            (|x| (x + 0.7).sin(), 0.7_f64.cos()),
            (|x| (3.0 * x).exp(), 3.0),
            (|x| 1e6 + x * x * x + 2.0 * x, 2.0),
            (|x| (40.0 * (x + 0.3)).sin(), 40.0 * 12.0_f64.cos()),
        ];
        for (function, wanted) in cases {
            let found = derivative(function).unwrap();
            let off = (found.value - wanted).abs();
            assert!(off <= found.error.max(1e-12), "{found:?}, wanted {wanted}");
            assert!(found.error < 1e-6, "{found:?}");
            assert_eq!(found.kink, None);
        }
    }

    #[test]
    fn a_kink_has_two_slopes() {
        let (left, right) = derivative(f64::abs).unwrap().kink.unwrap();
        assert_eq!((left.round(), right.round()), (-1.0, 1.0));
    }

    #[test]
    fn what_is_not_finite_on_one_side_has_no_difference() {
        assert_eq!(derivative(f64::sqrt), None);
    }

    #[test]
    fn steps_that_leave_the_domain_are_left_out() {
        let found = derivative(|x| (0.01 + x).ln()).unwrap();
        assert!((found.value - 100.0).abs() < 1e-4, "{found:?}");
    }
}
