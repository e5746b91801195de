//! Derivatives by each shape that rustc gives a parameter or result.

use std::ffi::c_void;

use trace::{Activity, AdOptions, Mode};

use crate::derive::{Three, Two, call, close, derive, derive_as};

/// Both fixtures hold the same functions: types come from debug info in one, from uses in the other.
fn both(function: &str, mode: Mode, check: impl Fn(*const c_void) + Sync) {
    for fixture in ["shapes.ll", "shapes_debuginfo.ll"] {
        derive(fixture, function, mode, &check);
    }
}

#[test]
fn pairs_of_scalars() {
    let (x, y) = (1.5, -2.0);
    both("pair", Mode::Reverse, |address| {
        let out = call!(address, (f64, f64, f64) -> Three, x, y, 2.0);
        close(out.primal, x * x * y);
        close(out.first, 2.0 * 2.0 * x * y);
        close(out.second, 2.0 * x * x);
    });
    both("pair", Mode::Forward, |address| {
        let out = call!(address, (f64, f64, f64, f64) -> Two, x, 1.0, y, 10.0);
        close(out.primal, x * x * y);
        close(out.first, 2.0 * x * y + 10.0 * x * x);
    });
    both("mixed_pair", Mode::Reverse, |address| {
        let out = call!(address, (f64, u32, f64) -> Two, x, 3, 1.0);
        close(out.primal, 3.0 * x);
        close(out.first, 3.0);
    });
    both("mixed_pair", Mode::Forward, |address| {
        let out = call!(address, (f64, f64, u32) -> Two, x, 0.5, 3);
        close(out.first, 1.5);
    });
}

#[test]
fn pairs_that_are_constant() {
    let ad = AdOptions {
        activities: vec![("a".to_owned(), Activity::Const)],
        ..AdOptions::new(Mode::Reverse)
    };
    for fixture in ["shapes.ll", "shapes_debuginfo.ll"] {
        derive_as(&ad, fixture, "two_pairs", |addresses| {
            let out = call!(
                addresses[0],
                (f64, f64, f64, f64, f64) -> Three,
                2.0, 3.0, 5.0, 7.0, 1.0
            );
            close(out.primal, 2.0 * 7.0 - 3.0 * 5.0);
            close(out.first, -3.0);
            close(out.second, 2.0);
        });
    }
}

#[test]
fn structs_behind_pointers() {
    let (s, x) = ([3.0, 2.0, 0.5], 2.0);
    let d = x - s[2];
    for function in ["by_value", "by_reference"] {
        both(function, Mode::Reverse, |address| {
            let mut ds = [0.0; 3];
            let out = call!(
                address,
                (*const f64, *mut f64, f64, f64) -> Two,
                s.as_ptr(), ds.as_mut_ptr(), x, 1.0
            );
            close(out.first, s[0] * d / s[1]);
            close(ds[0], 0.5 * d * d / s[1]);
            close(ds[1], -0.5 * s[0] * d * d / (s[1] * s[1]));
            close(ds[2], -s[0] * d / s[1]);
        });
    }
}

#[test]
fn results_that_are_written_for_the_caller() {
    let (x, y) = (1.5, -2.0);
    both("large_result", Mode::Reverse, |address| {
        let (mut out, mut seeds) = ([0.0; 3], [1.0, 10.0, 100.0]);
        let adjoints = call!(
            address,
            (*mut f64, *mut f64, f64, f64) -> [f64; 2],
            out.as_mut_ptr(), seeds.as_mut_ptr(), x, y
        );
        close(out[2], x * x);
        close(adjoints[0], y + 10.0 + 200.0 * x);
        close(adjoints[1], x + 10.0);
    });
    both("large_result", Mode::Forward, |address| {
        let (mut out, mut tangents) = ([0.0; 3], [0.0; 3]);
        call!(
            address,
            (*mut f64, *mut f64, f64, f64, f64, f64) -> (),
            out.as_mut_ptr(), tangents.as_mut_ptr(), x, 1.0, y, 0.5
        );
        close(out[0], x * y);
        close(tangents[0], y + 0.5 * x);
        close(tangents[1], 1.5);
        close(tangents[2], 2.0 * x);
    });
}

