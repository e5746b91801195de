//! Runs a function and its derivative, and compares the numbers: with central differences, forward
//! with reverse mode, and with a hand-written backward function.

mod compare;
mod differences;
mod heap;
mod image;
mod inputs;
mod jit;
mod manual;
mod panic;
mod point;
mod random;
mod run;
mod stride;

use std::collections::BTreeMap;
use std::time::Instant;

use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{
    AdOptions, Check, Checked, Compared, Cross, Diagnosis, Kind, Mode, Parameter, Verdict,
};

use crate::differentiate::{Derived, Options, derive, derive_again, find};
use crate::module::load;
use crate::record::Recorder;
use compare::{Pair, Tolerance, is_active, sum_up};
use inputs::{Defaults, Inputs};
use panic::Ended;
use point::Point;
use run::{Derivative, Primal};

/// The module as it came, from which others are made.
pub(crate) struct Source<'a, 'c> {
    pub(crate) context: &'c Context,
    pub(crate) bytes: &'a [u8],
    pub(crate) name: &'a str,
}

/// Everything that comparisons share.
struct Session<'c> {
    primal: Primal<'c>,
    function: FunctionValue<'c>,
    derived: Derived,
    /// The fewest bits of any float that takes part.
    bits: u32,
    samples: usize,
}

/// Differentiates a function of `module` and compares. What was found is recorded, the comparison of
/// the two modes last: Enzyme may refuse the other mode, and that ends the process.
pub(crate) fn check<'c>(
    source: &Source<'_, 'c>,
    module: &Module<'c>,
    options: &Options,
    check: &Check,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    feasible(&options.ad, check)?;
    let derived = derive(module, options, recorder)?;
    if derived.signature.width > 1 {
        return Err(Diagnosis::new(
            Kind::Inputs,
            format!(
                "the module itself asks for {} directions at once, and check takes one",
                derived.signature.width
            ),
        )
        .with_help("state what is differentiated, as in --wrt x: that counts for more than what the module asks for"));
    }
    recorder.stage("compile");
    let fresh = load(source.context, source.bytes, source.name)?;
    let function = find(&fresh, &derived.names.primal)?;
    let manual = check.manual.as_ref();
    let manual = manual
        .map(|manual| manual::Backward::find(&fresh, manual, &derived))
        .transpose()?;
    let mut functions = vec![function];
    functions.extend(manual.as_ref().map(|manual| manual.function));
    let returns = function.get_type().get_return_type();
    let primal = Primal::new(jit::compile(&fresh, &functions)?, returns);
    let derivative = compiled(module, &derived, function)?;

    recorder.stage("run");
    let (defaults, notes) = settle(function, &derived, &primal, check)?;
    let mut session = Session {
        primal,
        function,
        derived,
        bits: 64,
        samples: check.samples as usize,
    };
    let mut found = Checked {
        seed: check.seed,
        points: check.points,
        notes,
        ..Checked::default()
    };
    let mut pairs: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
    let mut by_hand: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
    let mut elements: Vec<u64> = Vec::new();
    for number in 0..check.points {
        let point = session.point(check, defaults, number)?;
        if number == 0 {
            found.inputs = point.words();
            elements = session.elements(&point);
            session.bits = match session.primal.code.is_single() {
                true => 32,
                false => point.bits(),
            };
            session.budget(&point, check, &mut found.notes);
        }
        let (mut compared, faults) = point.compare(&session, &derivative)?;
        found.faults.extend(faults);
        for (parameter, list) in &mut compared {
            pairs.entry(*parameter).or_default().append(list);
        }
        if let Some(manual) = &manual {
            for (parameter, mut list) in manual.compare(&session, &point, &derivative)? {
                by_hand.entry(parameter).or_default().append(&mut list);
            }
        }
    }
    found.faults.sort();
    found.faults.dedup();
    let tolerance = Tolerance::of(session.bits);
    found.differences = session.table(&pairs, &elements, tolerance, true);
    found.manual = session.table(&by_hand, &elements, tolerance, false);
    if nothing_flows(&found.differences) {
        found.notes.push(
            "every derivative is zero at these points: choose inputs that the function does more with"
                .to_owned(),
        );
    }
    recorder.checked(found.clone());
    if check.cross {
        recorder.stage("cross");
        found.cross = Some(cross(
            source,
            &session,
            &derivative,
            options,
            check,
            defaults,
            recorder,
        )?);
        recorder.checked(found);
    }
    Ok(())
}

