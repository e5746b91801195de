//! Fixtures that do not allocate: loops, branches, slices, structs, recursion.

use trace::Mode;

use crate::derive::{Four, Three, Two, call, close, derive};

#[test]
fn model() {
    let (w, x, y) = ([0.3, -0.5, 0.2], [0.7, 0.1, -0.4], 0.25);
    let z: f64 = w.iter().zip(&x).map(|(w, x)| w * x).sum();
    let error = z.tanh() - y;
    let slope = 2.0 * error * (1.0 - z.tanh() * z.tanh());
    derive("model.ll", "loss", Mode::Reverse, |address| {
        let (mut dw, mut dx) = ([0.0; 3], [0.0; 3]);
        let seed = 1.5;
        let out = call!(
            address,
            (*const f64, *mut f64, u64, *const f64, *mut f64, u64, f64, f64) -> Two,
            w.as_ptr(), dw.as_mut_ptr(), 3, x.as_ptr(), dx.as_mut_ptr(), 3, y, seed
        );
        close(out.primal, error * error);
        close(out.first, seed * -2.0 * error);
        for i in 0..3 {
            close(dw[i], seed * slope * x[i]);
            close(dx[i], seed * slope * w[i]);
        }
    });
    derive("model.ll", "loss", Mode::Forward, |address| {
        let (tw, tx, ty) = ([1.0, 0.5, -1.0], [0.25, -2.0, 1.0], 0.75);
        let out = call!(
            address,
            (*const f64, *const f64, u64, *const f64, *const f64, u64, f64, f64) -> Two,
            w.as_ptr(), tw.as_ptr(), 3, x.as_ptr(), tx.as_ptr(), 3, y, ty
        );
        let tangent: f64 = (0..3).map(|i| slope * (x[i] * tw[i] + w[i] * tx[i])).sum();
        close(out.primal, error * error);
        close(out.first, tangent - 2.0 * error * ty);
    });
}

#[test]
fn scalars() {
    let at = 0.6_f64;
    let cases: [(&str, f64); 4] = [
        (
            "sine_gaussian",
            (-at * at).exp() * (at.cos() - 2.0 * at * at.sin()),
        ),
        ("log_cosine", -at.sin() / (2.0 + at.cos())),
        ("squash", {
            let (tanh, root) = (at.tanh(), (1.0 + at * at).sqrt());
            (1.0 - tanh * tanh) / root - tanh * at / root.powi(3)
        }),
        ("cube", 3.0 * at * at),
    ];
    for (name, wanted) in cases {
        derive("scalar.ll", name, Mode::Reverse, |address| {
            close(call!(address, (f64, f64) -> Two, at, 1.0).first, wanted);
        });
        derive("scalar.ll", name, Mode::Forward, |address| {
            close(call!(address, (f64, f64) -> Two, at, 1.0).first, wanted);
        });
    }
}

#[test]
fn a_power_has_two_adjoints() {
    let (x, y) = (1.7_f64, 2.3_f64);
    derive("scalar.ll", "power", Mode::Reverse, |address| {
        let out = call!(address, (f64, f64, f64) -> Three, x, y, 1.0);
        close(out.primal, x.powf(y));
        close(out.first, y * x.powf(y - 1.0));
        close(out.second, x.powf(y) * x.ln());
    });
}

#[test]
fn dot_products() {
    let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [0.5, -1.0, 1.5, -2.0, 2.5]);
    derive("dot.ll", "dot", Mode::Reverse, |address| {
        let (mut da, mut db) = ([0.0; 5], [0.0; 5]);
        call!(
            address,
            (*const f64, *mut f64, u64, *const f64, *mut f64, u64, f64) -> f64,
            a.as_ptr(), da.as_mut_ptr(), 5, b.as_ptr(), db.as_mut_ptr(), 5, 1.0
        );
        for i in 0..5 {
            close(da[i], b[i]);
            close(db[i], a[i]);
        }
    });
}

