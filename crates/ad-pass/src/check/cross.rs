//! Compares the two modes with each other.

use trace::{AdOptions, Check, Cross, Diagnosis, Judgement, Mode, Runner};

use super::compare::{Tolerance, is_active};
use super::guard::{Guard, confined};
use super::plan::Plan;
use super::point::Point;
use super::run::Derivative;
use super::session::{Session, Source};
use crate::channel::recorder::Recorder;
use crate::differentiate::derive::derive_again;
use crate::differentiate::derived::Derived;
use crate::options::Options;

/// Differentiates in the other mode, and compares the two.
pub(super) fn cross<'c>(
    source: &Source<'_, 'c>,
    session: &Session<'c>,
    derivative: &Derivative<'c>,
    options: &Options,
    points: &SamePoints<'_>,
    recorder: &Recorder,
) -> Result<Cross, Diagnosis> {
    let other = match options.ad.mode {
        Mode::Forward => Mode::Reverse,
        Mode::Reverse => Mode::Forward,
    };
    let ad = AdOptions {
        mode: other,
        // What was stated in one mode's words means the default in the other's, or a constant.
        activities: session
            .derived
            .signature
            .parameters
            .iter()
            .filter(|parameter| !is_active(parameter.activity))
            .map(|parameter| (parameter.name.clone(), trace::Activity::Const))
            .collect(),
        wrt: Vec::new(),
        // Reverse mode has none.
        width: 1,
        // Forward mode has one half.
        split: false,
        ..options.ad.clone()
    };
    let options = Options {
        stands_alone: false,
        ad,
        ..options.clone()
    };
    let (module, _) = source.load(&options.ad, &options.function)?;
    let derived = derive_again(&module, &options, &recorder.hushed())?;
    let second = Derivative::compile(&module, &derived, session.function, &options.ad)?;
    // Both derivatives are compiled: code of the module runs in here only.
    let guard = Guard::of(points.check);
    let (found, _) = confined(guard, recorder, || {
        let points = points.make(session)?;
        weigh(session, other, derivative, (&second, &derived), &points)
    })?;
    Ok(found)
}

/// The points that the derivative was compared at before, in another process.
pub(super) struct SamePoints<'a> {
    pub(super) check: &'a Check,
    pub(super) plan: Plan,
    pub(super) numbers: Vec<u32>,
}

impl SamePoints<'_> {
    fn make(&self, session: &Session<'_>) -> Result<Vec<Point>, Diagnosis> {
        let mut points = Vec::new();
        for &number in &self.numbers {
            // It ran to its end before.
            if let Ok(point) = Point::make(session, self.check, &self.plan, number)? {
                points.push(point.numbered(self.check, points.len()));
            }
        }
        Ok(points)
    }
}

/// Weighs what forward mode makes of tangents against what reverse mode makes of seeds.
fn weigh(
    session: &Session<'_>,
    other: Mode,
    derivative: &Derivative<'_>,
    second: (&Derivative<'_>, &Derived),
    points: &[Point],
) -> Result<Cross, Diagnosis> {
    let mut out = Cross {
        other,
        forward: 0.0,
        reverse: 0.0,
        relative: 0.0,
        judgement: Judgement::Nothing,
        reason: None,
    };
    let (relative, _) = Tolerance::of(session.bits).exact;
    for point in points {
        let sums = match other {
            Mode::Reverse => point.products(session, (derivative, &session.derived), second),
            Mode::Forward => point.products(session, second, (derivative, &session.derived)),
        };
        let sums = sums.map_err(|ended| ended.diagnosis(Runner::Derivative, &point.values()))?;
        let off = (sums.forward - sums.reverse).abs() / sums.size.max(1e-300);
        if sums.size == 0.0 {
            continue;
        }
        let nowhere = !sums.forward.is_finite() && !sums.reverse.is_finite();
        if nowhere || !point.is_finite() || sums.singular {
            out.judgement = out.judgement.max(Judgement::Undefined);
            continue;
        }
        // Written so that what is not a number disagrees.
        let agrees = off <= relative + sums.uncertain / sums.size.max(1e-300);
        let is_worse = off.is_nan() || off > out.relative || out.judgement == Judgement::Nothing;
        if is_worse {
            out.forward = sums.forward;
            out.reverse = sums.reverse;
            out.relative = off;
        }
        out.judgement = match (agrees, out.judgement) {
            (false, _) | (_, Judgement::Disagrees) => Judgement::Disagrees,
            (true, _) => Judgement::Agrees,
        };
    }
    Ok(out)
}
