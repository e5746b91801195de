//! The arithmetic of the reference: dual numbers, and a note of every point at which the function has a kink.

use std::cell::Cell;
use std::cmp::Ordering;

use num_dual::{Dual64, DualNum};

/// The same as in `runtime/number.rs`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Number {
    pub value: f64,
    pub tangent: f64,
    /// The tangent, if every term of every sum had been positive: what its rounding errors are relative to.
    pub magnitude: f64,
    pub varies: u64,
}

/// The same as in `runtime/number.rs`.
#[repr(C)]
pub struct Operations {
    pub apply: extern "C" fn(u32, i64, &Number, &Number, &Number) -> Number,
    pub compare: extern "C" fn(&Number, &Number) -> i32,
}

pub const OPERATIONS: Operations = Operations { apply, compare };

/// What a run met on its way.
#[derive(Clone, Copy, Debug)]
pub struct Met {
    /// How near a comparison came to a tie: absolute for small numbers, relative for large ones.
    pub gap: f64,
    /// The largest number that depends on the inputs, or term of its tangent; infinite if one was not a number.
    pub largest: f64,
    pub operations: u64,
}

const NOTHING: Met = Met {
    gap: f64::INFINITY,
    largest: 0.0,
    operations: 0,
};

thread_local! {
    static MET: Cell<Met> = const { Cell::new(NOTHING) };
}

/// What was met since the last call.
pub fn take_met() -> Met {
    MET.replace(NOTHING)
}

fn note(change: impl FnOnce(&mut Met)) {
    MET.with(|cell| {
        let mut met = cell.get();
        change(&mut met);
        cell.set(met);
    });
}

fn near(a: f64, b: f64) {
    let gap = (a - b).abs() / a.abs().max(b.abs()).max(1.0);
    // Infinities are compared with by whoever looks for the largest or the smallest.
    if !gap.is_nan() {
        note(|met| met.gap = met.gap.min(gap));
    }
}

/// Notes how near a number is to where rounding jumps.
fn near_integer(value: f64, shift: f64) {
    let value = value + shift;
    note(|met| met.gap = met.gap.min((value - value.round()).abs()));
}

extern "C" fn compare(a: &Number, b: &Number) -> i32 {
    if a.varies | b.varies != 0 {
        near(a.value, b.value);
    }
    match a.value.partial_cmp(&b.value) {
        Some(Ordering::Less) => -1,
        Some(Ordering::Equal) => 0,
        Some(Ordering::Greater) => 1,
        None => 2,
    }
}

/// The result of an operation, from what it is for dual numbers.
fn through(operands: &[&Number], operation: impl Fn(&[Dual64]) -> Dual64) -> Number {
    let duals = |along: usize| -> [Dual64; 3] {
        std::array::from_fn(|at| {
            let value = operands.get(at).map_or(0.0, |one| one.value);
            Dual64::new(value, if at == along { 1.0 } else { 0.0 })
        })
    };
    let mut result = Number {
        value: operation(&duals(usize::MAX)).re,
        tangent: 0.0,
        magnitude: 0.0,
        varies: 0,
    };
    for (along, one) in operands.iter().enumerate() {
        if one.varies != 0 {
            let partial = operation(&duals(along)).eps;
            result.tangent += partial * one.tangent;
            result.magnitude += partial.abs() * one.magnitude;
            result.varies = 1;
        }
    }
    result
}

/// One of the operands, for an operation that chooses.
fn choice(a: &Number, b: &Number, first: bool) -> Number {
    let mut result = if first { *a } else { *b };
    if a.varies | b.varies != 0 {
        near(a.value, b.value);
        result.varies = 1;
    }
    result
}

/// A function whose value jumps: the tangent is zero, or that of the number.
fn step(a: &Number, value: f64, shift: f64) -> Number {
    if a.varies != 0 {
        near_integer(a.value, shift);
    }
    Number {
        value,
        tangent: 0.0,
        magnitude: 0.0,
        varies: a.varies,
    }
}