/// What can be run at all.
fn feasible(ad: &AdOptions, check: &Check) -> Result<(), Diagnosis> {
    let refused = |what: &str, help: &str| Err(Diagnosis::new(Kind::Inputs, what).with_help(help));
    if ad.width > 1 {
        return refused(
            "check takes one direction at a time",
            "leave --width out: all directions are those of one, side by side",
        );
    }
    if ad.split {
        return refused(
            "check runs the derivative as one function",
            "leave --split out: the halves compute what the whole does",
        );
    }
    if check.manual.is_some() && ad.mode == Mode::Forward {
        return refused(
            "a hand-written backward function is compared in reverse mode",
            "use --mode reverse",
        );
    }
    Ok(())
}

fn compiled<'c>(
    module: &Module<'c>,
    derived: &Derived,
    primal: FunctionValue<'c>,
) -> Result<Derivative<'c>, Diagnosis> {
    let derivative = find(module, &derived.names.derivative)?;
    let code = jit::compile(module, &[derivative])?;
    Derivative::new(code, primal, derivative, derived)
}

/// How long a call of the primal may take, in milliseconds.
const PATIENCE: u32 = 1500;
const SIGALRM: i32 = 14;
/// At how many points a try is made at most.
const POINTS: u32 = 8;

/// Finds sizes and ranges with which the function runs to its end, and gives finite numbers that
/// depend on its inputs.
fn settle(
    function: FunctionValue<'_>,
    derived: &Derived,
    primal: &Primal<'_>,
    check: &Check,
) -> Result<(Defaults, Vec<String>), Diagnosis> {
    let mut first_end: Option<(Ended, Inputs)> = None;
    let mut ran: Option<(Defaults, bool)> = None;
    // A loop that goes on until it has converged may never do so on numbers that nobody meant.
    primal.code.limit(PATIENCE);
    let mut endless = 0;
    let mut settled = false;
    'sizes: for (length, integer) in inputs::TRIES {
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
            let first = point::outcome(primal, &made.image);
            let all = (1..check.points.min(POINTS)).try_fold(first, |so_far, point| {
                let Ok(so_far) = so_far else {
                    return Ok(so_far);
                };
                let next = point::outcome(primal, &make(point)?.image);
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
        return Err(ended.diagnosis("the function", &inputs.words));
    };
    let mut notes = Vec::new();
    if !settled && let Some((ended, inputs)) = &first_end {
        notes.push(format!(
            "the function does nothing with floats at these sizes; at others it ends otherwise: {}",
            ended.diagnosis("it", &inputs.words).message
        ));
    }
    if !is_finite {
        notes.push(
            "the function is infinite or not a number at every point that was tried: choose others with --range"
                .to_owned(),
        );
    } else if defaults.low > 0.0 {
        notes.push(
            "floats are from 0.25 to 1: from -1 to 1 the function is not a number".to_owned(),
        );
    }
    Ok((defaults, notes))
}

/// Nothing depended on anything.
fn nothing_flows(compared: &[Compared]) -> bool {
    let total: u64 = compared.iter().map(|part| part.compared).sum();
    let zeros: u64 = compared.iter().map(|part| part.zeros).sum();
    total > 0 && total == zeros
}

impl Session<'_> {
    fn point(&self, check: &Check, defaults: Defaults, number: u32) -> Result<Point, Diagnosis> {
        let made = inputs::make(
            self.function,
            &self.derived.shapes,
            self.primal.code.layout(),
            check,
            number,
            defaults,
        )?;
        Point::new(self, made, check.seed, number)
    }

    /// The parameter's activity, by its position among Rust's.
    fn parameter(&self, at: usize) -> &Parameter {
        self.derived.parameter(at)
    }

    fn elements(&self, point: &Point) -> Vec<u64> {
        (0..self.derived.shapes.len())
            .map(|at| point.floats_of(at).count() as u64)
            .collect()
    }

    /// Takes fewer samples of a function that runs for long.
    fn budget(&mut self, point: &Point, check: &Check, notes: &mut Vec<String>) {
        /// Seconds that differences may take in all.
        const BUDGET: f64 = 20.0;
        /// Seconds of one call below which nothing is left out.
        const QUICK: f64 = 5e-3;
        // The fastest of a few: others may be busy meanwhile.
        let seconds = (0..3)
            .map(|_| {
                let started = Instant::now();
                let _ = point::outcome(&self.primal, point.image());
                started.elapsed().as_secs_f64() / 2.0
            })
            .fold(f64::INFINITY, f64::min);
        if seconds < QUICK {
            return;
        }
        let active = self.derived.signature.parameters.iter();
        let active = active.filter(|p| is_active(p.activity)).count().max(1) as f64;
        // Each sample is a central difference at a dozen steps.
        let each = 26.0 * seconds * active * f64::from(check.points.max(1));
        let affordable = ((BUDGET / each) as usize).max(2);
        if affordable < self.samples {
            notes.push(format!(
                "the function runs for long: {affordable} derivatives of each parameter are compared one by one instead of {}",
                self.samples
            ));
            self.samples = affordable;
        }
    }

    fn table(
        &self,
        pairs: &BTreeMap<usize, Vec<Pair>>,
        elements: &[u64],
        tolerance: Tolerance,
        all: bool,
    ) -> Vec<Compared> {
        (0..self.derived.shapes.len())
            .map(|at| (at, self.parameter(at)))
            .filter(|(at, parameter)| {
                pairs.contains_key(at) || (all && is_active(parameter.activity))
            })
            .map(|(at, parameter)| {
                let list = pairs.get(&at).map_or(&[][..], Vec::as_slice);
                sum_up(parameter, elements[at], list, tolerance)
            })
            .collect()
    }
}

