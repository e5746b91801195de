//! Runs a function and its derivative, and compares the numbers: with central differences, forward
//! with reverse mode, and with a hand-written backward function.

use std::collections::{BTreeMap, HashSet};
use std::panic::resume_unwind;
use std::thread;

use inkwell::context::Context;
use inkwell::module::Module;
use serde::{Deserialize, Serialize};
use trace::{
    AdOptions, Check, CheckFault, CheckNote, Checked, Compared, Diagnosis, Help, Kind, Mode,
    Problem, Runner, Uncompared, WhyUncompared,
};

use super::allocated::Owner;
use super::compare::{Pair, Tolerance, is_active, sum_up};
use super::compared_with::ComparedWith;
use super::coverage::Coverage;
use super::cross::{SamePoints, cross};
use super::guard::{Guard, confined};
use super::halves::join;
use super::jit::{self, Instrumented};
use super::manual::Backward;
use super::panic::{Ended, unresolved};
use super::plan::Plan;
use super::point::Point;
use super::run::{Derivative, Primal};
use super::session::{Session, Source};
use super::settle::settle;
use crate::channel::recorder::Recorder;
use crate::differentiate::derive::derive;
use crate::differentiate::derived::Derived;
use crate::ir::lookup::find;
use crate::options::Options;
use crate::stack::STACK;
use crate::types::ty::Ty;

/// Differentiates a function of `module` and compares. What was found is recorded, the comparison of
/// the two modes last: Enzyme may refuse the other mode, and that ends the process.
pub(crate) fn check_derivative<'c>(
    source: &Source<'_, 'c>,
    module: &Module<'c>,
    options: &Options,
    check: &Check,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    can_run(&options.ad, check)?;
    let derived = derive(module, options, recorder)?;
    compare(source, module, options, check, derived, recorder)
}

/// Compares a derivative that `module` has with its primal, as the module came. The module is good for nothing after.
pub(crate) fn compare<'c>(
    source: &Source<'_, 'c>,
    module: &Module<'c>,
    options: &Options,
    check: &Check,
    mut derived: Derived,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    can_run(&options.ad, check)?;
    recorder.stage("compile");
    let (fresh, _) = source.load(&options.ad, &derived.names.primal)?;
    let function = find(&fresh, &derived.names.primal)?;
    join(module, function, &mut derived)?;
    let manual = check.manual.as_ref();
    let manual = manual
        .map(|manual| Backward::find(&fresh, manual, &derived))
        .transpose()?;
    let compile = || Derivative::compile(module, &derived, function, &options.ad);
    let (compiled, derivative) = match &manual {
        // Both are functions of one module.
        Some(manual) => {
            let functions = [function, manual.function];
            let compiled = jit::compile_with_tangents(&fresh, &functions)?;
            (compiled, compile()?)
        }
        None => beside(source, &options.ad, &derived.names.primal, compile)?,
    };
    let returns = function.get_type().get_return_type();
    let primal = Primal::new(compiled.code, returns, derived.returns.as_ref())
        .looking_into(Owner::all(&derived));
    derivative.code.limit(PATIENCE);

    let mut session = Session::new(primal, function, derived, check);
    let compared = compiled.compared;
    let constants = compared.floats.clone();
    recorder.stage("run");
    // All is compiled: code of the module runs in here only.
    let (ran, printed) = confined(Guard::of(check), recorder, || {
        let coverage = Coverage::of(compiled.blocks);
        run(
            &mut session,
            &derivative,
            manual.as_ref(),
            compared,
            coverage,
            check,
        )
    })?;
    let mut found = ran.found;
    found.notes.extend(printed);
    session.bits = ran.bits;
    recorder.checked(found.clone());
    let crashed = found
        .faults
        .iter()
        .any(|fault| matches!(fault, CheckFault::Ended { .. }));
    if check.cross && !crashed {
        recorder.stage("cross");
        let points = SamePoints {
            check,
            plan: Plan {
                sizes: ran.sizes,
                constants,
                is_single: session.primal.code.bits() < 64,
            },
            numbers: ran.numbers,
        };
        found.cross = Some(cross(
            source,
            &session,
            &derivative,
            options,
            &points,
            recorder,
        )?);
        recorder.checked(found);
    }
    Ok(())
}

