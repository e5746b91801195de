//! statrs: densities, moments and special functions.

use statrs::distribution::{
    Beta, Cauchy, Continuous, ContinuousCDF, Gamma, Laplace, LogNormal, StudentsT, Weibull,
};
use statrs::function::{beta, gamma, logistic};

/// A sum of logarithms of densities with one scale.
#[inline(never)]
pub fn laplace_evidence(x: &[f64], scale: f64) -> f64 {
    let law = Laplace::new(0.5, scale).unwrap();
    x.iter().map(|&v| law.ln_pdf(v)).sum()
}

/// Two densities, mixed.
#[inline(never)]
pub fn mixture(x: f64, weight: f64, spread: f64) -> f64 {
    let heavy = Cauchy::new(0.0, spread).unwrap();
    let skewed = LogNormal::new(0.2, spread).unwrap();
    weight * heavy.pdf(x) + (1.0 - weight) * skewed.pdf(x.abs() + 0.1)
}

/// Between two bounds of a Weibull distribution.
#[inline(never)]
pub fn weibull_between(low: f64, high: f64, shape: f64) -> f64 {
    let law = Weibull::new(shape, 1.5).unwrap();
    law.cdf(high) - law.cdf(low)
}

/// A density with two parameters that go through gamma functions.
#[inline(never)]
pub fn beta_density(x: f64, a: f64, b: f64) -> f64 {
    Beta::new(a, b).unwrap().ln_pdf(x)
}

/// A heavy tail whose degrees of freedom vary.
#[inline(never)]
pub fn student(x: &[f64], freedom: f64) -> f64 {
    let law = StudentsT::new(0.0, 1.0, freedom).unwrap();
    x.iter().map(|&v| law.ln_pdf(v)).sum()
}

/// Logarithms of binomial weights.
#[inline(never)]
pub fn log_weights(a: f64, b: f64) -> f64 {
    gamma::ln_gamma(a + b) - gamma::ln_gamma(a) + beta::ln_beta(a, b) * 0.5
}

/// A calibration curve.
#[inline(never)]
pub fn calibration(scores: &[f64], slope: f64) -> f64 {
    scores.iter().map(|&s| logistic::logistic(slope * s)).sum()
}

/// A distribution of waiting times.
#[inline(never)]
pub fn waiting_times(x: f64, shape: f64) -> f64 {
    let law = Gamma::new(shape * shape + 0.5, 1.0).unwrap();
    law.cdf(x * x + 0.1)
}
