//! argmin_testfunctions: functions that optimisers are tried on.

use argmin_testfunctions as functions;

/// Many valleys.
#[inline(never)]
pub fn valleys(x: &[f64]) -> f64 {
    functions::styblinski_tang(x) + functions::rastrigin(x)
}

/// A bowl that is cut.
#[inline(never)]
pub fn bowl(x: &[f64; 2]) -> f64 {
    functions::matyas(x) + functions::booth(x)
}

/// A hump.
#[inline(never)]
pub fn hump(x: &[f64; 2]) -> f64 {
    functions::threehumpcamel(x)
}

/// A narrow one.
#[inline(never)]
pub fn needle(x: &[f64; 2]) -> f64 {
    functions::easom(x)
}

/// A ridge that bends.
#[inline(never)]
pub fn ridge(x: &[f64; 2]) -> f64 {
    functions::himmelblau(x) * functions::levy_n13(x)
}