/// Compiles a primal with tangents, and something else meanwhile: to compile is most of a check. What is compiled does not
/// depend on addresses, as what Enzyme makes does.
fn beside<T>(
    source: &Source<'_, '_>,
    ad: &AdOptions,
    primal: &str,
    meanwhile: impl FnOnce() -> Result<T, Diagnosis>,
) -> Result<(Instrumented<'static>, T), Diagnosis> {
    let (bytes, name) = (source.bytes, source.name);
    let work = move || {
        // Another thread needs a context of its own, which lives as long as the process.
        let context: &'static Context = Box::leak(Box::new(Context::create()));
        let own = Source {
            context,
            bytes,
            name,
        };
        let (module, _) = own.load(ad, primal)?;
        let module: &'static Module<'static> = Box::leak(Box::new(module));
        jit::compile_with_tangents(module, &[find(module, primal)?]).map(jit::Moved::new)
    };
    thread::scope(|scope| {
        // Without a second thread it is done one after the other.
        let worker = thread::Builder::new().stack_size(STACK);
        let Ok(worker) = worker.spawn_scoped(scope, work) else {
            return Ok((work()?.into_inner(), meanwhile()?));
        };
        let other = meanwhile();
        let compiled = worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok((compiled?.into_inner(), other?))
    })
}

/// What running the function and its derivative gives.
#[derive(Serialize, Deserialize)]
struct Ran {
    found: Checked,
    /// The sizes of the plan.
    sizes: Vec<(u64, i128)>,
    /// The numbers of the points that were compared at.
    numbers: Vec<u32>,
    /// The fewest bits of any float that takes part.
    bits: u32,
}

/// Runs both, and compares them with dual numbers, with differences and with the hand-written function.
fn run(
    session: &mut Session<'_>,
    derivative: &Derivative<'_>,
    manual: Option<&Backward<'_>>,
    compared: ComparedWith,
    mut coverage: Coverage,
    check: &Check,
) -> Result<Ran, Diagnosis> {
    let (plan, notes) = settle(
        session.function,
        &session.derived,
        &session.primal,
        compared,
        check,
    )?;
    let mut found = Checked {
        seed: check.seed,
        notes,
        ..Checked::default()
    };
    let chosen = choose(session, check, &plan, &mut coverage, &mut found)?;
    let elements = chosen.first().map_or_else(Vec::new, |(_, point)| {
        session.bits = session.bits.min(point.bits());
        count_elements(session, point)
    });
    let mut pairs: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
    let mut by_hand: BTreeMap<usize, Vec<Pair>> = BTreeMap::new();
    for (_, point) in &chosen {
        found.points += 1;
        if found.inputs.is_empty() || check.all_inputs {
            found.inputs.push(point.values().into_iter().collect());
        }
        match point.compare(session, derivative) {
            Ok((compared, faults)) => {
                found.faults.extend(faults);
                for (parameter, mut list) in compared {
                    pairs.entry(parameter).or_default().append(&mut list);
                }
            }
            Err(Ended::Missing(symbols)) => return Err(unresolved(&symbols)),
            Err(ended) => {
                // The primal ran to its end at this point. What the derivative leaves behind is not to be relied on.
                let how = ended.problem(Runner::Derivative);
                found.faults.push(CheckFault::Ended { how });
                break;
            }
        }
        if let Some(manual) = manual {
            for (parameter, mut list) in manual.compare(session, point, derivative)? {
                by_hand.entry(parameter).or_default().append(&mut list);
            }
        }
    }
    found.faults.sort_by_key(ToString::to_string);
    found.faults.dedup();
    found.blocks = coverage.sum();
    let tolerance = Tolerance::of(session.bits);
    found.differences = table(session, &pairs, &elements, tolerance, true);
    found.manual = table(session, &by_hand, &elements, tolerance, false);
    let points = || chosen.iter().map(|(_, point)| point);
    if let Some(uncompared) = uncompared(session, points) {
        found.notes.push(CheckNote::Uncompared(uncompared));
    } else if nothing_flows(&found.differences) {
        found.notes.push(CheckNote::AllZero);
    } else {
        // It does something with floats at other points.
        let is_of_sizes = |note: &CheckNote| matches!(note, CheckNote::NothingAtTheseSizes { .. });
        found.notes.retain(|note| !is_of_sizes(note));
    }
    Ok(Ran {
        found,
        sizes: plan.sizes,
        numbers: chosen.into_iter().map(|(number, _)| number).collect(),
        bits: session.bits,
    })
}

