//! Softmax over each row, and the mean of how surprised it is by the row's target.

/// Rows are as long as the vocabulary. `exps` and `probs` are written once each, like all activations.
#[inline(never)]
pub fn forward(
    exps: &mut [f32],
    probs: &mut [f32],
    logits: &[f32],
    targets: &[u32],
    vocabulary: usize,
) -> f32 {
    let mut loss = 0.0;
    for n in 0..targets.len() {
        let exps = &mut exps[n * vocabulary..][..vocabulary];
        let probs = &mut probs[n * vocabulary..][..vocabulary];
        let logits = &logits[n * vocabulary..][..vocabulary];
        let mut max = -1e30f32;
        for i in 0..vocabulary {
            if logits[i] > max {
                max = logits[i];
            }
        }
        let mut sum = 0.0;
        for i in 0..vocabulary {
            let e = (logits[i] - max).exp();
            sum += e;
            exps[i] = e;
        }
        for i in 0..vocabulary {
            probs[i] = exps[i] / sum;
        }
        loss -= probs[targets[n] as usize].ln();
    }
    loss / targets.len() as f32
}

/// `dlogits` is added to; `dloss` is the adjoint of the mean.
#[inline(never)]
pub fn backward(
    dlogits: &mut [f32],
    probs: &[f32],
    targets: &[u32],
    vocabulary: usize,
    dloss: f32,
) {
    let each = dloss / targets.len() as f32;
    for n in 0..targets.len() {
        let dlogits = &mut dlogits[n * vocabulary..][..vocabulary];
        let probs = &probs[n * vocabulary..][..vocabulary];
        for i in 0..vocabulary {
            dlogits[i] += probs[i] * each;
        }
        dlogits[targets[n] as usize] -= each;
    }
}
