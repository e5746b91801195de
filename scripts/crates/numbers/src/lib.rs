//! num-complex, libm and num-dual: other numbers and other functions.

use num_complex::Complex64;
use num_dual::{Dual64, DualNum};

/// How strong a filter is at a frequency.
#[inline(never)]
pub fn gain(frequency: f64, damping: f64) -> f64 {
    let s = Complex64::new(0.0, frequency);
    (Complex64::new(1.0, 0.0) / (s * s + s * damping + 1.0)).norm()
}

/// A polynomial on the unit circle.
#[inline(never)]
pub fn on_circle(coefficients: &[f64], angle: f64) -> f64 {
    let z = Complex64::from_polar(1.0, angle);
    coefficients
        .iter()
        .rev()
        .fold(Complex64::new(0.0, 0.0), |sum, &c| sum * z + c)
        .norm_sqr()
}

/// A complex power.
#[inline(never)]
pub fn spiral(x: f64, y: f64) -> f64 {
    Complex64::new(x, y).powf(1.5).re
}

/// A normal distribution's tail, by libm.
#[inline(never)]
pub fn tail(x: f64) -> f64 {
    0.5 * libm::erfc(x / libm::sqrt(2.0))
}

/// An oscillation that dies away, by libm.
#[inline(never)]
pub fn ringing(t: f64, w: f64) -> f64 {
    libm::exp(-t) * libm::cos(w * t) + libm::log1p(t * t)
}

/// A logarithm of a factorial, by libm.
#[inline(never)]
pub fn factorial(x: f64) -> f64 {
    libm::lgamma(1.0 + x * x)
}

/// Distances and angles, by libm.
#[inline(never)]
pub fn polar(x: f64, y: f64) -> f64 {
    libm::hypot(x, y) * libm::atan2(y, x) + libm::cbrt(x)
}

/// The derivative of a function that computes with dual numbers.
#[inline(never)]
pub fn slope(x: f64, a: f64) -> f64 {
    let x = Dual64::from_re(x).derivative();
    ((x * a).sin() * x.exp()).eps
}
