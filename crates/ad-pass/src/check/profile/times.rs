//! How long a function and its derivative take, side by side.

use std::ops::Range;

use inkwell::module::{Linkage, Module};
use inkwell::values::FunctionValue;
use llvm_shim::{Steps, Tuning, count_steps};
use trace::{Diagnosis, Kind, Machine, Manual, Ran, Runner, Times};

use super::super::clock::Clock;
use super::super::jit::{self, Code};
use super::super::manual::Backward;
use super::super::point::Point;
use super::super::run::{Derivative, Primal};
use super::super::session::Session;
use super::sweep::{derivative_ended, primal_ended, sweep};
use crate::ir::lookup::find;
use crate::ir::target::target_machine;

/// A function and its derivative, whose calls are timed.
pub(super) struct Timed<'c> {
    primal: Primal<'c>,
    derivative: Derivative<'c>,
    /// Both may be called several times on the same memory: nothing is written to it but sums of adjoints.
    repeats: bool,
    by_hand: Option<ByHand<'c>>,
    /// Where the code of both lies in memory.
    places: [Option<Range<usize>>; 2],
}

/// A hand-written backward function, as fast code.
struct ByHand<'c> {
    backward: Backward<'c>,
    code: Code<'c>,
}

impl<'c> Timed<'c> {
    /// Compiles both as fast code, and a hand-written backward function of the module `fresh` that stands beside them.
    pub(super) fn of(
        module: &Module<'c>,
        by_hand: Option<(&Module<'c>, &Manual)>,
        session: &Session<'c>,
        primal: &str,
        function: FunctionValue<'c>,
    ) -> Result<Self, Diagnosis> {
        let derived = &session.derived;
        let apart = llvm_shim::copy(module);
        let primal = jit::compile_timed(&apart, find(&apart, primal)?)?;
        let derivative = find(module, &derived.names.derivative)?;
        let timed = jit::compile_timed(module, derivative)?;
        let returns = function.get_type().get_return_type();
        let shapes = 0..derived.shapes.len();
        let by_hand = by_hand.map(|(fresh, manual)| {
            let backward = Backward::find(fresh, manual, derived)?;
            // Nothing of the derivative's module knows it. It is optimised as fully as the derivative is.
            find(fresh, &manual.function)?.set_linkage(Linkage::External);
            let full = llvm_shim::Pipeline::Default(3, Tuning::FULL);
            llvm_shim::run(fresh, target_machine(fresh).as_ref(), full, None, None)
                .map_err(|error| Diagnosis::new(Kind::Pipeline, error.to_string()))?;
            let code = jit::compile_timed(fresh, find(fresh, &manual.function)?)?;
            Ok(ByHand { backward, code })
        });
        Ok(Timed {
            places: [primal.range(), timed.range()],
            primal: Primal::new(primal, returns, derived.returns.as_ref()),
            derivative: Derivative::new(timed, function, derivative, derived)?,
            repeats: !shapes.clone().any(|at| session.is_written(at)),
            by_hand: by_hand.transpose()?,
        })
    }
}

/// Counts the machine instructions that one call of each takes.
pub(super) fn machine(
    session: &Session<'_>,
    timed: &Timed<'_>,
    point: &Point,
) -> Result<Machine, Diagnosis> {
    /// A microsecond each, and on virtual machines up to 25.
    const MOST: u64 = 1_000_000;
    let ran = |steps: Option<Steps>| {
        steps.map(|steps| Ran {
            own: steps.own,
            others: steps.others,
        })
    };
    let counted = |own: Option<Range<usize>>, work: &dyn Fn() -> Result<(), Diagnosis>| {
        let Some(own) = own else {
            return Ok(None);
        };
        // The first call binds the names of what is called.
        work()?;
        let (done, steps) = count_steps(own, MOST, work);
        done.map(|()| ran(steps))
    };
    let primal = || {
        let account = timed.primal.account(point.image());
        account.map(|_| ()).map_err(primal_ended)
    };
    let derivative = || {
        let account = sweep(&session.derived, &timed.derivative, point);
        account.map(|_| ()).map_err(derivative_ended)
    };
    Clock::of(1);
    Ok(Machine {
        primal: counted(timed.places[0].clone(), &primal)?,
        derivative: counted(timed.places[1].clone(), &derivative)?,
    })
}

/// Times both at a point, in turn; nothing where the function frees memory that it is given.
pub(super) fn measure(
    session: &Session<'_>,
    timed: &Timed<'_>,
    point: &Point,
) -> Result<Option<Times>, Diagnosis> {
    /// Nanoseconds that the calls of one turn take at least, where they may be repeated.
    const LEAST: u64 = 100_000;
    const MOST_CALLS: u64 = 10_000;
    /// Turns, or as many as there is time for.
    const TURNS: usize = 41;
    /// Nanoseconds for all of them.
    const PATIENCE: u64 = 3_000_000_000;
    let ran = session.primal.account(point.image());
    if ran.map_err(primal_ended)?.frees_inputs {
        return Ok(None);
    }
    let primal = |calls: u64| {
        let clock = Clock::of(calls);
        let ran = timed.primal.account(point.image());
        ran.map_err(primal_ended)?;
        Ok(clock.nanoseconds())
    };
    let derivative = |calls: u64| {
        let clock = Clock::of(calls);
        sweep(&session.derived, &timed.derivative, point).map_err(derivative_ended)?;
        Ok(clock.nanoseconds())
    };
    let by_hand = |by_hand: &ByHand<'_>, calls: u64| {
        // The primal goes first, and is timed on its own.
        let returned = timed.derivative.seeds();
        let mut ready = by_hand.backward.ready(session, point, returned)?;
        let clock = Clock::of(calls);
        let ran = ready.call(&by_hand.code, 0);
        ran.map_err(|ended| ended.diagnosis(Runner::Manual, &point.values()))?;
        Ok(clock.nanoseconds())
    };
    // The first call of each finds nothing in any cache.
    let (_, _) = (primal(1)?, derivative(1)?);
    if let Some(manual) = &timed.by_hand {
        by_hand(manual, 1)?;
    }
    let once = primal(1)?.max(1);
    let calls = match timed.repeats {
        true => LEAST.div_ceil(once).clamp(1, MOST_CALLS),
        false => 1,
    };
    let mut times = Times {
        calls,
        ..Times::default()
    };
    let mut spent = 0;
    while times.primal.len() < TURNS && (spent < PATIENCE || times.primal.is_empty()) {
        let (function, its_derivative) = (primal(calls)?, derivative(calls)?);
        spent += function + its_derivative;
        if let Some(manual) = &timed.by_hand {
            let taken = by_hand(manual, calls)?;
            spent += taken;
            times.by_hand.push(taken);
        }
        times.primal.push(function);
        times.derivative.push(its_derivative);
    }
    Ok(Some(times))
}
