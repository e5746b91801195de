//! A residual connection: what a layer gave, on top of what it was given.

/// Element by element.
#[inline(never)]
pub fn forward(out: &mut [f32], a: &[f32], b: &[f32]) {
    let (a, b) = (&a[..out.len()], &b[..out.len()]);
    for i in 0..out.len() {
        out[i] = a[i] + b[i];
    }
}

/// Both adjoints are added to.
#[inline(never)]
pub fn backward(da: &mut [f32], db: &mut [f32], dout: &[f32]) {
    let (da, db) = (&mut da[..dout.len()], &mut db[..dout.len()]);
    for i in 0..dout.len() {
        da[i] += dout[i];
        db[i] += dout[i];
    }
}
