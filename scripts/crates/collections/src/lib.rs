//! smallvec, arrayvec, itertools, and the standard library's own collections.

use std::collections::{BTreeMap, VecDeque};

use arrayvec::ArrayVec;
use itertools::Itertools;
use smallvec::SmallVec;

/// Differences of neighbours, kept inline.
#[inline(never)]
pub fn roughness(x: &[f64]) -> f64 {
    let steps: SmallVec<[f64; 8]> = x.windows(2).map(|w| w[1] - w[0]).collect();
    steps.iter().map(|s| s * s).sum()
}

/// The first few numbers, in an array.
#[inline(never)]
pub fn first_few(x: &[f64]) -> f64 {
    let mut few = ArrayVec::<f64, 4>::new();
    for &v in x.iter().take(4) {
        few.push(v * v);
    }
    few.iter().product()
}

/// All pairs.
#[inline(never)]
pub fn pairs(x: &[f64]) -> f64 {
    x.iter()
        .tuple_combinations()
        .map(|(a, b)| (a - b) * (a - b))
        .sum()
}

/// A product over two sequences.
#[inline(never)]
pub fn interleaved(x: &[f64], y: &[f64]) -> f64 {
    x.iter()
        .interleave(y)
        .enumerate()
        .map(|(at, v)| v * v / (1.0 + at as f64))
        .sum()
}

/// A moving mean, in a queue.
#[inline(never)]
pub fn moving(x: &[f64]) -> f64 {
    let mut last = VecDeque::with_capacity(3);
    let mut sum = 0.0;
    for &v in x {
        if last.len() == 3 {
            last.pop_front();
        }
        last.push_back(v);
        sum += (last.iter().sum::<f64>() / last.len() as f64).powi(2);
    }
    sum
}

/// Bins of a histogram, by number.
#[inline(never)]
pub fn bins(x: &[f64]) -> f64 {
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    for (at, &v) in x.iter().enumerate() {
        *sums.entry(at % 3).or_insert(0.0) += v;
    }
    sums.values().map(|v| v * v).sum()
}

/// Those above zero, in a vector of their own.
#[inline(never)]
pub fn positive(x: &[f64]) -> f64 {
    let kept: Vec<f64> = x.iter().copied().filter(|v| *v > 0.0).collect();
    kept.iter().map(|v| v.sqrt()).sum()
}
