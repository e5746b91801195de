//! The GELU activation, in its form with `tanh`.

/// The square root of 2/pi, as near as an `f32` comes.
const SLOPE: f32 = 0.797_884_6;

/// Element by element.
#[inline(never)]
pub fn forward(out: &mut [f32], x: &[f32]) {
    let x = &x[..out.len()];
    for i in 0..out.len() {
        let x = x[i];
        let u = SLOPE * (x + 0.044715 * x * x * x);
        out[i] = 0.5 * x * (1.0 + u.tanh());
    }
}

/// `dx` is added to.
#[inline(never)]
pub fn backward(dx: &mut [f32], dout: &[f32], x: &[f32]) {
    let (dout, x) = (&dout[..dx.len()], &x[..dx.len()]);
    for i in 0..dx.len() {
        let x = x[i];
        let t = (SLOPE * (x + 0.044715 * x * x * x)).tanh();
        let inner = SLOPE * (1.0 + 3.0 * 0.044715 * x * x);
        dx[i] += (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner) * dout[i];
    }
}
