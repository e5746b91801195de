//! ndarray: views, products and reductions.

use ndarray::{Array1, Array2, ArrayView1, Axis, array};

/// A weighted sum of a view.
#[inline(never)]
pub fn weighted(x: &[f64], w: &[f64]) -> f64 {
    let n = x.len().min(w.len());
    ArrayView1::from(&x[..n]).dot(&ArrayView1::from(&w[..n]))
}

/// Logits by a table, and their logarithmic sum.
#[inline(never)]
pub fn log_sum(x: &[f64]) -> f64 {
    let logits = ArrayView1::from(x).mapv(|v| (0.5 * v).exp());
    logits.sum().ln()
}

/// Sums of rows, squared.
#[inline(never)]
pub fn rows(m: &Array2<f64>) -> f64 {
    m.sum_axis(Axis(1)).iter().map(|v| v * v).sum()
}

/// A fixed filter over a sequence.
#[inline(never)]
pub fn smooth(x: &Array1<f64>) -> f64 {
    let filter = array![0.25, 0.5, 0.25];
    x.windows(3)
        .into_iter()
        .map(|w| (&w * &filter).sum().powi(2))
        .sum()
}

/// A small matrix product.
#[inline(never)]
pub fn map_through(a: f64, b: f64) -> f64 {
    let m = array![[a, b], [b, 1.0]];
    let v = array![1.0, a];
    m.dot(&v).sum()
}

/// What is carried along an array that is given away.
#[inline(never)]
pub fn carried(x: Array1<f64>) -> f64 {
    let mut sums = x;
    sums.accumulate_axis_inplace(Axis(0), |before, at| *at += *before * 0.5);
    sums.last().copied().unwrap_or(0.0)
}

/// A layer with weights and offsets.
#[inline(never)]
pub fn layer(weights: &Array2<f64>, x: &Array1<f64>) -> f64 {
    if weights.ncols() != x.len() {
        return 0.0;
    }
    let hidden = weights.dot(x);
    hidden.mapv(f64::tanh).sum() + hidden.dot(&hidden)
}
