//! Causal self-attention with several heads: each position mixes the values of those before it, by how
//! well its query fits their keys.

/// `qkv` holds a row's query, key and value side by side; `channels` is a multiple of `heads`. `scores`,
/// `exps` and `weights` have a row of `time` for each head and position; each is written once, so that
/// nothing needs to be kept aside.
#[allow(clippy::too_many_arguments, reason = "four buffers and four sizes")]
#[inline(never)]
pub fn forward(
    out: &mut [f32],
    scores: &mut [f32],
    exps: &mut [f32],
    weights: &mut [f32],
    qkv: &[f32],
    batch: usize,
    time: usize,
    channels: usize,
    heads: usize,
) {
    let size = channels / heads;
    let scale = 1.0 / (size as f32).sqrt();
    for b in 0..batch {
        for h in 0..heads {
            for t in 0..time {
                let row = b * time + t;
                let q = &qkv[row * 3 * channels + h * size..][..size];
                let place = ((b * heads + h) * time + t) * time;
                let scores = &mut scores[place..][..time];
                let exps = &mut exps[place..][..time];
                let weights = &mut weights[place..][..time];
                let mut max = -1e30f32;
                for u in 0..t + 1 {
                    let k = &qkv[(b * time + u) * 3 * channels + channels + h * size..][..size];
                    let mut s = 0.0;
                    for i in 0..size {
                        s += q[i] * k[i];
                    }
                    s *= scale;
                    if s > max {
                        max = s;
                    }
                    scores[u] = s;
                }
                let mut sum = 0.0;
                for u in 0..t + 1 {
                    let e = (scores[u] - max).exp();
                    sum += e;
                    exps[u] = e;
                }
                for u in 0..t + 1 {
                    weights[u] = exps[u] / sum;
                }
                let out = &mut out[row * channels + h * size..][..size];
                out.fill(0.0);
                for u in 0..t + 1 {
                    let v = &qkv[(b * time + u) * 3 * channels + 2 * channels + h * size..][..size];
                    let w = weights[u];
                    for i in 0..size {
                        out[i] += w * v[i];
                    }
                }
            }
        }
    }
}

/// `dqkv` is added to; `row` is room for one row of weights and need not be zero.
#[allow(clippy::too_many_arguments, reason = "five buffers and four sizes")]
#[inline(never)]
pub fn backward(
    dqkv: &mut [f32],
    row: &mut [f32],
    dout: &[f32],
    weights: &[f32],
    qkv: &[f32],
    batch: usize,
    time: usize,
    channels: usize,
    heads: usize,
) {
    let size = channels / heads;
    let scale = 1.0 / (size as f32).sqrt();
    let dweights = &mut row[..time];
    for b in 0..batch {
        for h in 0..heads {
            for t in 0..time {
                let row = b * time + t;
                let dout = &dout[row * channels + h * size..][..size];
                let weights = &weights[((b * heads + h) * time + t) * time..][..time];
                let mut dot = 0.0;
                for u in 0..t + 1 {
                    let at = (b * time + u) * 3 * channels + 2 * channels + h * size;
                    let v = &qkv[at..][..size];
                    let dv = &mut dqkv[at..][..size];
                    let w = weights[u];
                    let mut g = 0.0;
                    for i in 0..size {
                        g += v[i] * dout[i];
                        dv[i] += w * dout[i];
                    }
                    dweights[u] = g;
                    dot += w * g;
                }
                let at_q = row * 3 * channels + h * size;
                for u in 0..t + 1 {
                    let at_k = (b * time + u) * 3 * channels + channels + h * size;
                    let d = weights[u] * (dweights[u] - dot) * scale;
                    for i in 0..size {
                        dqkv[at_q + i] += qkv[at_k + i] * d;
                        dqkv[at_k + i] += qkv[at_q + i] * d;
                    }
                }
            }
        }
    }
}
