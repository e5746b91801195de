//! Functions that allocate: their derivatives are right, free what they allocate, and free it once.
//!
//! [`heap::account`](crate::heap::account) sees to the freeing. Enzyme says `freeing without malloc`
//! about some of these on standard error; none leaks a block, of Rust's or of Enzyme's own.

use trace::Mode;

use crate::derive::{Two, call, close, derive};

/// The slices that a function of a slice is tried with: none, one element, and more than one.
const SLICES: [&[f64]; 4] = [&[], &[1.5], &[0.3, -2.0], &[0.7, -1.1, 2.5, 0.0, -0.4]];

/// Compares both modes of a fixture's `f(x: &[f64]) -> f64` with a value and a gradient.
fn of_a_slice(
    fixture: &str,
    function: &str,
    value: impl Fn(&[f64]) -> f64 + Sync,
    gradient: impl Fn(&[f64]) -> Vec<f64> + Sync,
) {
    derive(fixture, function, Mode::Reverse, |address| {
        for x in SLICES {
            // A shadow is added to and not overwritten.
            let mut dx = vec![10.0; x.len()];
            let seed = 1.5;
            let primal = call!(
                address,
                (*const f64, *mut f64, usize, f64) -> f64,
                x.as_ptr(), dx.as_mut_ptr(), x.len(), seed
            );
            close(primal, value(x));
            for (got, wanted) in dx.into_iter().zip(gradient(x)) {
                close(got, 10.0 + seed * wanted);
            }
        }
    });
    derive(fixture, function, Mode::Forward, |address| {
        for x in SLICES {
            let tangent: Vec<f64> = (0..x.len()).map(|i| 1.0 - 0.75 * i as f64).collect();
            let out = call!(
                address,
                (*const f64, *const f64, usize) -> Two,
                x.as_ptr(), tangent.as_ptr(), x.len()
            );
            close(out.primal, value(x));
            let gradient = gradient(x);
            close(
                out.first,
                gradient.iter().zip(&tangent).map(|(g, t)| g * t).sum(),
            );
        }
    });
}

#[test]
fn a_vec_that_is_filled() {
    of_a_slice(
        "alloc_vec.ll",
        "sum_of_squares",
        |x| x.iter().map(|x| x * x).sum(),
        |x| x.iter().map(|x| 2.0 * x).collect(),
    );
}

#[test]
fn a_vec_that_is_collected() {
    let total = |z: &[f64]| -> f64 { z.iter().map(|z| z.exp()).sum() };
    of_a_slice(
        "alloc_collect.ll",
        "log_sum_exp",
        // Of nothing this is the logarithm of zero.
        |z| total(z).ln(),
        |z| z.iter().map(|z_i| z_i.exp() / total(z)).collect(),
    );
}

#[test]
fn a_vec_of_zeroes() {
    let sums = |x: &[f64]| -> Vec<f64> { (0..x.len()).map(|i| x[..=i].iter().sum()).collect() };
    of_a_slice(
        "alloc_zeroed.ll",
        "prefix_energy",
        |x| sums(x).iter().map(|s| s * s).sum(),
        |x| {
            let sums = sums(x);
            (0..x.len())
                .map(|i| 2.0 * sums[i..].iter().sum::<f64>())
                .collect()
        },
    );
}

#[test]
fn boxes() {
    let x = 1.7_f64;
    let cases = [
        ("boxed_square", 2.0 * x * x, 4.0 * x),
        ("boxed_power", x.powi(4), 4.0 * x.powi(3)),
    ];
    for (function, value, slope) in cases {
        for mode in [Mode::Reverse, Mode::Forward] {
            derive("alloc_box.ll", function, mode, |address| {
                // The seed of the one mode and the tangent of the other.
                let out = call!(address, (f64, f64) -> Two, x, 1.5);
                close(out.primal, value);
                close(out.first, 1.5 * slope);
            });
        }
    }
}

/// The sum of the first states of the logistic map, and its slope, by a recurrence.
fn logistic_orbit(r: f64, steps: usize) -> (f64, f64) {
    let (mut x, mut dx) = (0.5, 0.0);
    let (mut sum, mut slope) = (0.0, 0.0);
    for _ in 0..steps {
        sum += x;
        slope += dx;
        (x, dx) = (r * x * (1.0 - x), x * (1.0 - x) + r * (1.0 - 2.0 * x) * dx);
    }
    (sum, slope)
}

