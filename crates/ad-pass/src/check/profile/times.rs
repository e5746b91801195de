//! How long a function and its derivative take, side by side.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{Diagnosis, Times};

use super::super::clock::Clock;
use super::super::jit;
use super::super::point::Point;
use super::super::run::{Derivative, Primal};
use super::super::session::Session;
use super::sweep::{derivative_ended, primal_ended, sweep};
use crate::differentiate::derived::KnownDerivative;
use crate::ir::lookup::find;

/// A function and its derivative, whose calls are timed.
pub(super) struct Timed<'c> {
    primal: Primal<'c>,
    derivative: Derivative<'c>,
    /// Both may be called several times on the same memory: nothing is written to it but sums of adjoints.
    repeats: bool,
}

impl<'c> Timed<'c> {
    /// Compiles both as fast code.
    pub(super) fn of(
        module: &Module<'c>,
        session: &Session<'c>,
        known: &KnownDerivative,
        function: FunctionValue<'c>,
    ) -> Result<Self, Diagnosis> {
        let derived = &session.derived;
        let apart = llvm_shim::copy(module);
        let primal = jit::compile_timed(&apart, find(&apart, &known.primal)?)?;
        let derivative = find(module, &derived.names.derivative)?;
        let timed = jit::compile_timed(module, derivative)?;
        let returns = function.get_type().get_return_type();
        let shapes = 0..derived.shapes.len();
        Ok(Timed {
            primal: Primal::new(primal, returns, derived.returns.as_ref()),
            derivative: Derivative::new(timed, function, derivative, derived)?,
            repeats: !shapes.clone().any(|at| session.is_written(at)),
        })
    }
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
    // The first call of each finds nothing in any cache.
    let (_, _) = (primal(1)?, derivative(1)?);
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
        times.primal.push(function);
        times.derivative.push(its_derivative);
    }
    Ok(Some(times))
}