/// Differentiates in the other mode, and compares the two.
fn cross<'c>(
    source: &Source<'_, 'c>,
    session: &Session<'c>,
    derivative: &Derivative<'c>,
    options: &Options,
    check: &Check,
    defaults: Defaults,
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
        ..options.ad.clone()
    };
    let options = Options {
        ad,
        ..options.clone()
    };
    let module = load(source.context, source.bytes, source.name)?;
    let derived = derive_again(&module, &options, &recorder.hushed())?;
    if derived.signature.width > 1 {
        return Ok(Cross {
            other,
            forward: 0.0,
            reverse: 0.0,
            relative: 0.0,
            verdict: Verdict::Nothing,
            reason: Some(format!(
                "the module asks for {} directions at once",
                derived.signature.width
            )),
        });
    }
    let second = compiled(&module, &derived, session.function)?;
    let mut out = Cross {
        other,
        forward: 0.0,
        reverse: 0.0,
        relative: 0.0,
        verdict: Verdict::Nothing,
        reason: None,
    };
    let (relative, _) = Tolerance::of(session.bits).exact;
    for number in 0..check.points {
        let point = session.point(check, defaults, number)?;
        let sums = match other {
            Mode::Reverse => point.products((derivative, &session.derived), (&second, &derived)),
            Mode::Forward => point.products((&second, &derived), (derivative, &session.derived)),
        }?;
        let off = (sums.forward - sums.reverse).abs() / sums.size.max(1e-300);
        if sums.size == 0.0 {
            continue;
        }
        let nowhere = !sums.forward.is_finite() && !sums.reverse.is_finite();
        if nowhere || !point.is_finite() {
            out.verdict = out.verdict.max(Verdict::Undefined);
            continue;
        }
        // Written so that what is not a number disagrees.
        let agrees = off <= relative;
        let is_worse = off.is_nan() || off > out.relative || out.verdict == Verdict::Nothing;
        if is_worse {
            out.forward = sums.forward;
            out.reverse = sums.reverse;
            out.relative = off;
        }
        out.verdict = match (agrees, out.verdict) {
            (false, _) | (_, Verdict::Disagrees) => Verdict::Disagrees,
            (true, _) => Verdict::Agrees,
        };
    }
    Ok(out)
}