#[test]
fn results_of_two_scalars() {
    #[repr(C)]
    struct Out {
        primal: [f64; 2],
        adjoints: [f64; 2],
    }
    let (x, y) = (1.5, -2.0);
    both("pair_result", Mode::Reverse, |address| {
        let out = call!(address, (f64, f64, f64, f64) -> Out, x, y, 1.0, 10.0);
        close(out.primal[0], x * y);
        close(out.primal[1], x + y);
        close(out.adjoints[0], y + 10.0);
        close(out.adjoints[1], x + 10.0);
    });
}

#[test]
fn payloads_of_options() {
    both("option", Mode::Reverse, |address| {
        let some = call!(address, (u64, f64, f64, f64) -> Three, 1, 3.0, 2.0, 1.0);
        close(some.primal, 12.0);
        close(some.first, 4.0);
        close(some.second, 12.0);
        let none = call!(address, (u64, f64, f64, f64) -> Three, 0, 3.0, 2.0, 1.0);
        close(none.primal, 2.0);
        close(none.first, 0.0);
        close(none.second, 1.0);
    });
    // LLVM computes with the payload before it knows whether there is one, and Enzyme multiplies its
    // adjoint by zero: what happens to lie there must not be infinite then, or zero must be strong.
    let ad = AdOptions {
        enzyme: vec![("strong-zero".to_owned(), "true".to_owned())],
        ..AdOptions::new(Mode::Reverse)
    };
    derive_as(&ad, "shapes.ll", "option", |addresses| {
        let none = call!(
            addresses[0],
            (u64, f64, f64, f64) -> Three,
            0, f64::NAN, 2.0, 1.0
        );
        close(none.first, 0.0);
        close(none.second, 1.0);
    });
    both("option_reference", Mode::Reverse, |address| {
        let (x, mut dx) = ([3.0, 5.0], [0.0; 2]);
        let some = call!(
            address,
            (*const f64, *mut f64, f64, f64) -> Two,
            x.as_ptr(), dx.as_mut_ptr(), 2.0, 1.0
        );
        close(some.first, 15.0);
        close(dx[0], 10.0);
        close(dx[1], 6.0);
        let (x, dx) = (std::ptr::null::<f64>(), std::ptr::null_mut::<f64>());
        let none = call!(address, (*const f64, *mut f64, f64, f64) -> Two, x, dx, 2.0, 1.0);
        close(none.first, 1.0);
    });
}

#[test]
fn vectors_and_slices_in_slices() {
    let (x, mut dx) = (vec![1.0, -2.0, 3.0], vec![0.0; 3]);
    both("vector", Mode::Reverse, |address| {
        let (x, mut dx) = (x.clone(), dx.clone());
        call!(address, (*const Vec<f64>, *mut Vec<f64>, f64) -> f64, &x, &mut dx, 1.0);
        assert_eq!(dx, [2.0, -4.0, 6.0]);
    });
    dx.clear();
    both("rows", Mode::Reverse, |address| {
        let (a, b) = ([1.0, 2.0], [3.0]);
        let (mut da, mut db) = ([0.0; 2], [0.0; 1]);
        let rows: [&[f64]; 2] = [&a, &b];
        let shadows: [&mut [f64]; 2] = [&mut da, &mut db];
        call!(
            address,
            (*const &[f64], *const &mut [f64], u64, f64) -> f64,
            rows.as_ptr(), shadows.as_ptr(), 2, 1.0
        );
        assert_eq!((da, db), ([2.0, 4.0], [6.0]));
    });
}

#[test]
fn captured_variables() {
    let (a, b, x) = (2.0, 5.0, 3.0);
    both("captured_pointer", Mode::Reverse, |address| {
        let (mut da, mut db) = (0.0, 0.0);
        let out = call!(
            address,
            (*const f64, *mut f64, *const f64, *mut f64, f64, f64) -> Two,
            &a, &mut da, &b, &mut db, x, 1.0
        );
        close(out.primal, 5.0 * a * x * x + 2.0 * b);
        close(out.first, 10.0 * a * x);
        close(da, 5.0 * x * x);
        close(db, 2.0);
    });
}
