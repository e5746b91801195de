//! Runs a function and its derivative, and compares the numbers: with central differences, forward
//! with reverse mode, and with a hand-written backward function.

use std::collections::BTreeMap;
use std::time::Instant;

use inkwell::module::Module;
use trace::{AdOptions, Check, CheckNote, Checked, Compared, Diagnosis, Help, Kind, Mode, Problem};

use super::compare::{Pair, Tolerance, is_active, sum_up};
use super::cross::cross;
use super::jit;
use super::manual;
use super::outcome::outcome;
use super::point::Point;
use super::run::{Derivative, Primal};
use super::session::{Session, Source};
use super::settle::settle;
use crate::channel::recorder::Recorder;
use crate::differentiate::derive::derive;
use crate::ir::load::load;
use crate::ir::lookup::find;
use crate::options::Options;

/// Differentiates a function of `module` and compares. What was found is recorded, the comparison of
/// the two modes last: Enzyme may refuse the other mode, and that ends the process.
pub(crate) fn check_derivative<'c>(
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
            Problem::CheckOfDirections {
                width: derived.signature.width,
            },
        )
        .with_help(Help::StateWrt));
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
    let derivative = Derivative::compile(module, &derived, function)?;

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
        let point = Point::make(&session, check, defaults, number)?;
        if number == 0 {
            found.inputs = point.words();
            elements = count_elements(&session, &point);
            session.bits = match session.primal.code.is_single() {
                true => 32,
                false => point.bits(),
            };
            budget(&mut session, &point, check, &mut found.notes);
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
    found.faults.sort_by_key(ToString::to_string);
    found.faults.dedup();
    let tolerance = Tolerance::of(session.bits);
    found.differences = table(&session, &pairs, &elements, tolerance, true);
    found.manual = table(&session, &by_hand, &elements, tolerance, false);
    if nothing_flows(&found.differences) {
        found.notes.push(CheckNote::AllZero);
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
    let refused = |what: Problem, help| Err(Diagnosis::new(Kind::Inputs, what).with_help(help));
    if ad.width > 1 {
        return refused(Problem::CheckTakesOneDirection, Help::NoWidth);
    }
    if ad.split {
        return refused(Problem::CheckTakesOneFunction, Help::CheckWithoutSplit);
    }
    if check.manual.is_some() && ad.mode == Mode::Forward {
        return refused(Problem::ManualIsReverse, Help::ReverseMode);
    }
    Ok(())
}

/// Nothing depended on anything.
fn nothing_flows(compared: &[Compared]) -> bool {
    let total: u64 = compared.iter().map(|part| part.compared).sum();
    let zeros: u64 = compared.iter().map(|part| part.zeros).sum();
    total > 0 && total == zeros
}

fn count_elements(session: &Session<'_>, point: &Point) -> Vec<u64> {
    (0..session.derived.shapes.len())
        .map(|at| point.floats_of(at).count() as u64)
        .collect()
}

/// Takes fewer samples of a function that runs for long.
fn budget(session: &mut Session<'_>, point: &Point, check: &Check, notes: &mut Vec<CheckNote>) {
    /// Seconds that differences may take in all.
    const BUDGET: f64 = 20.0;
    /// Seconds of one call below which nothing is left out.
    const QUICK: f64 = 5e-3;
    // The fastest of a few: others may be busy meanwhile.
    let seconds = (0..3)
        .map(|_| {
            let started = Instant::now();
            let _ = outcome(&session.primal, point.image());
            started.elapsed().as_secs_f64() / 2.0
        })
        .fold(f64::INFINITY, f64::min);
    if seconds < QUICK {
        return;
    }
    let active = session.derived.signature.parameters.iter();
    let active = active.filter(|p| is_active(p.activity)).count().max(1) as f64;
    // Each sample is a central difference at a dozen steps.
    let each = 26.0 * seconds * active * f64::from(check.points.max(1));
    let affordable = ((BUDGET / each) as usize).max(2);
    if affordable < session.samples {
        notes.push(CheckNote::Sampled {
            compared: affordable,
            of: session.samples,
        });
        session.samples = affordable;
    }
}

fn table(
    session: &Session<'_>,
    pairs: &BTreeMap<usize, Vec<Pair>>,
    elements: &[u64],
    tolerance: Tolerance,
    all: bool,
) -> Vec<Compared> {
    (0..session.derived.shapes.len())
        .map(|at| (at, session.parameter(at)))
        .filter(|(at, parameter)| pairs.contains_key(at) || (all && is_active(parameter.activity)))
        .map(|(at, parameter)| {
            let list = pairs.get(&at).map_or(&[][..], Vec::as_slice);
            sum_up(parameter, elements[at], list, tolerance)
        })
        .collect()
}
