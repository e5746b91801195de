//! What the fixtures below `refused/` are refused for or warned about is right where it goes through.

use std::env;
use std::process::Command;
use std::ptr;

use trace::{Mode, Pipeline};

use crate::derive::{Two, call, close, derive, derive_prepared};

/// `Node` as rustc 1.95 lays it out: `list.ll` reads the value at 0 and the next node at 8, which is
/// null at the end.
#[repr(C)]
struct RawNode {
    value: f64,
    next: *mut RawNode,
}

/// The nodes of a list, each leading to the one behind it.
fn list(values: &[f64]) -> Vec<RawNode> {
    let node = |&value: &f64| RawNode {
        value,
        next: ptr::null_mut(),
    };
    let mut nodes: Vec<RawNode> = values.iter().map(node).collect();
    let start = nodes.as_mut_ptr();
    for (i, node) in nodes.iter_mut().enumerate() {
        if i + 1 < values.len() {
            node.next = start.wrapping_add(i + 1);
        }
    }
    nodes
}

/// What is copied as bytes has its type from debug info.
#[test]
fn copied_bytes() {
    let x = [1.5, -2.0, 0.25];
    derive("typed.ll", "save", Mode::Reverse, |address| {
        let (mut out, mut shadow_out) = ([0.0; 3], [1.0, 2.0, 3.0]);
        let mut shadow_x = [10.0; 3];
        call!(
            address,
            (*mut f64, *mut f64, usize, *const f64, *mut f64, usize) -> (),
            out.as_mut_ptr(), shadow_out.as_mut_ptr(), 3, x.as_ptr(), shadow_x.as_mut_ptr(), 3
        );
        assert_eq!(out, x);
        assert_eq!(shadow_x, [11.0, 12.0, 13.0]);
        assert_eq!(shadow_out, [0.0; 3]);
    });
    derive("typed.ll", "save", Mode::Forward, |address| {
        let (mut out, mut tangent_out) = ([0.0; 3], [9.0; 3]);
        let tangent_x = [1.0, 2.0, 3.0];
        call!(
            address,
            (*mut f64, *mut f64, usize, *const f64, *const f64, usize) -> (),
            out.as_mut_ptr(), tangent_out.as_mut_ptr(), 3, x.as_ptr(), tangent_x.as_ptr(), 3
        );
        assert_eq!(out, x);
        assert_eq!(tangent_out, tangent_x);
    });
}

/// Enzyme repeats volatile accesses on the shadow.
#[test]
fn volatile_memory() {
    let (start, x, seed, adjoint) = (0.75, 1.25, 1.5, 0.5);
    derive(
        "refused/volatile.ll",
        "integrate",
        Mode::Reverse,
        |address| {
            let (mut register, mut shadow) = (start, adjoint);
            let found = call!(
                address,
                (*mut f64, *mut f64, f64, f64) -> Two,
                &mut register, &mut shadow, x, seed
            );
            close(found.primal, (start + x * x) * x);
            close(
                found.first,
                seed * (start + 3.0 * x * x) + adjoint * 2.0 * x,
            );
            close(register, start + x * x);
            close(shadow, seed * x + adjoint);
        },
    );
}