#[test]
fn arrays() {
    let x: [f64; 4] = [0.9, 1.2, 0.4, -0.3];
    let mut wanted = [0.0; 4];
    for i in 0..3 {
        let valley = x[i + 1] - x[i] * x[i];
        wanted[i] += -400.0 * valley * x[i] - 2.0 * (1.0 - x[i]);
        wanted[i + 1] += 200.0 * valley;
    }
    derive("array.ll", "rosenbrock", Mode::Reverse, |address| {
        let mut dx = [0.0; 4];
        call!(address, (*const f64, *mut f64, f64) -> f64, x.as_ptr(), dx.as_mut_ptr(), 1.0);
        for i in 0..4 {
            close(dx[i], wanted[i]);
        }
    });
}

#[test]
fn single_precision() {
    let x = [0.5_f32, -1.5, 2.25];
    derive("single.ll", "squared_norm", Mode::Reverse, |address| {
        let mut dx = [0.0_f32; 3];
        let primal = call!(
            address,
            (*const f32, *mut f32, u64, f32) -> f32,
            x.as_ptr(), dx.as_mut_ptr(), 3, 1.0
        );
        close(primal.into(), 7.5625);
        for i in 0..3 {
            close(dx[i].into(), f64::from(2.0 * x[i]));
        }
    });
}

#[test]
fn results_through_a_mutable_slice() {
    let (x, a) = ([1.0, -2.0, 0.5], 3.0);
    derive("scale.ll", "scale", Mode::Reverse, |address| {
        let (mut out, mut dout, mut dx) = ([0.0; 3], [1.0, 10.0, 100.0], [0.0; 3]);
        let seeds = dout;
        let da = call!(
            address,
            (*mut f64, *mut f64, u64, *const f64, *mut f64, u64, f64) -> f64,
            out.as_mut_ptr(), dout.as_mut_ptr(), 3, x.as_ptr(), dx.as_mut_ptr(), 3, a
        );
        close(da, (0..3).map(|i| seeds[i] * x[i] * x[i]).sum());
        for i in 0..3 {
            close(out[i], a * x[i] * x[i]);
            close(dx[i], seeds[i] * 2.0 * a * x[i]);
            // A seed that was used up is zeroed.
            close(dout[i], 0.0);
        }
    });
}

#[test]
fn a_loop_that_ends_when_its_data_says_so() {
    derive("newton.ll", "square_root", Mode::Reverse, |address| {
        let out = call!(address, (f64, f64) -> Two, 7.0, 1.0);
        close(out.primal, 7.0_f64.sqrt());
        close(out.first, 0.5 / 7.0_f64.sqrt());
    });
}

#[test]
fn branches() {
    derive("branch.ll", "huber", Mode::Reverse, |address| {
        let inside = call!(address, (f64, f64, f64) -> Three, 0.5, 1.0, 1.0);
        close(inside.first, 0.5);
        close(inside.second, 0.0);
        let outside = call!(address, (f64, f64, f64) -> Three, -3.0, 1.0, 1.0);
        close(outside.primal, 2.5);
        close(outside.first, -1.0);
        close(outside.second, 3.0 - 1.0);
    });
}

#[test]
fn helpers_that_are_not_inlined() {
    let (w, x, y) = (0.8_f64, -1.1_f64, 0.3_f64);
    let s = 1.0 / (1.0 + (-w * x).exp());
    let slope = 2.0 * (s - y) * s * (1.0 - s);
    derive("helpers.ll", "loss", Mode::Reverse, |address| {
        let out = call!(address, (f64, f64, f64, f64) -> Four, w, x, y, 1.0);
        close(out.primal, (s - y) * (s - y));
        close(out.first, slope * x);
        close(out.second, slope * w);
        close(out.third, -2.0 * (s - y));
    });
}

