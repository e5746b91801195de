//! Several directions at once, derivatives in two functions, and derivatives alone.

use std::ffi::c_void;

use trace::{Activity, AdOptions, Mode, Pipeline};

use crate::derive::{Two, call, close, derive_as};

/// `model.ll`'s loss at `w`, `x` and `y`: the error, and the slope of the loss in `w x`.
fn model(w: &[f64; 3], x: &[f64; 3], y: f64) -> (f64, f64) {
    let z: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();
    let error = z.tanh() - y;
    (error, 2.0 * error * (1.0 - z.tanh() * z.tanh()))
}

const W: [f64; 3] = [0.3, -0.5, 0.2];
const X: [f64; 3] = [0.7, 0.1, -0.4];
const Y: f64 = 0.25;

#[test]
fn three_directions_at_once() {
    #[repr(C)]
    struct Out {
        primal: f64,
        tangents: [f64; 3],
    }
    let (error, slope) = model(&W, &X, Y);
    let ad = AdOptions {
        width: 3,
        ..AdOptions::new(Mode::Forward)
    };
    // One direction of w, one of x, one of y.
    let (zero, one) = ([0.0; 3], [0.0, 1.0, 0.0]);
    derive_as(&ad, "model.ll", "loss", |addresses| {
        let (z, o) = (zero.as_ptr(), one.as_ptr());
        let out = call!(
            addresses[0],
            (*const f64, *const f64, *const f64, *const f64, u64,
             *const f64, *const f64, *const f64, *const f64, u64, f64, f64, f64, f64) -> Out,
            W.as_ptr(), o, z, z, 3, X.as_ptr(), z, o, z, 3, Y, 0.0, 0.0, 1.0
        );
        close(out.primal, error * error);
        close(out.tangents[0], slope * X[1]);
        close(out.tangents[1], slope * W[1]);
        close(out.tangents[2], -2.0 * error);
    });
}

/// What is stated in full makes as much sense as what is chosen.
#[test]
fn activities_that_are_all_stated() {
    let ad = AdOptions {
        activities: [
            ("out", Activity::Duplicated),
            ("x", Activity::Const),
            ("a", Activity::Active),
        ]
        .map(|(name, activity)| (name.to_owned(), activity))
        .to_vec(),
        ..AdOptions::new(Mode::Reverse)
    };
    derive_as(&ad, "scale.ll", "scale", |addresses| {
        let (x, mut out, mut dout) = ([1.0, -2.0], [0.0; 2], [1.0, 10.0]);
        let da = call!(
            addresses[0],
            (*mut f64, *mut f64, u64, *const f64, u64, f64) -> f64,
            out.as_mut_ptr(), dout.as_mut_ptr(), 2, x.as_ptr(), 2, 3.0
        );
        close(da, 41.0);
    });
}

/// The shadows of both directions lie behind each other in one block.
#[test]
fn shadows_behind_each_other() {
    let (error, slope) = model(&W, &X, Y);
    let ad = AdOptions {
        width: 2,
        return_primal: false,
        activities: vec![
            ("w".to_owned(), Activity::Dualv),
            ("x".to_owned(), Activity::DualvOnly),
        ],
        ..AdOptions::new(Mode::Forward)
    };
    derive_as(&ad, "model.ll", "loss", |addresses| {
        let dw = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let dx = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        let tangents = call!(
            addresses[0],
            (*const f64, *const f64, u64, *const f64, *const f64, u64, f64, f64, f64) -> [f64; 2],
            W.as_ptr(), dw.as_ptr(), 3, X.as_ptr(), dx.as_ptr(), 3, Y, 0.0, 10.0
        );
        close(tangents[0], slope * X[0]);
        close(tangents[1], slope * W[2] - 20.0 * error);
    });
}

#[test]
fn directions_without_the_primal() {
    let (x, y) = (1.7_f64, 2.3_f64);
    let ad = AdOptions {
        width: 2,
        return_primal: false,
        ..AdOptions::new(Mode::Forward)
    };
    derive_as(&ad, "scalar.ll", "power", |addresses| {
        let tangents = call!(
            addresses[0],
            (f64, f64, f64, f64, f64, f64) -> [f64; 2],
            x, 1.0, 0.0, y, 0.0, 1.0
        );
        close(tangents[0], y * x.powf(y - 1.0));
        close(tangents[1], x.powf(y) * x.ln());
    });
}

