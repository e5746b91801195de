//! Embeddings: row `n` is the vector of its token plus the vector of its position, `n % time`.

/// `out` has `tokens.len()` rows of `channels`, as many as `wte` has for each token and `wpe` for each
/// position.
#[inline(never)]
pub fn forward(
    out: &mut [f32],
    tokens: &[u32],
    wte: &[f32],
    wpe: &[f32],
    time: usize,
    channels: usize,
) {
    for n in 0..tokens.len() {
        let out = &mut out[n * channels..][..channels];
        let token = &wte[tokens[n] as usize * channels..][..channels];
        let position = &wpe[n % time * channels..][..channels];
        for i in 0..channels {
            out[i] = token[i] + position[i];
        }
    }
}

/// Both vectors get the row's adjoint.
#[inline(never)]
pub fn backward(
    dwte: &mut [f32],
    dwpe: &mut [f32],
    dout: &[f32],
    tokens: &[u32],
    time: usize,
    channels: usize,
) {
    for n in 0..tokens.len() {
        let dout = &dout[n * channels..][..channels];
        let dtoken = &mut dwte[tokens[n] as usize * channels..][..channels];
        let dposition = &mut dwpe[n % time * channels..][..channels];
        for i in 0..channels {
            dtoken[i] += dout[i];
            dposition[i] += dout[i];
        }
    }
}
