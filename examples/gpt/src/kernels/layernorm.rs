//! Layer normalisation: each row gets mean 0 and variance 1, then a weight and a bias for each channel.

/// Rows are as long as `w`. `mean` and `rstd`, one for each row, are kept for the backward pass.
#[inline(never)]
pub fn forward(
    out: &mut [f32],
    mean: &mut [f32],
    rstd: &mut [f32],
    x: &[f32],
    w: &[f32],
    b: &[f32],
) {
    let channels = w.len();
    let b = &b[..channels];
    for n in 0..mean.len() {
        let out = &mut out[n * channels..][..channels];
        let x = &x[n * channels..][..channels];
        let mut m = 0.0;
        for i in 0..channels {
            m += x[i];
        }
        m /= channels as f32;
        let mut v = 0.0;
        for i in 0..channels {
            let d = x[i] - m;
            v += d * d;
        }
        v /= channels as f32;
        let s = 1.0 / (v + 1e-5).sqrt();
        for i in 0..channels {
            out[i] = (x[i] - m) * s * w[i] + b[i];
        }
        mean[n] = m;
        rstd[n] = s;
    }
}

/// Every adjoint is added to.
#[allow(
    clippy::too_many_arguments,
    reason = "what the layer read and its adjoints"
)]
#[inline(never)]
pub fn backward(
    dx: &mut [f32],
    dw: &mut [f32],
    db: &mut [f32],
    dout: &[f32],
    x: &[f32],
    w: &[f32],
    mean: &[f32],
    rstd: &[f32],
) {
    let channels = w.len();
    let (dw, db) = (&mut dw[..channels], &mut db[..channels]);
    for n in 0..mean.len() {
        let dx = &mut dx[n * channels..][..channels];
        let dout = &dout[n * channels..][..channels];
        let x = &x[n * channels..][..channels];
        let (m, s) = (mean[n], rstd[n]);
        let (mut along_mean, mut along_x) = (0.0, 0.0);
        for i in 0..channels {
            let g = w[i] * dout[i];
            along_mean += g;
            along_x += g * (x[i] - m) * s;
        }
        along_mean /= channels as f32;
        along_x /= channels as f32;
        for i in 0..channels {
            let normal = (x[i] - m) * s;
            db[i] += dout[i];
            dw[i] += normal * dout[i];
            dx[i] += (w[i] * dout[i] - along_mean - normal * along_x) * s;
        }
    }
}
