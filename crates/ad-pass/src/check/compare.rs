//! Tells agreement from disagreement, and both from what cannot be told.

use trace::{Activity, Compared, Comparison, Judgement, Parameter, ReferenceBy};

use super::differences::Difference;

/// How close two numbers have to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tolerance {
    /// A derivative against a central difference, relative to the larger of both.
    pub(super) difference: f64,
    /// A derivative against another exact one: relative, and relative to the parameter's largest.
    pub(super) exact: (f64, f64),
    /// What rounding may leave of a sum that cancels out, relative to the parameter's largest.
    pub(super) cancelled: f64,
    /// The range of the floats: smaller numbers lose digits or become zero, larger ones are infinite.
    pub(super) range: (f64, f64),
}

impl Tolerance {
    /// What floats of so many bits allow.
    pub(super) fn of(bits: u32) -> Self {
        match bits {
            16 => Tolerance {
                difference: 5e-2,
                exact: (2e-2, 2e-3),
                cancelled: 1e-2,
                range: (6e-8, 65504.0),
            },
            32 => Tolerance {
                difference: 2e-3,
                exact: (1e-3, 2e-5),
                cancelled: 2e-6,
                range: (f64::from(f32::MIN_POSITIVE), f64::from(f32::MAX)),
            },
            _ => Tolerance {
                difference: 1e-6,
                exact: (1e-7, 1e-11),
                cancelled: 4e-15,
                range: (f64::MIN_POSITIVE, f64::MAX),
            },
        }
    }
}

/// A derivative beside what it is compared with.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) place: String,
    pub(super) derivative: f64,
    pub(super) reference: Reference,
    /// The number of the point.
    pub(super) point: u32,
}

/// What a derivative is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reference {
    /// What running the function says.
    Runs(Runs),
    /// Another derivative.
    Other(f64),
}

/// What running the function says of one derivative.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs {
    /// The tangent of dual numbers, unless one was lost.
    pub(super) dual: Option<Dual>,
    /// A central difference; `None` where the function is not finite on both sides.
    pub(super) difference: Option<Difference>,
    /// Differences were not taken, because a few steps bear the others out.
    pub(super) borne_out: bool,
    /// The size of the values that differences are made of.
    pub(super) reach: f64,
    /// How large a difference means nothing: what sums are rounded by in another order.
    pub(super) floor: f64,
    /// The tangents of dual numbers a little to the left and to the right, where they were asked for.
    pub(super) beside: Option<(f64, f64)>,
    /// Equal numbers are likely at this point, and with them kinks.
    pub(super) has_ties: bool,
}

/// A tangent of dual numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dual {
    pub(super) value: f64,
    /// How far rounding may move it.
    pub(super) uncertain: f64,
    /// An infinite slope was met where nothing moved: the chain rule has no answer.
    pub(super) singular: bool,
}

/// Adds up what was compared for one parameter.
pub(super) fn sum_up(
    parameter: &Parameter,
    elements: u64,
    pairs: &[Pair],
    tolerance: Tolerance,
) -> Compared {
    let scale = pairs
        .iter()
        .filter_map(Pair::reference_value)
        .filter(|value| value.is_finite())
        .fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let mut out = Compared {
        name: match parameter.name.as_str() {
            "" => "return".to_owned(),
            name => name.to_owned(),
        },
        ty: parameter.ty.clone(),
        activity: parameter.activity,
        elements,
        compared: pairs.len() as u64,
        zeros: 0,
        absolute: 0.0,
        relative: 0.0,
        worst: None,
        judgement: Judgement::Nothing,
        kinks: 0,
        undefined: 0,
        rough: 0,
    };
    let mut worst: Option<(Judgement, f64)> = None;
    let mut agreed = 0;
    for pair in pairs {
        let verdict = judge(pair, scale, tolerance);
        match verdict {
            Judgement::Kink => out.kinks += 1,
            Judgement::Undefined => out.undefined += 1,
            Judgement::Inconclusive => out.rough += 1,
            Judgement::Agrees => agreed += 1,
            _ => {}
        }
        let Some(reference) = pair.reference_value() else {
            continue;
        };
        let off = (pair.derivative - reference).abs();
        let size = pair.derivative.abs().max(reference.abs());
        if size <= 1e-14 * scale.max(1e-300) || size == 0.0 {
            out.zeros += 1;
        }
        let relative = match size.max(1e-2 * scale) {
            0.0 => 0.0,
            size => off / size,
        };
        if verdict == Judgement::Agrees || verdict.is_failure() {
            out.absolute = larger(out.absolute, off);
            out.relative = larger(out.relative, relative);
        }
        let rank = match verdict.is_failure() {
            true => verdict,
            false => Judgement::Agrees,
        };
        let relative = if relative.is_nan() {
            f64::INFINITY
        } else {
            relative
        };
        if worst.is_none_or(|worst| (rank, relative) > worst) {
            worst = Some((rank, relative));
            out.worst = Some(pair.comparison(reference));
        }
        if verdict.is_failure() {
            out.judgement = out.judgement.max(verdict);
        }
    }
    if !out.judgement.is_failure() {
        out.judgement = if pairs.is_empty() {
            Judgement::Nothing
        } else if out.rough > agreed {
            Judgement::Inconclusive
        } else if agreed > 0 {
            Judgement::Agrees
        } else if out.kinks > 0 {
            Judgement::Kink
        } else {
            Judgement::Undefined
        };
    }
    out
}

