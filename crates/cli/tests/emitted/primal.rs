//! What is differentiated. The same source becomes IR for irad, and a library for the program that
//! calls the derivatives.
#![allow(clippy::missing_safety_doc)]

/// Squared error of a linear model under a tanh.
#[inline(never)]
pub fn loss(w: &[f64], x: &[f64], y: f64) -> f64 {
    let mut z = 0.0;
    for (w, x) in w.iter().zip(x) {
        z += w * x;
    }
    let error = z.tanh() - y;
    error * error
}

/// The same sum in single precision.
#[inline(never)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Several scalars.
#[inline(never)]
pub fn volume(a: f64, b: f64, n: u32, c: f32) -> f64 {
    a * b * b * f64::from(c) * f64::from(n)
}

/// An array behind a reference.
#[inline(never)]
pub fn quadratic(x: &[f64; 3]) -> f64 {
    x[0] * x[0] + 2.0 * x[1] * x[2]
}

/// A result in memory, and one that is returned.
#[inline(never)]
pub fn scale(out: &mut [f64], x: &[f64], a: f64) -> f64 {
    let mut sum = 0.0;
    for (out, x) in out.iter_mut().zip(x) {
        *out = a * x * x;
        sum += *out;
    }
    sum
}

/// Large enough to be passed in memory.
#[derive(Clone, Copy)]
pub struct Spring {
    pub stiffness: f64,
    pub rest: f64,
    pub steps: u32,
    pub damping: f32,
}

/// A struct behind a reference.
#[inline(never)]
pub fn energy(spring: &Spring, x: f64) -> f64 {
    let stretch = x - spring.rest;
    0.5 * spring.stiffness * stretch * stretch * f64::from(spring.steps) + f64::from(spring.damping)
}

/// A struct by value, of which the function makes what it likes.
#[inline(never)]
pub fn decay(mut spring: Spring, x: f64) -> f64 {
    for _ in 0..spring.steps {
        spring.stiffness *= 0.5;
    }
    spring.stiffness * (x - spring.rest)
}

/// Allocates.
#[inline(never)]
pub fn prefix_energy(x: &[f64]) -> f64 {
    let mut sums = vec![0.0; x.len()];
    let mut sum = 0.0;
    for (at, x) in x.iter().enumerate() {
        sum += x;
        sums[at] = sum;
    }
    sums.iter().map(|sum| sum * sum).sum()
}

/// Panics when an index is out of bounds.
#[inline(never)]
pub fn pick(x: &[f64], at: usize) -> f64 {
    x[at] * x[at + 1]
}

/// Panics in a loop, after it has written.
#[inline(never)]
pub fn gather(out: &mut [f64], x: &[f64], at: &[usize]) {
    for (out, &at) in out.iter_mut().zip(at) {
        *out = x[at] * x[at];
    }
}

/// Panics with a message that is made at run time.
#[inline(never)]
pub fn positive_log(x: f64) -> f64 {
    assert!(x > 0.0, "{x} has no logarithm");
    x.ln()
}

/// Has a symbol that nobody mangles.
#[unsafe(no_mangle)]
pub extern "C" fn plain_cube(x: f64) -> f64 {
    x * x * x
}

/// Raw pointers, as a translation from C has them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn raw_sum(out: *mut f32, x: *const f32, n: i32) {
    let mut sum = 0.0;
    let mut at = 0;
    while at < n {
        // SAFETY: the caller gives `n` elements.
        let x = unsafe { *x.offset(at as isize) };
        sum += x * x;
        at += 1;
    }
    // SAFETY: the caller gives one.
    unsafe { *out = sum };
}

/// Laid out as in C.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Quad {
    pub a: f64,
    pub b: f64,
    pub c: f64,
    pub d: f64,
}

/// A copy in memory, as C passes it.
#[unsafe(no_mangle)]
pub extern "C" fn determinant(m: Quad) -> f64 {
    m.a * m.d - m.b * m.c
}

/// Two scalars for one parameter.
#[inline(never)]
pub fn pair(p: (f64, f64)) -> f64 {
    p.0 * p.0 * p.1
}

/// Two results.
#[inline(never)]
pub fn polar(r: f64, angle: f64) -> (f64, f64) {
    (r * angle.cos(), r * angle.sin())
}

/// A result that is too large for registers.
#[inline(never)]
pub fn powers(x: f64) -> [f64; 4] {
    [x, x * x, x * x * x, 1.0]
}

/// Integers that are smaller than registers.
#[inline(never)]
pub fn small(x: f64, yes: bool, n: u8, k: i16) -> f64 {
    if yes {
        x * f64::from(n)
    } else {
        x * x * f64::from(k)
    }
}

/// An array by value, which the function changes.
#[inline(never)]
pub fn chain(mut a: [f64; 4]) -> f64 {
    for at in 1..4 {
        a[at] *= a[at - 1];
    }
    a[3]
}

/// Grows an allocation.
#[inline(never)]
pub fn orbit(n: usize, x: f64) -> f64 {
    let mut seen = Vec::new();
    let mut y = x;
    for _ in 0..n {
        y *= x;
        seen.push(y);
    }
    seen.iter().sum()
}

/// What `scaled` multiplies by; anybody may change it.
#[unsafe(no_mangle)]
pub static mut SCALE: f64 = 1.0;

/// Reads a static that may change.
#[inline(never)]
pub fn scaled(x: f64) -> f64 {
    // SAFETY: the program has one thread.
    unsafe { SCALE * x * x }
}

static mut HIDDEN: u64 = 0;

/// Changes a static that has no symbol.
#[inline(never)]
pub fn secretly_counted(x: f64) -> f64 {
    // SAFETY: the program has one thread.
    unsafe {
        HIDDEN += 1;
        if HIDDEN > 3 { 0.0 } else { x * x }
    }
}
