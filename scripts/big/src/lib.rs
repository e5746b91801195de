//! Enough of three real crates that fat LTO makes a module of tens of megabytes of them.

use nalgebra::{DMatrix, DVector};

/// The small function that is looked for in the large module.
#[unsafe(no_mangle)]
pub extern "C" fn loss(w: &[f64; 4], x: &[f64; 4], y: f64) -> f64 {
    let mut z = 0.0;
    for (&wi, &xi) in w.iter().zip(x) {
        z += wi * xi;
    }
    let error = sigmoid(z) - y;
    error * error
}

#[inline(never)]
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Keeps the decompositions.
#[unsafe(no_mangle)]
pub extern "C" fn decompose(n: usize, seed: f64) -> f64 {
    let a = DMatrix::from_fn(n, n, |i, j| seed + (i * n + j) as f64);
    let b = DVector::from_fn(n, |i, _| seed * i as f64);
    let svd = a.clone().svd(true, true).singular_values.sum();


    let solved = [
        a.clone().lu().solve(&b),
        a.clone().qr().solve(&b),
        a.clone().cholesky().map(|c| c.solve(&b)),
    ];
    let sums: f64 = solved.iter().flatten().map(|v| v.sum()).sum();


    svd + sums + sigmoid(seed)
}

/// Keeps the matcher.
#[unsafe(no_mangle)]
pub extern "C" fn matches(pattern: &&str, text: &&str) -> usize {
    let Ok(pattern) = regex::Regex::new(pattern) else {
        return 0;
    };
    let bytes = regex::bytes::RegexSet::new([pattern.as_str()]).map_or(0, |set| set.len());
    pattern.captures_iter(text).count() + pattern.replace_all(text, "$1").len() + bytes
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Model {
    name: String,
    weights: Vec<Vec<f64>>,
    shape: std::collections::BTreeMap<String, (usize, Option<f32>)>,
    rest: serde_json::Value,
}

/// Keeps the parser and the printer.
#[unsafe(no_mangle)]
pub extern "C" fn round_trip(text: &&str) -> usize {
    match serde_json::from_str::<Model>(text) {
        Ok(model) => {
            let pretty = serde_json::to_string_pretty(&model).map_or(0, |text| text.len());
            pretty + format!("{model:?}").len()
        }
        Err(error) => error.to_string().len(),
    }
}