// The numbers are those of `runtime/number.rs`.
extern "C" fn apply(operation: u32, integer: i64, a: &Number, b: &Number, c: &Number) -> Number {
    let one = |function: fn(&Dual64) -> Dual64| through(&[a], |x| function(&x[0]));
    let result = match operation {
        0 => through(&[a, b], |x| x[0] + x[1]),
        1 => through(&[a, b], |x| x[0] - x[1]),
        2 => through(&[a, b], |x| x[0] * x[1]),
        3 => through(&[a, b], |x| x[0] / x[1]),
        4 => remainder(a, b, (a.value / b.value).trunc()),
        5 => through(&[a], |x| -x[0]),
        10 => one(DualNum::sin),
        11 => one(DualNum::cos),
        12 => one(DualNum::tan),
        13 => one(DualNum::asin),
        14 => one(DualNum::acos),
        15 => one(DualNum::atan),
        16 => one(DualNum::sinh),
        17 => one(DualNum::cosh),
        // Where it is flat, its slope is what is left of 1 - tanh².
        18 => Number {
            magnitude: a.magnitude,
            ..one(DualNum::tanh)
        },
        19 => one(DualNum::exp),
        20 => one(DualNum::exp_m1),
        21 => one(DualNum::ln),
        22 => one(DualNum::ln_1p),
        23 => one(DualNum::sqrt),
        24 => one(DualNum::cbrt),
        25 => one(DualNum::recip),
        26 => {
            let negative = through(&[a], |x| -x[0]);
            let zero = Number { value: 0.0, ..*a };
            _ = choice(a, &zero, true);
            if a.value < 0.0 { negative } else { *a }
        }
        27 => {
            if a.varies != 0 {
                near(a.value, 0.0);
            }
            step(a, a.value.signum(), 0.25 - a.value)
        }
        28 => step(a, a.value.floor(), 0.0),
        29 => step(a, a.value.ceil(), 0.0),
        30 => step(a, a.value.round(), 0.5),
        31 => step(a, a.value.trunc(), 0.0),
        32 => {
            _ = step(a, 0.0, 0.0);
            Number {
                value: a.value.fract(),
                ..*a
            }
        }
        33 => one(DualNum::exp2),
        34 => one(DualNum::log2),
        35 => one(DualNum::log10),
        40 => step(a, a.value.trunc(), 0.0),
        41 => through(&[a], |x| x[0].powi(i32::try_from(integer).unwrap_or(0))),
        42 if b.varies == 0 => through(&[a], |x| x[0].powf(b.value)),
        42 => through(&[a, b], |x| x[0].powd(x[1])),
        43 => through(&[a, b], |x| x[0].atan2(x[1])),
        44 => through(&[a, b], |x| (x[0] * x[0] + x[1] * x[1]).sqrt()),
        45 => through(&[a, b, c], |x| x[0] * x[1] + x[2]),
        46 => choice(a, b, a.value >= b.value || b.value.is_nan()),
        47 => choice(a, b, a.value <= b.value || b.value.is_nan()),
        48 => {
            if b.varies != 0 {
                near(b.value, 0.0);
            }
            let zero = Number { value: 0.0, ..*a };
            _ = choice(a, &zero, true);
            let same = a.value.is_sign_negative() == b.value.is_sign_negative();
            if same { *a } else { through(&[a], |x| -x[0]) }
        }
        49 => remainder(a, b, a.value.div_euclid(b.value)),
        other => unreachable!("operation {other}"),
    };
    note(|met| {
        met.operations += 1;
        if result.varies != 0 {
            let largest = result.value.abs() + result.magnitude;
            met.largest = if largest.is_nan() {
                f64::INFINITY
            } else {
                met.largest.max(largest)
            };
        }
    });
    result
}

/// `a - b · quotient`, where the quotient jumps.
fn remainder(a: &Number, b: &Number, quotient: f64) -> Number {
    if a.varies | b.varies != 0 {
        near_integer(a.value / b.value, 0.0);
    }
    through(&[a, b], |x| x[0] - x[1] * quotient)
}