/// How long a call of the derivative may take, in milliseconds. The primal ran to its end at the same point, within
/// a number of blocks.
pub(super) const PATIENCE: u32 = 20_000;

/// The points to compare at, with their numbers: as many as were asked for, and more where these reach blocks that
/// none of them does.
pub(super) fn choose(
    session: &mut Session<'_>,
    check: &Check,
    plan: &Plan,
    coverage: &mut Coverage,
    found: &mut Checked,
) -> Result<Vec<(u32, Point)>, Diagnosis> {
    /// As many points are tried at most for one that is compared.
    const TRIES: u32 = 4;
    /// As many more are tried for blocks that none reaches.
    const SEARCH: u32 = 400;
    /// Blocks that may run in this search.
    const PATIENCE: u64 = 20_000_000;
    let wanted = match check.inputs.len() {
        0 => check.points,
        several => u32::try_from(several).unwrap_or(u32::MAX),
    };
    let mut chosen: Vec<(u32, Point)> = Vec::new();
    let mut seen = HashSet::new();
    let mut first_end = None;
    let mut not_finite = None;
    coverage.forget();
    let last = match check.inputs.len() {
        0 => wanted.saturating_mul(TRIES).saturating_add(SEARCH),
        _ => wanted,
    };
    for number in 0..last {
        let is_enough = chosen.len() >= wanted as usize;
        if is_enough
            && (coverage.is_whole() || coverage.work > PATIENCE || !check.inputs.is_empty())
        {
            break;
        }
        let made = Point::make(session, check, plan, number)?;
        let point = match made {
            Ok(point) => point,
            Err(ended) => {
                coverage.forget();
                found.left_out += u32::from(!is_enough);
                first_end.get_or_insert(ended);
                continue;
            }
        };
        if !seen.insert(point.image().blocks.clone()) {
            coverage.forget();
            // Ranges leave a single point.
            if number > wanted && chosen.len() == 1 {
                break;
            }
            continue;
        }
        if !point.is_finite() {
            coverage.forget();
            found.left_out += u32::from(!is_enough);
            not_finite.get_or_insert((number, point));
            continue;
        }
        let is_new = coverage.note(point.has_ties);
        if chosen.is_empty() {
            budget(session, &point, check, coverage.work, &mut found.notes);
        }
        if !is_enough || is_new {
            chosen.push((number, point.numbered(check, chosen.len())));
        }
    }
    match (chosen.is_empty(), not_finite, first_end) {
        (true, Some(point), _) => {
            found.notes.push(CheckNote::NeverFinite);
            let (number, point) = point;
            chosen.push((number, point.numbered(check, 0)));
        }
        (true, None, Some(ended)) => return Err(ended.diagnosis(Runner::Primal, &[])),
        _ => {}
    }
    Ok(chosen)
}

/// What can be run at all, where every instruction of the derivative is to be known.
pub(super) fn feasible(ad: &AdOptions, check: &Check) -> Result<(), Diagnosis> {
    if ad.split {
        return Err(
            Diagnosis::new(Kind::Inputs, Problem::TakesOneFunction).with_help(Help::WithoutSplit)
        );
    }
    can_run(ad, check)
}