/// The larger of two, where not being a number is the largest of all.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

impl Pair {
    fn reference_value(&self) -> Option<f64> {
        match self.reference {
            Reference::Runs(runs) => match (runs.dual, runs.difference) {
                (Some(dual), _)
                    if dual.value.is_finite() && !runs.follows_a_branch(self.derivative) =>
                {
                    Some(dual.value)
                }
                (_, Some(difference)) => Some(difference.value),
                (Some(dual), None) => Some(dual.value),
                (None, None) => None,
            },
            Reference::Other(value) => Some(value),
        }
    }

    fn comparison(&self, reference: f64) -> Comparison {
        let (difference, by) = match self.reference {
            Reference::Runs(runs) => (runs.difference, runs.by(reference)),
            Reference::Other(_) => (None, ReferenceBy::Other),
        };
        let difference = difference.filter(|_| by != ReferenceBy::Dual);
        Comparison {
            place: self.place.clone(),
            derivative: self.derivative,
            reference,
            by,
            point: self.point,
            step: difference.map(|found| found.step),
            estimated: difference.map(|found| found.error),
        }
    }
}

impl Runs {
    /// Who says that the derivative is `reference`.
    fn by(&self, reference: f64) -> ReferenceBy {
        let is_near = |found: Difference| {
            let size = found.value.abs().max(reference.abs());
            (found.value - reference).abs() <= 1e-3 * size + 4.0 * found.error
        };
        match (self.dual, self.difference) {
            (None, _) => ReferenceBy::Differences,
            (Some(_), Some(found)) if found.supported && is_near(found) => {
                match self.dual.is_some_and(|dual| dual.value == reference) {
                    true => ReferenceBy::Both,
                    false => ReferenceBy::Differences,
                }
            }
            (Some(_), None) if self.borne_out => ReferenceBy::Both,
            _ => ReferenceBy::Dual,
        }
    }

    /// True where the tangents to the left and to the right are not the same. Differences may take fine waves for a
    /// kink; dual numbers do not.
    fn jumps(&self) -> bool {
        self.beside.is_none_or(|(left, right)| {
            (left - right).abs() > 1e-3 * left.abs().max(right.abs()) + 1e3 * self.floor
        })
    }

    /// True where the function takes a branch for one value, which the derivative follows, and dual numbers too: a
    /// little to the left and to the right their tangents are others, and differences say the same as these.
    fn follows_a_branch(&self, derivative: f64) -> bool {
        let (Some(dual), Some(found), Some((left, right))) =
            (self.dual, self.difference, self.beside)
        else {
            return false;
        };
        let size = dual.value.abs().max(found.value.abs());
        let is_near = |a: f64, b: f64| (a - b).abs() <= 1e-2 * size + 1e3 * self.floor;
        !self.has_ties
            && found.kink.is_none()
            && is_near(dual.value, derivative)
            && is_near(left, found.value)
            && is_near(right, found.value)
            && !is_near(dual.value, found.value)
    }
}

/// `scale` is the largest derivative of the parameter.
fn judge(pair: &Pair, scale: f64, tolerance: Tolerance) -> Judgement {
    let derivative = pair.derivative;
    let runs = match pair.reference {
        Reference::Other(reference) => {
            let (relative, absolute) = tolerance.exact;
            let size = derivative.abs().max(reference.abs());
            let off = (derivative - reference).abs();
            return if derivative.is_nan() && reference.is_nan() {
                Judgement::Undefined
            } else if derivative == reference || off <= relative * size + absolute * scale {
                Judgement::Agrees
            } else if derivative.is_nan() {
                Judgement::Nan
            } else {
                Judgement::Disagrees
            };
        }
        Reference::Runs(runs) => runs,
    };
    match runs.dual {
        Some(dual) => with_dual(derivative, dual, runs, scale, tolerance),
        None => with_differences(derivative, runs, scale, tolerance),
    }
}

