//! Tells agreement from disagreement, and both from what cannot be told.

use trace::{Activity, Compared, Comparison, Parameter, Verdict};

use super::differences::Difference;

/// How close two numbers have to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tolerance {
    /// A derivative against a central difference, relative to the larger of both.
    pub(super) difference: f64,
    /// A derivative against another exact one: relative, and relative to the parameter's largest.
    pub(super) exact: (f64, f64),
}

impl Tolerance {
    /// What floats of so many bits allow.
    pub(super) fn of(bits: u32) -> Self {
        match bits {
            32 => Tolerance {
                difference: 2e-3,
                exact: (1e-3, 2e-5),
            },
            _ => Tolerance {
                difference: 1e-6,
                exact: (1e-7, 1e-11),
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
}

/// What a derivative is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reference {
    /// A central difference of values of this size; `None` where the function is not finite.
    Difference(Option<Difference>, f64),
    /// Another derivative.
    Exact(f64),
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
        verdict: Verdict::Nothing,
        kinks: 0,
        undefined: 0,
        rough: 0,
    };
    let mut worst: Option<(Verdict, f64)> = None;
    let mut agreed = 0;
    for pair in pairs {
        let verdict = judge(pair, scale, tolerance);
        match verdict {
            Verdict::Kink => out.kinks += 1,
            Verdict::Undefined => out.undefined += 1,
            Verdict::Inconclusive => out.rough += 1,
            Verdict::Agrees => agreed += 1,
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
        if verdict == Verdict::Agrees || verdict.is_failure() {
            out.absolute = larger(out.absolute, off);
            out.relative = larger(out.relative, relative);
        }
        let rank = match verdict.is_failure() {
            true => verdict,
            false => Verdict::Agrees,
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
            out.verdict = out.verdict.max(verdict);
        }
    }
    if !out.verdict.is_failure() {
        out.verdict = if pairs.is_empty() {
            Verdict::Nothing
        } else if out.rough > agreed {
            Verdict::Inconclusive
        } else if agreed > 0 {
            Verdict::Agrees
        } else if out.kinks > 0 {
            Verdict::Kink
        } else {
            Verdict::Undefined
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
            Reference::Difference(difference, _) => difference.map(|found| found.value),
            Reference::Exact(value) => Some(value),
        }
    }

    fn comparison(&self, reference: f64) -> Comparison {
        let difference = match self.reference {
            Reference::Difference(difference, _) => difference,
            Reference::Exact(_) => None,
        };
        Comparison {
            place: self.place.clone(),
            derivative: self.derivative,
            reference,
            step: difference.map(|found| found.step),
            estimated: difference.map(|found| found.error),
        }
    }
}

/// `scale` is the largest derivative of the parameter.
fn judge(pair: &Pair, scale: f64, tolerance: Tolerance) -> Verdict {
    let derivative = pair.derivative;
    let (found, reach) = match pair.reference {
        Reference::Exact(reference) => {
            let (relative, absolute) = tolerance.exact;
            let size = derivative.abs().max(reference.abs());
            let off = (derivative - reference).abs();
            return if derivative.is_nan() && reference.is_nan() {
                Verdict::Undefined
            } else if derivative == reference || off <= relative * size + absolute * scale {
                Verdict::Agrees
            } else if derivative.is_nan() {
                Verdict::Nan
            } else {
                Verdict::Disagrees
            };
        }
        Reference::Difference(None, _) => return Verdict::Undefined,
        Reference::Difference(Some(found), reach) => (found, reach),
    };
    if let Some((left, right)) = found.kink {
        let slack = 0.05 * left.abs().max(right.abs());
        let low = left.min(right) - slack;
        let high = left.max(right) + slack;
        return match (low..=high).contains(&derivative) {
            true => Verdict::Kink,
            // A slope that grows as the step shrinks is a jump, and no derivative at all.
            false if found.error > 0.5 * found.value.abs() => Verdict::Inconclusive,
            false if derivative.is_nan() => Verdict::Nan,
            false => Verdict::Disagrees,
        };
    }
    if !derivative.is_finite() {
        return match found.error < 0.1 * found.value.abs().max(scale) {
            true => Verdict::Nan,
            false => Verdict::Undefined,
        };
    }
    let size = derivative.abs().max(found.value.abs());
    let off = (derivative - found.value).abs();
    let uncertain = 4.0 * found.error;
    // Of noise that is as large as the derivative nothing can be said, unless both are zero.
    let is_zero = size <= uncertain && uncertain <= tolerance.difference * reach.max(scale);
    let floor = 1e-2 * tolerance.difference * scale;
    if is_zero || off <= tolerance.difference * size + floor + uncertain.min(0.02 * size.max(scale))
    {
        Verdict::Agrees
    } else if off <= 2.0 * uncertain {
        Verdict::Inconclusive
    } else {
        Verdict::Disagrees
    }
}

/// True for what has an adjoint or a tangent.
pub(super) fn is_active(activity: Activity) -> bool {
    activity != Activity::Const
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(derivative: f64, value: f64, error: f64, kink: Option<(f64, f64)>) -> Verdict {
        let pair = Pair {
            place: String::new(),
            derivative,
            reference: Reference::Difference(
                Some(Difference {
                    value,
                    error,
                    step: 0.1,
                    kink,
                }),
                1.0,
            ),
        };
        judge(&pair, 1.0, Tolerance::of(64))
    }

    #[test]
    fn verdicts() {
        assert_eq!(verdict(2.0, 2.0 + 1e-9, 1e-10, None), Verdict::Agrees);
        assert_eq!(verdict(0.0, 1e-13, 1e-12, None), Verdict::Agrees);
        assert_eq!(verdict(2.0, 2.001, 1e-10, None), Verdict::Disagrees);
        assert_eq!(verdict(0.0, 1e-3, 1e-10, None), Verdict::Disagrees);
        assert_eq!(verdict(f64::NAN, 2.0, 1e-10, None), Verdict::Nan);
        assert_eq!(verdict(2.0, 2.3, 0.3, None), Verdict::Inconclusive);
        assert_eq!(verdict(1.0, 0.0, 0.0, Some((-1.0, 1.0))), Verdict::Kink);
        assert_eq!(verdict(0.0, 0.0, 0.0, Some((-1.0, 1.0))), Verdict::Kink);
        assert_eq!(
            verdict(1.5, 0.0, 0.0, Some((-1.0, 1.0))),
            Verdict::Disagrees
        );
    }
}
