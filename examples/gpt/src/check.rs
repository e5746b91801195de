//! Compares gradients with the one by hand, parameter by parameter, on random input.

use std::fmt;

use crate::idiomatic::{self, Config};
use crate::model::{tensor_of, Gradient, Model, Worker};
use crate::random::Random;

/// How far two gradients are apart.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Parameters that were compared.
    pub count: usize,
    /// The largest difference.
    pub difference: f32,
    /// The tensor where it is, and the place in it.
    pub place: (&'static str, usize),
    /// Both values there.
    pub values: (f32, f32),
    /// The largest gradient.
    pub largest: f32,
    /// Both losses.
    pub losses: (f32, f32),
}

/// Differences are rounding as long as they are smaller than this part of the largest gradient.
pub const TOLERANCE: f32 = 1e-4;

impl Comparison {
    /// Every parameter of two gradients. What is no number differs from everything.
    pub fn of(config: &Config, a: (f32, &[f32]), b: (f32, &[f32])) -> Self {
        let mut out = Comparison {
            count: a.1.len(),
            difference: 0.0,
            place: tensor_of(config, 0),
            values: (a.1[0], b.1[0]),
            largest: 0.0,
            losses: (a.0, b.0),
        };
        for (i, (&x, &y)) in a.1.iter().zip(b.1).enumerate() {
            let difference = if (x - y).is_nan() {
                f32::INFINITY
            } else {
                (x - y).abs()
            };
            if difference > out.difference {
                out.difference = difference;
                out.place = tensor_of(config, i);
                out.values = (x, y);
            }
            out.largest = out.largest.max(x.abs());
        }
        out
    }

    /// They differ by rounding alone, and there is something to compare.
    pub fn agrees(&self) -> bool {
        let losses = (self.losses.0 - self.losses.1).abs() <= TOLERANCE * self.losses.0.abs();
        losses && self.largest > 0.0 && self.difference <= TOLERANCE * self.largest
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tensor, at) = self.place;
        write!(
            f,
            "{} parameters, largest difference {:.1e} at {tensor}[{at}] ({:.6e} and {:.6e}), largest gradient {:.3e}",
            self.count, self.difference, self.values.0, self.values.1, self.largest
        )
    }
}

/// Parameters and a batch at random: wider than what training starts from, so that every layer has a say.
pub fn input(config: &Config, seed: u64) -> (Vec<f32>, Vec<u32>, Vec<u32>) {
    let mut random = Random::new(seed);
    let params = (0..idiomatic::sizes(config).0)
        .map(|_| 0.15 * random.normal())
        .collect();
    let mut tokens = || {
        (0..config.rows())
            .map(|_| random.below(config.vocabulary) as u32)
            .collect()
    };
    (params, tokens(), tokens())
}

/// The loss and the gradient of one step.
pub fn gradient(
    model: Model,
    from: Gradient,
    config: &Config,
    (params, tokens, targets): &(Vec<f32>, Vec<u32>, Vec<u32>),
) -> (f32, Vec<f32>) {
    let mut worker = Worker::new(model, *config);
    let mut out = vec![0.0; params.len()];
    worker.clear(&mut out);
    let loss = worker.step(from, params, &mut out, tokens, targets);
    (loss, out)
}

/// Each model's gradients beside the one by hand, and the two models' gradients by irad; true when all agree.
pub fn run(config: &Config, seed: u64, gradients: &[Gradient]) -> bool {
    let input = input(config, seed);
    let has_nightly = gradients.contains(&Gradient::Nightly);
    let mut rows = Vec::new();
    let mut by_irad = Vec::new();
    let compare =
        |a: &(f32, Vec<f32>), b: &(f32, Vec<f32>)| Comparison::of(config, (a.0, &a.1), (b.0, &b.1));
    for model in Model::ALL {
        let of = |from| gradient(model, from, config, &input);
        let (by_hand, irad) = (of(Gradient::Manual), of(Gradient::Irad));
        let title = |other: &str| format!("{:<11} by hand, by {other}", format!("{model}:"));
        rows.push((title("irad"), compare(&by_hand, &irad)));
        if has_nightly {
            rows.push((title("nightly"), compare(&by_hand, &of(Gradient::Nightly))));
        }
        by_irad.push(irad);
    }
    rows.push((
        "by irad: translated, idiomatic".to_owned(),
        compare(&by_irad[0], &by_irad[1]),
    ));
    let mut agree = true;
    for (what, comparison) in rows {
        let verdict = if comparison.agrees() {
            "agree"
        } else {
            "DIFFER"
        };
        println!("{what:<31} {verdict}\n  {comparison}");
        agree &= comparison.agrees();
    }
    agree
}
