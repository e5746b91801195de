//! Where a derivative is compared with the reference.

use fastrand::Rng;

use crate::parameter::{Parameter, Shape};

/// The numbers and the integer of one parameter.
#[derive(Clone, Debug)]
pub struct Values {
    pub floats: Vec<f64>,
    pub integer: usize,
}

/// A value for each parameter.
pub type Point = Vec<Values>;

/// Points of a function: of both signs, with zeros and equal elements, of several lengths and scales, and near the
/// constants of the function.
pub fn points(parameters: &[Parameter], literals: &[f64], seed: u64, count: usize) -> Vec<Point> {
    let mut rng = Rng::with_seed(seed ^ 0x7015_u64);
    (0..count)
        .map(|at| {
            let lengths = [4, 4, 5, 3, 6, 2, 8, 1, 9, 7, 4, 0];
            let common = lengths[at % lengths.len()];
            let kind = at % 8;
            let point = parameters
                .iter()
                .map(|one| values(one.shape, common, kind, literals, &mut rng));
            let mut point: Point = point.collect();
            if kind == 4 {
                only_zero(&mut point, at / 8, &mut rng);
            }
            point
        })
        .collect()
}

/// Makes the number at a position zero, and no other: a path for zero shows where nothing is equal to anything else.
fn only_zero(point: &mut Point, position: usize, rng: &mut Rng) {
    let mut floats: Vec<&mut f64> = point.iter_mut().flat_map(|one| &mut one.floats).collect();
    for float in floats.iter_mut().filter(|float| ***float == 0.0) {
        **float = rng.f64() + 0.25;
    }
    if !floats.is_empty() {
        let position = position % floats.len();
        *floats[position] = 0.0;
    }
}

fn values(shape: Shape, common: usize, kind: usize, literals: &[f64], rng: &mut Rng) -> Values {
    let len = match shape.floats() {
        Some(len) => len,
        None if rng.u32(..8) == 0 => rng.usize(..10),
        None => common,
    };
    let one = |rng: &mut Rng| {
        let unit = rng.f64() * 2.0 - 1.0;
        match kind {
            5 if rng.u32(..4) == 0 => 0.0,
            0 | 5 => unit,
            1 => unit.abs(),
            2 => -unit.abs(),
            3 => unit * 3.0,
            6 if rng.bool() && !literals.is_empty() => {
                let near = literals[rng.usize(..literals.len())];
                (near + unit * 0.05) * if rng.u32(..4) == 0 { -1.0 } else { 1.0 }
            }
            7 => unit * 10f64.powf(rng.f64() * 4.0 - 2.0),
            _ => unit,
        }
    };
    let mut floats: Vec<f64> = (0..len).map(|_| one(rng)).collect();
    if kind == 5 && len > 1 {
        let (from, to) = (rng.usize(..len), rng.usize(..len));
        floats[to] = floats[from];
    }
    Values {
        floats,
        integer: rng.usize(..if shape == Shape::Form { 4 } else { 6 }),
    }
}