/// A `Vec<f64>` grows to 4 elements, then to twice of what it was: 5 steps grow it once, 9 twice, and
/// 40 four times.
#[test]
fn a_vec_that_grows() {
    let (r, h) = (3.2, 1e-6);
    for steps in [0, 1, 4, 5, 9, 40] {
        let (_, slope) = logistic_orbit(r, steps);
        // The recurrence itself is held against differences, which are good to about 1e-8.
        let difference =
            (logistic_orbit(r + h, steps).0 - logistic_orbit(r - h, steps).0) / (2.0 * h);
        assert!((slope - difference).abs() < 1e-6 * slope.abs().max(1.0));
    }
    derive(
        "alloc_push.ll",
        "logistic_orbit",
        Mode::Reverse,
        |address| {
            for steps in [0, 1, 4, 5, 9, 40] {
                let out = call!(address, (f64, usize, f64) -> Two, r, steps, 1.5);
                let (value, slope) = logistic_orbit(r, steps);
                close(out.primal, value);
                close(out.first, 1.5 * slope);
            }
        },
    );
    derive(
        "alloc_push.ll",
        "logistic_orbit",
        Mode::Forward,
        |address| {
            for steps in [0, 1, 4, 5, 9, 40] {
                let out = call!(address, (f64, f64, usize) -> Two, r, 1.5, steps);
                let (value, slope) = logistic_orbit(r, steps);
                close(out.primal, value);
                close(out.first, 1.5 * slope);
            }
        },
    );
}

/// `Vec<f64>` as rustc 1.95 lays it out: `%"alloc::vec::Vec<f64>"` in `alloc_nested.ll`.
#[repr(C)]
struct RawVec {
    capacity: usize,
    pointer: *mut f64,
    length: usize,
}

/// `%Layer` of `alloc_nested.ll`.
#[repr(C)]
struct RawLayer {
    weights: RawVec,
    bias: f64,
}

/// The raw forms point into the vectors, which live as long as they are not touched.
fn raw_vecs(vecs: &mut [Vec<f64>]) -> Vec<RawVec> {
    let raw = |vec: &mut Vec<f64>| RawVec {
        capacity: vec.capacity(),
        pointer: vec.as_mut_ptr(),
        length: vec.len(),
    };
    vecs.iter_mut().map(raw).collect()
}

fn raw_layers(weights: &mut [Vec<f64>], biases: &[f64]) -> Vec<RawLayer> {
    let layers = raw_vecs(weights).into_iter().zip(biases);
    layers
        .map(|(weights, &bias)| RawLayer { weights, bias })
        .collect()
}

/// Vectors of the same lengths.
fn shaped(like: &[Vec<f64>], value: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
    let row = |(i, vec): (usize, &Vec<f64>)| (0..vec.len()).map(|j| value(i, j)).collect();
    like.iter().enumerate().map(row).collect()
}

