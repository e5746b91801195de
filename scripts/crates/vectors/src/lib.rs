//! wide: several numbers at a time.

use wide::{f32x4, f64x2, f64x4};

/// A sum of squares by fours.
#[inline(never)]
pub fn by_fours(x: &[f64]) -> f64 {
    let mut sum = f64x4::ZERO;
    for four in x.chunks_exact(4) {
        let four = f64x4::from([four[0], four[1], four[2], four[3]]);
        sum += four * four;
    }
    sum.reduce_add()
}

/// The larger of two, by twos.
#[inline(never)]
pub fn larger(x: f64, y: f64) -> f64 {
    let larger = f64x2::from([x, y]).fast_max(f64x2::from([y * y, 0.5]));
    larger.to_array()[0] * larger.to_array()[1]
}

/// Square roots in single precision.
#[inline(never)]
pub fn roots(x: &[f32; 4]) -> f32 {
    (f32x4::from(*x) * f32x4::from(*x) + f32x4::ONE)
        .sqrt()
        .reduce_add()
}

/// Exponentials of four numbers.
#[inline(never)]
pub fn exponentials(x: &[f64; 4]) -> f64 {
    f64x4::from(*x).exp().reduce_add()
}