/// Judges by dual numbers, and by differences where these say more.
fn with_dual(
    derivative: f64,
    dual: Dual,
    runs: Runs,
    scale: f64,
    tolerance: Tolerance,
) -> Judgement {
    if !derivative.is_finite() {
        // Where the chain rule meets an infinite slope, no derivative that it makes is finite.
        let exists = dual.value.abs() <= tolerance.range.1;
        return match dual.value.is_finite() && exists && !dual.singular {
            true => Judgement::Nan,
            false => Judgement::Undefined,
        };
    }
    if !dual.value.is_finite() {
        let agrees = runs.difference.is_some_and(|found| {
            (found.value - derivative).abs()
                <= tolerance.difference * derivative.abs() + 4.0 * found.error
        });
        return if agrees {
            Judgement::Agrees
        } else {
            Judgement::Undefined
        };
    }
    let size = derivative.abs().max(dual.value.abs());
    let off = (derivative - dual.value).abs();
    // Terms that cancel out exactly in one order may leave their rounding in another.
    let left_over = if dual.value == 0.0 {
        tolerance.cancelled * scale
    } else {
        0.0
    };
    let is_same = off <= tolerance.exact.0 * size + dual.uncertain + left_over + tolerance.range.0;
    if is_same {
        let has_kink = runs.difference.is_some_and(|found| found.kink.is_some()) && runs.jumps();
        return match runs.follows_a_branch(derivative) {
            true => Judgement::Disagrees,
            // The derivative of one side.
            false if has_kink => Judgement::Kink,
            // It is only the same because its last digits mean nothing.
            false
                if dual.uncertain > 1e-3 * size && off > tolerance.exact.0 * size + runs.floor =>
            {
                Judgement::Inconclusive
            }
            false => Judgement::Agrees,
        };
    }
    let Some(found) = runs.difference else {
        // One side of the point is no part of the function's domain.
        return Judgement::Disagrees;
    };
    if let Some((left, right)) = found.kink {
        return match is_between(derivative, left, right) {
            true => Judgement::Kink,
            false if runs.has_ties => Judgement::Kink,
            false => Judgement::Disagrees,
        };
    }
    if runs.has_ties {
        // Among equal numbers any of them may be the one that counts.
        return Judgement::Kink;
    }
    // Differences decide between the two, if they can tell them apart.
    let near = |value: f64| (found.value - value).abs() <= 0.25 * off.max(4.0 * found.error);
    match found.supported && 4.0 * found.error < off {
        true if near(derivative) => Judgement::Agrees,
        true if near(dual.value) => Judgement::Disagrees,
        // They are too rough. Dual numbers are exact.
        _ => Judgement::Disagrees,
    }
}

/// True for a derivative between those of the two sides of a kink.
fn is_between(derivative: f64, left: f64, right: f64) -> bool {
    let slack = 0.05 * left.abs().max(right.abs());
    (left.min(right) - slack..=left.max(right) + slack).contains(&derivative)
}

/// Judges by differences only.
fn with_differences(derivative: f64, runs: Runs, scale: f64, tolerance: Tolerance) -> Judgement {
    let Some(found) = runs.difference else {
        return Judgement::Undefined;
    };
    if let Some((left, right)) = found.kink {
        return match is_between(derivative, left, right) {
            true => Judgement::Kink,
            // A slope that grows as the step shrinks is a jump, and no derivative at all.
            false if found.error > 0.5 * found.value.abs() => Judgement::Inconclusive,
            false if derivative.is_nan() => Judgement::Nan,
            false => Judgement::Disagrees,
        };
    }
    if !derivative.is_finite() {
        return match found.supported && found.error < 0.1 * found.value.abs().max(scale) {
            true => Judgement::Nan,
            false => Judgement::Undefined,
        };
    }
    let size = derivative.abs().max(found.value.abs());
    let off = (derivative - found.value).abs();
    let uncertain = 4.0 * found.error;
    // Of noise that is as large as the derivative nothing can be said, unless both are zero.
    let is_zero = size <= uncertain && uncertain <= tolerance.difference * runs.reach;
    // What is less than its own error, and that is more than rounding: the function oscillates between the steps.
    let scatters = found.error > found.value.abs() && uncertain > tolerance.difference * runs.reach;
    if is_zero || off <= tolerance.difference * size + runs.floor + uncertain.min(0.02 * size) {
        Judgement::Agrees
    } else if off <= 2.0 * uncertain || scatters || !found.supported {
        Judgement::Inconclusive
    } else if runs.has_ties {
        // On both sides another branch may run than where numbers are equal.
        Judgement::Kink
    } else {
        Judgement::Disagrees
    }
}