#[test]
fn structs_that_own_a_vec() {
    // The second layer has no weights.
    let weights = [vec![0.5, -0.25, 0.1], vec![], vec![-1.5]];
    let biases = [0.2, -0.3, 0.4];
    let x = 0.8;
    let hidden = |l: usize| -> f64 {
        let sum: f64 = weights[l].iter().map(|w| w * x).sum();
        (biases[l] + sum).tanh()
    };
    let value = |count: usize| -> f64 { (0..count).map(|l| hidden(l).powi(2)).sum() };
    // By the bias; by a weight it is `x` times this, and by `x` the sum of the weights times this.
    let slope = |l: usize| 2.0 * hidden(l) * (1.0 - hidden(l).powi(2));
    let in_x = |l: usize| slope(l) * weights[l].iter().sum::<f64>();

    derive("alloc_nested.ll", "activations", Mode::Reverse, |address| {
        for count in [0, 1, 2, 3] {
            let mut weights = weights.to_vec();
            let mut dweights = shaped(&weights, |_, _| 0.0);
            let layers = raw_layers(&mut weights, &biases);
            let mut dlayers = raw_layers(&mut dweights, &[0.0; 3]);
            let seed = 1.5;
            let out = call!(
                address,
                (*const RawLayer, *mut RawLayer, usize, f64, f64) -> Two,
                layers.as_ptr(), dlayers.as_mut_ptr(), count, x, seed
            );
            close(out.primal, value(count));
            close(out.first, seed * (0..count).map(in_x).sum::<f64>());
            for l in 0..3 {
                let wanted = if l < count { seed * slope(l) } else { 0.0 };
                close(dlayers[l].bias, wanted);
                for &dw in &dweights[l] {
                    close(dw, wanted * x);
                }
            }
        }
    });
    derive("alloc_nested.ll", "activations", Mode::Forward, |address| {
        for count in [0, 1, 2, 3] {
            let mut weights = weights.to_vec();
            let mut tweights = shaped(&weights, |l, i| 0.5 + l as f64 - 0.75 * i as f64);
            let (tbiases, tx) = ([1.0, -0.5, 0.25], -2.0);
            let tangent = |l: usize| {
                let in_weights = x * tweights[l].iter().sum::<f64>();
                slope(l) * (tbiases[l] + in_weights) + in_x(l) * tx
            };
            let wanted: f64 = (0..count).map(tangent).sum();
            let layers = raw_layers(&mut weights, &biases);
            let tlayers = raw_layers(&mut tweights, &tbiases);
            let out = call!(
                address,
                (*const RawLayer, *const RawLayer, usize, f64, f64) -> Two,
                layers.as_ptr(), tlayers.as_ptr(), count, x, tx
            );
            close(out.primal, value(count));
            close(out.first, wanted);
        }
    });
}

/// A determinant and its gradient, the cofactors, by expansion: nothing like what the fixture does.
fn determinant(m: &[Vec<f64>]) -> (f64, Vec<Vec<f64>>) {
    let cofactor = |i: usize, j: usize| {
        let kept = |omitted: usize| (0..m.len()).filter(move |&at| at != omitted);
        let row = |row: usize| kept(j).map(|column| m[row][column]).collect();
        let minor: Vec<Vec<f64>> = kept(i).map(row).collect();
        let sign = if (i + j).is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * determinant(&minor).0
    };
    if m.is_empty() {
        return (1.0, Vec::new());
    }
    let value = (0..m.len()).map(|j| m[0][j] * cofactor(0, j)).sum();
    (value, shaped(m, cofactor))
}

#[test]
fn a_vec_of_vecs() {
    let matrices = [
        vec![],
        vec![vec![-3.0]],
        vec![vec![2.0, 0.5], vec![-1.0, 1.5]],
        vec![
            vec![2.0, -0.5, 1.0],
            vec![0.25, 1.5, -0.75],
            vec![-1.0, 0.5, 3.0],
        ],
    ];
    derive("alloc_nested.ll", "determinant", Mode::Reverse, |address| {
        for matrix in &matrices {
            let (value, cofactors) = determinant(matrix);
            let mut matrix = matrix.clone();
            let mut dmatrix = shaped(&matrix, |_, _| 0.0);
            let rows = raw_vecs(&mut matrix);
            let mut drows = raw_vecs(&mut dmatrix);
            let seed = 1.5;
            let primal = call!(
                address,
                (*const RawVec, *mut RawVec, usize, f64) -> f64,
                rows.as_ptr(), drows.as_mut_ptr(), rows.len(), seed
            );
            close(primal, value);
            for (got, wanted) in dmatrix.iter().flatten().zip(cofactors.iter().flatten()) {
                close(*got, seed * wanted);
            }
        }
    });
    derive("alloc_nested.ll", "determinant", Mode::Forward, |address| {
        for matrix in &matrices {
            let (value, cofactors) = determinant(matrix);
            let mut matrix = matrix.clone();
            let mut tmatrix = shaped(&matrix, |i, j| 1.0 - 0.75 * i as f64 + 0.5 * j as f64);
            let products = cofactors.iter().flatten().zip(tmatrix.iter().flatten());
            let wanted: f64 = products.map(|(c, t)| c * t).sum();
            let rows = raw_vecs(&mut matrix);
            let trows = raw_vecs(&mut tmatrix);
            let out = call!(
                address,
                (*const RawVec, *const RawVec, usize) -> Two,
                rows.as_ptr(), trows.as_ptr(), rows.len()
            );
            close(out.primal, value);
            close(out.first, wanted);
        }
    });
}