#[test]
fn closures() {
    let rate = 0.7_f64;
    let wanted: f64 = (0..100)
        .map(|i| (f64::from(i) + 0.5) / 100.0)
        .map(|t| -t * (-rate * t).exp() / 100.0)
        .sum();
    derive("closure.ll", "mean_decay", Mode::Reverse, |address| {
        close(call!(address, (f64, f64) -> Two, rate, 1.0).first, wanted);
    });
}

#[test]
fn a_softmax_gradient_is_the_softmax_less_the_target() {
    let z: [f64; 4] = [0.1, 2.0, -1.0, 0.7];
    let total: f64 = z.iter().map(|z| z.exp()).sum();
    derive("softmax.ll", "cross_entropy", Mode::Reverse, |address| {
        let mut dz = [0.0; 4];
        call!(
            address,
            (*const f64, *mut f64, u64, u64, f64) -> f64,
            z.as_ptr(), dz.as_mut_ptr(), 4, 2, 1.0
        );
        for i in 0..4 {
            let target = if i == 2 { 1.0 } else { 0.0 };
            close(dz[i], z[i].exp() / total - target);
        }
    });
}

#[test]
fn matrix_products() {
    let (a, b) = (
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        [0.5, -1.0, 1.5, 2.0, -0.25, 1.0],
    );
    derive("matmul.ll", "matmul", Mode::Reverse, |address| {
        let (mut c, mut dc) = ([0.0; 4], [1.0, 2.0, 3.0, 4.0]);
        let seeds = dc;
        let (mut da, mut db) = ([0.0; 6], [0.0; 6]);
        call!(
            address,
            (*mut f64, *mut f64, u64, *const f64, *mut f64, u64, *const f64, *mut f64, u64, u64, u64, u64) -> (),
            c.as_mut_ptr(), dc.as_mut_ptr(), 4, a.as_ptr(), da.as_mut_ptr(), 6,
            b.as_ptr(), db.as_mut_ptr(), 6, 2, 3, 2
        );
        for i in 0..2 {
            for k in 0..3 {
                close(
                    da[i * 3 + k],
                    (0..2).map(|j| seeds[i * 2 + j] * b[k * 2 + j]).sum(),
                );
            }
        }
        for k in 0..3 {
            for j in 0..2 {
                close(
                    db[k * 2 + j],
                    (0..2).map(|i| a[i * 3 + k] * seeds[i * 2 + j]).sum(),
                );
            }
        }
    });
}

#[test]
fn recursion() {
    let (c, x) = ([1.0, -2.0, 0.5, 3.0], 1.3_f64);
    derive("recursion.ll", "horner", Mode::Reverse, |address| {
        let mut dc = [0.0; 4];
        let out = call!(
            address,
            (*const f64, *mut f64, u64, f64, f64) -> Two,
            c.as_ptr(), dc.as_mut_ptr(), 4, x, 1.0
        );
        close(out.first, c[1] + 2.0 * c[2] * x + 3.0 * c[3] * x * x);
        for (i, dc) in dc.into_iter().enumerate() {
            close(dc, x.powi(i32::try_from(i).unwrap()));
        }
    });
}

#[test]
fn calls_that_nightly_leaves_for_enzymes_pass() {
    let (x, a) = ([0.5, -1.0, 2.0], 1.5);
    for fixture in ["autodiff_global.ll", "autodiff_metadata.ll"] {
        derive(fixture, "df_reverse", Mode::Reverse, |address| {
            let mut dx = [0.0; 3];
            call!(
                address,
                (*const f64, *mut f64, u64, f64, f64) -> f64,
                x.as_ptr(), dx.as_mut_ptr(), 3, a, 1.0
            );
            for i in 0..3 {
                close(dx[i], 2.0 * a * x[i]);
            }
        });
        derive(fixture, "df_forward", Mode::Forward, |address| {
            let out = call!(
                address,
                (*const f64, *const f64, u64, f64) -> Two,
                x.as_ptr(), [1.0, 1.0, 1.0].as_ptr(), 3, a
            );
            close(out.primal, a * 5.25);
            close(out.first, 2.0 * a * 1.5);
        });
    }
}
