//! A linear layer: `out[n][o] = sum_i x[n][i] w[o][i] + bias[o]`.

/// `x` has rows of `inputs`, `w` a row of `inputs` for each output; without a bias `bias` is empty.
#[inline(never)]
pub fn forward(out: &mut [f32], x: &[f32], w: &[f32], bias: &[f32], inputs: usize) {
    let outputs = w.len() / inputs;
    for n in 0..x.len() / inputs {
        let out = &mut out[n * outputs..][..outputs];
        let x = &x[n * inputs..][..inputs];
        for o in 0..outputs {
            let w = &w[o * inputs..][..inputs];
            let mut sum = 0.0;
            for i in 0..inputs {
                sum += x[i] * w[i];
            }
            // After the sum and not before it: an adjoint that leaves a loop by its first iteration
            // has to ask in each iteration whether it is the first.
            out[o] = if bias.is_empty() { sum } else { sum + bias[o] };
        }
    }
}

/// Every adjoint is added to; without a bias `dbias` is empty.
#[inline(never)]
pub fn backward(
    dx: &mut [f32],
    dw: &mut [f32],
    dbias: &mut [f32],
    dout: &[f32],
    x: &[f32],
    w: &[f32],
    inputs: usize,
) {
    let outputs = w.len() / inputs;
    for n in 0..x.len() / inputs {
        let dout = &dout[n * outputs..][..outputs];
        let dx = &mut dx[n * inputs..][..inputs];
        let x = &x[n * inputs..][..inputs];
        for o in 0..outputs {
            let w = &w[o * inputs..][..inputs];
            let dw = &mut dw[o * inputs..][..inputs];
            let d = dout[o];
            if !dbias.is_empty() {
                dbias[o] += d;
            }
            for i in 0..inputs {
                dx[i] += w[i] * d;
                dw[i] += x[i] * d;
            }
        }
    }
}