/// What can be run at all.
pub(super) fn can_run(ad: &AdOptions, check: &Check) -> Result<(), Diagnosis> {
    if check.manual.is_some() && ad.mode == Mode::Forward {
        return Err(
            Diagnosis::new(Kind::Inputs, Problem::ManualIsReverse).with_help(Help::ReverseMode)
        );
    }
    Ok(())
}

/// What the function gives and nothing was held against: in reverse mode what it allocates, for whose seed there is no place
/// before it runs; in both modes what nobody knows the way to.
fn uncompared<'a, Points: Iterator<Item = &'a Point>>(
    session: &Session<'_>,
    points: impl Fn() -> Points,
) -> Option<Uncompared> {
    let mut places = points().flat_map(|point| &point.allocated);
    let mut unseen = points().filter_map(|point| point.left.unseen.as_deref());
    let has_seeds = session.derived.signature.mode == Mode::Reverse;
    let of = |what: &str, why| Uncompared {
        what: what.to_owned(),
        why,
    };
    places
        .next()
        .filter(|_| has_seeds)
        .map(|place| of(place.list(), WhyUncompared::NoSeed))
        .or_else(|| unseen.next().map(|what| of(what, WhyUncompared::NoWay)))
}

/// Nothing depended on anything.
fn nothing_flows(compared: &[Compared]) -> bool {
    let total: u64 = compared.iter().map(|part| part.compared).sum();
    let zeros: u64 = compared.iter().map(|part| part.zeros).sum();
    total > 0 && total == zeros
}

pub(super) fn count_elements(session: &Session<'_>, point: &Point) -> Vec<u64> {
    (0..session.derived.shapes.len())
        .map(|at| point.floats_of(at).count() as u64)
        .collect()
}

/// Takes fewer samples of a function that runs for long. `work` is how many blocks one run takes: a measure that
/// is the same everywhere, so that the same command compares the same.
fn budget(
    session: &mut Session<'_>,
    point: &Point,
    check: &Check,
    work: u64,
    notes: &mut Vec<CheckNote>,
) {
    /// Blocks that may run in all.
    const BUDGET: u64 = 200_000_000;
    /// Runs for one derivative: one with tangents, and four for differences.
    const RUNS: u64 = 5;
    let shapes = 0..session.derived.shapes.len();
    let active = shapes.filter(|&at| is_active(session.parameter(at).activity));
    let elements: u64 = active
        .map(|at| (point.floats_of(at).count() as u64).min(u64::from(check.samples) + 2))
        .sum();
    // What is followed at once is compared in every direction.
    let elements = elements.max(u64::from(session.derived.signature.width));
    let all = work * RUNS * elements * u64::from(check.points.max(1));
    if all <= BUDGET {
        return;
    }
    let affordable = (u128::from(check.samples) * u128::from(BUDGET) / u128::from(all)) as usize;
    let affordable = affordable.max(2);
    if affordable < session.samples {
        notes.push(CheckNote::Sampled {
            compared: affordable,
            of: session.samples,
        });
        session.samples = affordable;
    }
}

pub(super) fn table(
    session: &Session<'_>,
    pairs: &BTreeMap<usize, Vec<Pair>>,
    elements: &[u64],
    tolerance: Tolerance,
    all: bool,
) -> Vec<Compared> {
    (0..session.derived.shapes.len())
        .map(|at| (at, session.parameter(at)))
        .filter(|(at, parameter)| pairs.contains_key(at) || (all && is_active(parameter.activity)))
        // A result is no input.
        .filter(|(at, _)| !matches!(session.derived.shapes[*at].ty, Ty::Result { .. }))
        .map(|(at, parameter)| {
            let list = pairs.get(&at).map_or(&[][..], Vec::as_slice);
            sum_up(parameter, elements[at], list, tolerance)
        })
        .collect()
}