#[test]
fn a_gradient_without_the_primal() {
    let (x, y) = (1.7_f64, 2.3_f64);
    let ad = AdOptions {
        return_primal: false,
        ..AdOptions::new(Mode::Reverse)
    };
    derive_as(&ad, "scalar.ll", "power", |addresses| {
        let adjoints = call!(addresses[0], (f64, f64, f64) -> [f64; 2], x, y, 2.0);
        close(adjoints[0], 2.0 * y * x.powf(y - 1.0));
        close(adjoints[1], 2.0 * x.powf(y) * x.ln());
    });
}

#[test]
fn a_tape_between_two_functions_outlives_the_arguments() {
    #[repr(C)]
    struct Tape {
        w: *mut f64,
        x: *mut f64,
        z: f64,
    }
    #[repr(C)]
    struct Augmented {
        tape: Tape,
        primal: f64,
    }
    let (error, slope) = model(&W, &X, Y);
    let ad = AdOptions {
        split: true,
        ..AdOptions::new(Mode::Reverse)
    };
    derive_as(&ad, "model.ll", "loss", |addresses: &[*const c_void]| {
        let (mut w, mut x) = (W, X);
        let (mut dw, mut dx) = ([0.0; 3], [0.0; 3]);
        let out = call!(
            addresses[1],
            (*const f64, *mut f64, u64, *const f64, *mut f64, u64, f64) -> Augmented,
            w.as_ptr(), dw.as_mut_ptr(), 3, x.as_ptr(), dx.as_mut_ptr(), 3, Y
        );
        close(out.primal, error * error);
        // What the reverse half needs is on the tape: the arguments may be written to in between.
        w.fill(f64::NAN);
        x.fill(f64::NAN);
        let seed = 1.5;
        let dy = call!(
            addresses[0],
            (*const f64, *mut f64, u64, *const f64, *mut f64, u64, f64, f64, *mut f64, *mut f64, f64) -> f64,
            w.as_ptr(), dw.as_mut_ptr(), 3, x.as_ptr(), dx.as_mut_ptr(), 3, Y, seed,
            out.tape.w, out.tape.x, out.tape.z
        );
        close(dy, seed * -2.0 * error);
        for i in 0..3 {
            close(dw[i], seed * slope * X[i]);
            close(dx[i], seed * slope * W[i]);
        }
    });
}

#[test]
fn a_split_derivative_without_a_tape() {
    let ad = AdOptions {
        split: true,
        return_primal: true,
        ..AdOptions::new(Mode::Reverse)
    };
    derive_as(&ad, "scalar.ll", "cube", |addresses| {
        close(call!(addresses[1], (f64) -> f64, 0.6), 0.216);
        close(call!(addresses[0], (f64, f64) -> f64, 0.6, 2.0), 2.16);
    });
}

#[test]
fn what_rustc_prepares_has_the_same_gradient() {
    let (error, slope) = model(&W, &X, Y);
    let ad = AdOptions {
        prepare: Pipeline::Rustc,
        ..AdOptions::new(Mode::Reverse)
    };
    derive_as(&ad, "model.ll", "loss", |addresses| {
        let (mut dw, mut dx) = ([0.0; 3], [0.0; 3]);
        let out = call!(
            addresses[0],
            (*const f64, *mut f64, u64, *const f64, *mut f64, u64, f64, f64) -> Two,
            W.as_ptr(), dw.as_mut_ptr(), 3, X.as_ptr(), dx.as_mut_ptr(), 3, Y, 1.0
        );
        close(out.primal, error * error);
        close(out.first, -2.0 * error);
        for i in 0..3 {
            close(dw[i], slope * X[i]);
            close(dx[i], slope * W[i]);
        }
    });
}

#[test]
fn what_is_stated_passes_over_a_call_to_enzyme() {
    let (x, a) = ([0.5, -1.0, 2.0], 1.5);
    let ad = AdOptions {
        wrt: vec!["a".to_owned()],
        ..AdOptions::new(Mode::Reverse)
    };
    derive_as(&ad, "autodiff_global.ll", "df_reverse", |addresses| {
        let out = call!(
            addresses[0],
            (*const f64, u64, f64, f64) -> Two,
            x.as_ptr(), 3, a, 1.0
        );
        close(out.primal, a * 5.25);
        close(out.first, 5.25);
    });
}