/// A branch that gives a constant other than zero has a tangent of zero.
#[test]
fn clamped() {
    let smooth = |x: f64| match x {
        x if (0.0..=1.0).contains(&x) => (x * x * (3.0 - 2.0 * x), 6.0 * x * (1.0 - x)),
        x if x > 1.0 => (1.0, 0.0),
        _ => (0.0, 0.0),
    };
    let cap = |x: f64| if x > 1.0 { (1.0, 0.0) } else { (x, 1.0) };
    type Expected<'a> = &'a (dyn Fn(f64) -> (f64, f64) + Sync);
    let cases: [(&str, Expected<'_>); 2] = [("cap", &cap), ("smooth_step", &smooth)];
    for (function, expected) in cases {
        for mode in [Mode::Forward, Mode::Reverse] {
            derive("clamp.ll", function, mode, |address| {
                for x in [-0.5, 0.25, 0.9, 1.5] {
                    let found = call!(address, (f64, f64) -> Two, x, 1.5);
                    let (value, slope) = expected(x);
                    close(found.primal, value);
                    close(found.first, 1.5 * slope);
                }
            });
        }
    }
}

/// Warned about: the type of a node holds itself, and is followed only so deep.
#[test]
fn a_linked_list() {
    let values: Vec<f64> = (0..20).map(|i| 0.5 * f64::from(i) - 3.0).collect();
    let value = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
    derive(
        "refused/list.ll",
        "sum_of_squares",
        Mode::Reverse,
        |address| {
            for length in [1, 2, 20] {
                let values = &values[..length];
                let (mut nodes, mut shadows) = (list(values), list(&vec![0.0; length]));
                let primal = call!(
                    address,
                    (*mut RawNode, *mut RawNode, f64) -> f64,
                    nodes.as_mut_ptr(), shadows.as_mut_ptr(), 1.5
                );
                close(primal, value(values));
                for i in 0..length {
                    close(shadows[i].value, 1.5 * 2.0 * values[i]);
                }
            }
        },
    );
    derive(
        "refused/list.ll",
        "sum_of_squares",
        Mode::Forward,
        |address| {
            for length in [1, 2, 20] {
                let values = &values[..length];
                let tangent: Vec<f64> = (0..length).map(|i| 1.0 - 0.25 * i as f64).collect();
                let (mut nodes, mut tangents) = (list(values), list(&tangent));
                let out = call!(
                    address,
                    (*mut RawNode, *mut RawNode) -> Two,
                    nodes.as_mut_ptr(), tangents.as_mut_ptr()
                );
                close(out.primal, value(values));
                close(
                    out.first,
                    (0..length).map(|i| 2.0 * values[i] * tangent[i]).sum(),
                );
            }
        },
    );
}

/// Nothing is known of the constant 0 that one side stores but that it is a float. Its tangent is 0,
/// and it passes no adjoint on. Without a prepare pipeline, reverse mode is refused.
#[test]
fn a_constant_on_one_side_of_a_kink() {
    let (x, wanted) = ([-2.0, 3.0, -0.5, 0.25, 0.0], [0.0, 3.0, 0.0, 0.25, 0.0]);
    let (along, passes) = ([10.0, 20.0, 30.0, 40.0, 50.0], [0.0, 1.0, 0.0, 1.0, 0.0]);
    let relu = |prepare: Pipeline, mode| {
        derive_prepared(prepare, "refused/relu.ll", "relu", mode, |address| {
            // The tangent of what goes in becomes that of what comes out, and the seed of what comes
            // out the adjoint of what went in.
            let (mut x, mut dx) = (x, along);
            call!(
                address,
                (*mut f64, *mut f64, usize) -> (),
                x.as_mut_ptr(), dx.as_mut_ptr(), 5
            );
            for i in 0..5 {
                close(x[i], wanted[i]);
                close(dx[i], passes[i] * along[i]);
            }
        });
    };
    relu(Pipeline::None, Mode::Forward);
    relu(Pipeline::O2, Mode::Forward);
    relu(Pipeline::O2, Mode::Reverse);
}

/// The process of the tests cannot go on after a refusal. It must not end well either.
#[test]
fn a_refusal_is_no_success() {
    const INSIDE: &str = "NUMERIC_TEST_INSIDE";
    if env::var_os(INSIDE).is_some() {
        // As above, without what makes a `select` of it.
        derive_prepared(
            Pipeline::None,
            "refused/relu.ll",
            "relu",
            Mode::Reverse,
            |_| {},
        );
        return;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "doubtful::a_refusal_is_no_success",
        ])
        .env(INSIDE, "")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{errors}");
    assert!(errors.contains("refused: "), "{errors}");
}