/// True for what has an adjoint or a tangent.
pub(super) fn is_active(activity: Activity) -> bool {
    activity != Activity::Const
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(value: f64, error: f64, kink: Option<(f64, f64)>) -> Difference {
        Difference {
            value,
            error,
            step: 0.1,
            kink,
            supported: true,
        }
    }

    fn judged(derivative: f64, dual: Option<f64>, difference: Option<Difference>) -> Judgement {
        judged_beside(derivative, dual, difference, None)
    }

    fn judged_beside(
        derivative: f64,
        dual: Option<f64>,
        difference: Option<Difference>,
        beside: Option<(f64, f64)>,
    ) -> Judgement {
        let pair = Pair {
            place: String::new(),
            derivative,
            reference: Reference::Runs(Runs {
                dual: dual.map(|value| Dual {
                    value,
                    uncertain: 0.0,
                    singular: false,
                }),
                difference,
                borne_out: false,
                beside,
                reach: 1.0,
                floor: 0.0,
                has_ties: false,
            }),
            point: 0,
        };
        judge(&pair, 1.0, Tolerance::of(64))
    }

    fn verdict(derivative: f64, value: f64, error: f64, kink: Option<(f64, f64)>) -> Judgement {
        judged(derivative, None, Some(difference(value, error, kink)))
    }

    #[test]
    fn differences_alone() {
        assert_eq!(verdict(2.0, 2.0 + 1e-9, 1e-10, None), Judgement::Agrees);
        assert_eq!(verdict(0.0, 1e-13, 1e-12, None), Judgement::Agrees);
        assert_eq!(verdict(2.0, 2.001, 1e-10, None), Judgement::Disagrees);
        assert_eq!(verdict(0.0, 1e-3, 1e-10, None), Judgement::Disagrees);
        assert_eq!(verdict(f64::NAN, 2.0, 1e-10, None), Judgement::Nan);
        assert_eq!(verdict(2.0, 2.3, 0.3, None), Judgement::Inconclusive);
        assert_eq!(verdict(1.0, 0.0, 0.0, Some((-1.0, 1.0))), Judgement::Kink);
        assert_eq!(verdict(0.0, 0.0, 0.0, Some((-1.0, 1.0))), Judgement::Kink);
        assert_eq!(
            verdict(1.5, 0.0, 0.0, Some((-1.0, 1.0))),
            Judgement::Disagrees
        );
    }

    #[test]
    fn differences_beside_equal_numbers() {
        let at = |has_ties| {
            let reference = Reference::Runs(Runs {
                dual: None,
                difference: Some(difference(0.25, 1e-14, None)),
                borne_out: false,
                beside: None,
                reach: 1.0,
                floor: 0.0,
                has_ties,
            });
            let pair = Pair {
                place: String::new(),
                derivative: -0.75,
                reference,
                point: 0,
            };
            judge(&pair, 1.0, Tolerance::of(64))
        };
        assert_eq!(at(false), Judgement::Disagrees);
        assert_eq!(at(true), Judgement::Kink);
    }

    #[test]
    fn dual_numbers_and_differences() {
        // Differences of what oscillates between the steps, and of what does not depend on it.
        let scattered = Some(difference(-6e11, 3e12, None));
        assert_eq!(judged(-1e89, None, scattered), Judgement::Inconclusive);
        let flat = Some(difference(1e-17, 1e-15, None));
        assert_eq!(judged(5.0, None, flat), Judgement::Disagrees);
        let rough = Some(difference(0.05, 0.04, None));
        // Differences that cannot tell say nothing.
        assert_eq!(judged(5000.0, Some(5000.0), rough), Judgement::Agrees);
        assert_eq!(judged(5000.0, None, None), Judgement::Undefined);
        // A branch for one value: what is exact follows it, its neighbours do not.
        let other = Some(difference(2.0, 1e-9, None));
        let beside = Some((2.0, 2.0));
        assert_eq!(
            judged_beside(0.0, Some(0.0), other, beside),
            Judgement::Disagrees
        );
        // Numbers that are rounded to steps: their tangents are the same to both sides.
        let beside = Some((0.0, 0.0));
        assert_eq!(
            judged_beside(0.0, Some(0.0), other, beside),
            Judgement::Agrees
        );
        // Where the two disagree, differences decide.
        assert_eq!(judged(2.0, Some(0.0), other), Judgement::Agrees);
        assert_eq!(judged(1.0, Some(2.0), other), Judgement::Disagrees);
        assert_eq!(judged(1.0, Some(2.0), None), Judgement::Disagrees);
        assert_eq!(judged(f64::NAN, Some(2.0), None), Judgement::Nan);
        assert_eq!(judged(f64::NAN, Some(f64::NAN), None), Judgement::Undefined);
        let kink = Some(difference(0.0, 0.0, Some((-1.0, 1.0))));
        assert_eq!(judged(1.0, Some(-1.0), kink), Judgement::Kink);
        assert_eq!(judged(1.0, Some(1.0), kink), Judgement::Kink);
        assert_eq!(judged(3.0, Some(-1.0), kink), Judgement::Disagrees);
    }
}
