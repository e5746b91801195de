//! Differentiates a function, runs both at a point, and records what that took.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use serde_json::Map;
use trace::{Check, Checked, Diagnosis, Kind, Measure, Problem, Profile, Watch};

use super::super::coverage::Coverage;
use super::super::derivative::{PATIENCE, can_run, choose};
use super::super::guard::{Guard, confined};
use super::super::halves::join;
use super::super::jit;
use super::super::point::Point;
use super::super::run::{Derivative, Primal};
use super::super::session::{Session, Source};
use super::super::settle::settle;
use super::counts::Tally;
use super::sweep::{derivative_ended, primal_ended, sweep};
use super::times::{Timed, machine, measure};
use crate::channel::recorder::Recorder;
use crate::differentiate::derive::derive;
use crate::differentiate::derived::KnownDerivative;
use crate::ir::lookup::find;
use crate::options::Options;

/// Measures what running a function of `module` and its derivative once takes.
pub(crate) fn profile<'c>(
    source: &Source<'_, 'c>,
    module: &Module<'c>,
    options: &Options,
    check: &Check,
    measures: Measure,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    can_run(&options.ad, check)?;
    let watched = Options {
        // Of halves Enzyme does not say which instruction belongs to which.
        watch: match options.ad.split {
            true => Watch::Points,
            false => options.watch,
        },
        stands_alone: measures != Measure::Counts,
        ..options.clone()
    };
    let mut derived = derive(module, &watched, recorder)?;
    let known = derived.known.take();
    if known.is_none() && !options.ad.split {
        return Err(Diagnosis::new(Kind::Other, Problem::NoPrimal));
    }
    let symbol = known.as_ref().map(|known| known.primal.clone());
    let symbol = symbol.unwrap_or_else(|| derived.names.primal.clone());
    recorder.stage("compile");
    let (fresh, _) = source.load(&options.ad, &derived.names.primal)?;
    let function = find(&fresh, &derived.names.primal)?;
    join(module, function, &mut derived)?;
    let returns = function.get_type().get_return_type();
    let compiled = jit::compile_with_tangents(&fresh, &[function])?;
    let primal = Primal::new(compiled.code, returns, derived.returns.as_ref());
    let mut session = Session::new(primal, function, derived, check);
    let measured = match measures {
        Measure::Counts => {
            let both = counted(module, &session, (&symbol, known.as_ref()), function)?;
            Measured::Counts(Box::new(both))
        }
        Measure::Times | Measure::Machine => {
            // The primal's module has nothing but the primal by now.
            let again = match &check.manual {
                Some(manual) => Some((source.load(&options.ad, &symbol)?.0, manual)),
                None => None,
            };
            let by_hand = again.as_ref().map(|(module, manual)| (module, *manual));
            let timed = Timed::of(module, by_hand, &session, &symbol, function)?;
            Measured::Times(Box::new(timed))
        }
    };
    let compared = compiled.compared;
    recorder.stage("run");
    // All is compiled: code of the module runs in here only.
    let (mut found, printed) = confined(Guard::of(check), recorder, || {
        let mut coverage = Coverage::of(compiled.blocks);
        let (plan, notes) = settle(
            session.function,
            &session.derived,
            &session.primal,
            compared,
            check,
        )?;
        let mut settled = Checked::default();
        let only_one = Check {
            points: 1,
            ..check.clone()
        };
        let chosen = choose(&mut session, &only_one, &plan, &mut coverage, &mut settled)?;
        let (_, point) = chosen.first().expect("a check has a point, or ends before");
        let mut found = match &measured {
            Measured::Counts(both) => counts(&session, both, point)?,
            Measured::Times(timed) if measures == Measure::Machine => Profile {
                machine: Some(machine(&session, timed, point)?),
                ..empty()
            },
            Measured::Times(timed) => Profile {
                times: measure(&session, timed, point)?,
                ..empty()
            },
        };
        found.inputs = point.values().into_iter().collect();
        found.notes = notes;
        Ok(found)
    })?;
    found.notes.extend(printed);
    recorder.profile(found);
    Ok(())
}

fn empty() -> Profile {
    Profile {
        inputs: Map::new(),
        primal: trace::Counted::default(),
        derivative: trace::Counted::default(),
        times: None,
        machine: None,
        notes: Vec::new(),
    }
}

/// What is run.
enum Measured<'c> {
    Counts(Box<Both<'c>>),
    Times(Box<Timed<'c>>),
}

/// A function and its derivative, which count.
struct Both<'c> {
    primal: Primal<'c>,
    derivative: Derivative<'c>,
    tally: Tally,
}

fn counted<'c>(
    module: &Module<'c>,
    session: &Session<'c>,
    (symbol, known): (&str, Option<&KnownDerivative>),
    function: FunctionValue<'c>,
) -> Result<Both<'c>, Diagnosis> {
    let derived = &session.derived;
    let apart = llvm_shim::copy(module);
    let primal = jit::compile_counting(&apart, find(&apart, symbol)?)?;
    let derivative = find(module, &derived.names.derivative)?;
    let counting = jit::compile_counting(module, derivative)?;
    let returns = function.get_type().get_return_type();
    let both = Both {
        primal: Primal::new(primal.code, returns, derived.returns.as_ref()),
        derivative: Derivative::new(counting.code, function, derivative, derived)?,
        tally: Tally {
            primal: (symbol.to_owned(), primal.instructions),
            derivative: (derived.names.derivative.clone(), counting.instructions),
            parts: known.map_or(Vec::new(), |known| known.explained.last.clone()),
            called: known.map_or_else(Default::default, |known| known.called.clone()),
        },
    };
    both.derivative.code.limit(PATIENCE);
    Ok(both)
}

fn counts(session: &Session<'_>, both: &Both<'_>, point: &Point) -> Result<Profile, Diagnosis> {
    llvm_shim::take_counters();
    let account = both.primal.account(point.image());
    let account = account.map_err(primal_ended)?;
    let primal = both.tally.primal(&llvm_shim::take_counters(), account.used);
    let account = sweep(&session.derived, &both.derivative, point).map_err(derivative_ended)?;
    let derivative = both
        .tally
        .derivative(&llvm_shim::take_counters(), account.used);
    Ok(Profile {
        primal,
        derivative,
        ..empty()
    })
}
