//! The model to beat: how often each character follows each other one.

/// The mean surprise, in nats, of a bigram model of `train` at each character of `held_out` but its first.
/// Each pair counts once more than it was seen, so that none is impossible.
pub fn held_out_loss(train: &[u32], held_out: &[u32], vocabulary: usize) -> f32 {
    let mut counts = vec![1.0f64; vocabulary * vocabulary];
    for pair in train.windows(2) {
        counts[pair[0] as usize * vocabulary + pair[1] as usize] += 1.0;
    }
    let totals: Vec<f64> = counts
        .chunks_exact(vocabulary)
        .map(|row| row.iter().sum())
        .collect();
    let surprise: f64 = held_out
        .windows(2)
        .map(|pair| {
            let (a, b) = (pair[0] as usize, pair[1] as usize);
            -(counts[a * vocabulary + b] / totals[a]).ln()
        })
        .sum();
    (surprise / (held_out.len() - 1) as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::held_out_loss;

    #[test]
    fn what_always_follows_is_hardly_a_surprise() {
        let train: Vec<u32> = (0..1000).map(|i| i % 2).collect();
        assert!(held_out_loss(&train, &[0, 1, 0, 1], 2) < 0.01);
        // Seen 500 times, plus one for each of two: the other pair has one in 502.
        let never = held_out_loss(&train, &[0, 0], 2);
        assert!((never - 502f32.ln()).abs() < 1e-3, "{never}");
    }
}
