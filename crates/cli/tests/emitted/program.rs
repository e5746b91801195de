//! Calls derivatives that irad emitted and compares them with what was worked out by hand.
#![deny(warnings)]

/// The generated declaration of that name.
macro_rules! binding {
    ($name:ident) => {
        mod $name {
            include!(concat!(env!("BINDINGS"), "/", stringify!($name), ".rs"));
        }
    };
}

binding!(d_loss);
binding!(f_loss);
binding!(d_dot);
binding!(f_dot);
binding!(d_volume);
binding!(f_volume);
binding!(d_quadratic);
binding!(f_quadratic);
binding!(d_scale);
binding!(f_scale);
binding!(d_energy);
binding!(f_energy);
binding!(d_decay);
binding!(d_prefix_energy);
binding!(f_prefix_energy);
binding!(d_plain_cube);
binding!(d_raw_sum);
binding!(d_scaled);
binding!(d_pick);
binding!(f_pick);
binding!(u_pick);
binding!(u_prefix_energy);
binding!(d_gather);
binding!(d_positive_log);
binding!(d_determinant);
binding!(f_determinant);
binding!(d_pair);
binding!(d_polar);
binding!(f_polar);
binding!(d_powers);
binding!(d_small);
binding!(d_chain);
binding!(f_chain);
binding!(d_orbit);

use primal::Spring;

#[track_caller]
fn close(got: f64, wanted: f64) {
    let error = (got - wanted).abs();
    assert!(
        error <= 1e-12 * wanted.abs().max(1.0),
        "got {got}, wanted {wanted}"
    );
}

#[track_caller]
fn close_in_single(got: f32, wanted: f32) {
    let error = (got - wanted).abs();
    assert!(
        error <= 1e-5 * wanted.abs().max(1.0),
        "got {got}, wanted {wanted}"
    );
}

fn main() {
    if std::env::args().nth(1).is_some() {
        // SAFETY: the object is the one that came with the declaration.
        let got = unsafe { d_positive_log::d_positive_log_checked(-1.0, 1.0) };
        println!("it came back with {got:?}");
        return;
    }
    slices();
    single_precision();
    scalars();
    arrays();
    memory();
    structs();
    allocation();
    symbols();
    panics();
    by_value();
    println!("all derivatives are right");
}

fn slices() {
    let (w, x, y) = ([0.5, -1.5, 2.0], [1.0, 0.25, -0.5], 0.75);
    let z: f64 = w.iter().zip(&x).map(|(w, x)| w * x).sum();
    let (error, slope) = (z.tanh() - y, 1.0 - z.tanh() * z.tanh());
    // Shadows are added to: what stands there before stays.
    let (mut dw, mut dx) = ([10.0; 3], [0.0; 3]);
    let seed = 3.0;
    // SAFETY: the object is the one that came with the declaration.
    let got = unsafe { d_loss::d_loss_checked(&w, &mut dw, &x, &mut dx, y, seed) };
    close(got.value, primal::loss(&w, &x, y));
    close(got.d_y, -2.0 * error * seed);
    for at in 0..3 {
        close(dw[at], 10.0 + 2.0 * error * slope * x[at] * seed);
        close(dx[at], 2.0 * error * slope * w[at] * seed);
    }
    let (tw, tx, ty) = ([1.0, 2.0, -1.0], [0.5, 0.0, 0.25], 2.0);
    // SAFETY: as above.
    let got = unsafe { f_loss::f_loss_checked(&w, &tw, &x, &tx, y, ty) };
    let dz: f64 = (0..3).map(|at| tw[at] * x[at] + w[at] * tx[at]).sum();
    close(got.tangent, 2.0 * error * (slope * dz - ty));
    // Shadows of another length are refused before anything is written.
    let short = std::panic::catch_unwind(|| {
        let mut dw = [0.0; 2];
        // SAFETY: it does not get as far as the call.
        unsafe { d_loss::d_loss_checked(&w, &mut dw, &x, &mut [0.0; 3], y, seed) }
    });
    assert!(short.is_err());
}

fn single_precision() {
    let (a, b) = (
        [1.0_f32, 2.0, -3.0, 4.5, 0.5],
        [0.5_f32, -1.0, 2.0, 8.0, 1.5],
    );
    let (mut da, mut db) = ([0.0; 5], [0.0; 5]);
    // SAFETY: the object is the one that came with the declaration.
    let value = unsafe { d_dot::d_dot_checked(&a, &mut da, &b, &mut db, 2.0) };
    close_in_single(value, primal::dot(&a, &b));
    for at in 0..5 {
        close_in_single(da[at], 2.0 * b[at]);
        close_in_single(db[at], 2.0 * a[at]);
    }
    // SAFETY: as above.
    let got = unsafe { f_dot::f_dot_checked(&a, &[1.0; 5], &b, &[0.0; 5]) };
    close_in_single(got.tangent, b.iter().sum());
}

fn scalars() {
    let (a, b, n, c) = (1.5, -2.0, 3, 0.25_f32);
    // SAFETY: the object is the one that came with the declaration.
    let got = unsafe { d_volume::d_volume_checked(a, b, n, c, 1.0) };
    close(got.value, primal::volume(a, b, n, c));
    close(got.d_a, b * b * 0.75);
    close(got.d_b, 2.0 * a * b * 0.75);
    close_in_single(got.d_c, (a * b * b * 3.0) as f32);
    // SAFETY: as above.
    let got = unsafe { f_volume::f_volume_checked(a, 0.0, b, 1.0, n, c, 0.0) };
    close(got.tangent, 2.0 * a * b * 0.75);
}

fn arrays() {
    let (x, mut dx) = ([1.0, 2.0, 3.0], [0.0; 3]);
    // SAFETY: the object is the one that came with the declaration.
    let value = unsafe { d_quadratic::d_quadratic_checked(&x, &mut dx, 1.0) };
    close(value, primal::quadratic(&x));
    assert_eq!(dx, [2.0, 6.0, 4.0]);
    // SAFETY: as above.
    let got = unsafe { f_quadratic::f_quadratic_checked(&x, &[0.0, 1.0, 0.0]) };
    close(got.tangent, 6.0);
}

fn memory() {
    let (mut out, mut d_out) = ([0.0; 3], [1.0, 10.0, 100.0]);
    let (x, mut dx, a) = ([1.0, 2.0, 3.0], [0.0; 3], 0.5);
    // SAFETY: the object is the one that came with the declaration.
    let got = unsafe { d_scale::d_scale_checked(&mut out, &mut d_out, &x, &mut dx, a, 7.0) };
    assert_eq!(out, [0.5, 2.0, 4.5]);
    close(got.value, 7.0);
    // What was overwritten has no adjoint any more: the seed is used up.
    assert_eq!(d_out, [0.0; 3]);
    for (at, seed) in [8.0, 17.0, 107.0].into_iter().enumerate() {
        close(dx[at], 2.0 * a * x[at] * seed);
    }
    close(got.d_a, 8.0 + 4.0 * 17.0 + 9.0 * 107.0);
    let mut t_out = [9.0; 3];
    // SAFETY: as above.
    let got =
        unsafe { f_scale::f_scale_checked(&mut out, &mut t_out, &x, &[1.0, 0.0, 0.0], a, 0.0) };
    assert_eq!(t_out, [1.0, 0.0, 0.0]);
    close(got.tangent, 1.0);
}

fn structs() {
    let spring = Spring {
        stiffness: 3.0,
        rest: 0.5,
        steps: 2,
        damping: 0.25,
    };
    let zero = Spring {
        stiffness: 0.0,
        rest: 0.0,
        steps: 0,
        damping: 0.0,
    };
    let x = 2.0;
    let mut shadow = zero;
    // SAFETY: the object is the one that came with the declaration, and both are springs.
    let got = unsafe { d_energy::d_energy_checked(&spring, &mut shadow, x, 1.0) };
    close(got.value, primal::energy(&spring, x));
    close(got.d_x, 2.0 * 3.0 * 1.5);
    close(shadow.stiffness, 1.5 * 1.5);
    close(shadow.rest, -2.0 * 3.0 * 1.5);
    close_in_single(shadow.damping, 1.0);
    assert_eq!(shadow.steps, 0);
    let direction = Spring { rest: 1.0, ..zero };
    // SAFETY: as above.
    let got = unsafe { f_energy::f_energy_checked(&spring, &direction, x, 0.0) };
    close(got.tangent, -2.0 * 3.0 * 1.5);

    let mut shadow = zero;
    let mut got = std::mem::MaybeUninit::uninit();
    // SAFETY: as above.
    let got = unsafe {
        d_decay::d_decay(
            got.as_mut_ptr(),
            (&raw const spring).cast(),
            (&raw mut shadow).cast(),
            x,
            1.0,
        );
        got.assume_init()
    };
    close(got.value, primal::decay(spring, x));
    close(got.d_x, 0.75);
    close(shadow.stiffness, 0.25 * 1.5);
    close(shadow.rest, -0.75);
    // It was taken by value, so it is what it was.
    assert_eq!(spring.stiffness, 3.0);
}

fn allocation() {
    let (x, mut dx) = ([1.0, -2.0, 0.5], [0.0; 3]);
    // SAFETY: the object is the one that came with the declaration.
    let value = unsafe { d_prefix_energy::d_prefix_energy_checked(&x, &mut dx, 1.0) };
    close(value, primal::prefix_energy(&x));
    let sums = [1.0, -1.0, -0.5];
    for at in 0..3 {
        close(dx[at], 2.0 * sums[at..].iter().sum::<f64>());
    }
    // SAFETY: as above.
    let got = unsafe { f_prefix_energy::f_prefix_energy_checked(&x, &[0.0, 0.0, 1.0]) };
    close(got.tangent, -1.0);
}

fn symbols() {
    // SAFETY: the objects are those that came with the declarations; the program has one thread.
    unsafe {
        let got = d_plain_cube::d_plain_cube_checked(2.0, 1.0);
        close(got.value, primal::plain_cube(2.0));
        close(got.d_x, 12.0);
        let (mut out, mut d_out) = (0.0, 1.0);
        let (x, mut dx) = ([1.0_f32, 2.0, 3.0], [0.0_f32; 3]);
        d_raw_sum::d_raw_sum(&raw mut out, &raw mut d_out, x.as_ptr(), dx.as_mut_ptr(), 3);
        assert_eq!((out, d_out, dx), (14.0, 0.0, [2.0, 4.0, 6.0]));
        // The static is the library's, and one for both.
        primal::SCALE = 5.0;
        let got = d_scaled::d_scaled_checked(3.0, 1.0);
        close(got.value, primal::scaled(3.0));
        close(got.d_x, 30.0);
    }
}

/// What a panic says.
fn message(panicking: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(panicking).expect_err("it panics");
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .expect("a message")
}

fn panics() {
    let x = [2.0, 3.0, 5.0];
    let mut dx = [0.0; 3];
    // SAFETY: the objects are those that came with the declarations.
    unsafe {
        close(d_pick::d_pick_checked(&x, &mut dx, 1, 1.0), 15.0);
        assert_eq!(dx, [0.0, 5.0, 3.0]);
        close(f_pick::f_pick_checked(&x, &[1.0, 0.0, 0.0], 0).tangent, 3.0);
        // Compiled to unwind, it does the same.
        close(u_pick::u_pick_checked(&x, &mut dx, 1, 1.0), 15.0);
        assert_eq!(dx, [0.0, 10.0, 6.0]);
        close(
            u_prefix_energy::u_prefix_energy_checked(&x, &mut [0.0; 3], 1.0),
            primal::prefix_energy(&x),
        );
    }
    let primal = message(|| {
        primal::pick(&[1.0; 3], 2);
    });
    assert_eq!(
        primal,
        "index out of bounds: the len is 3 but the index is 3"
    );
    // SAFETY: as above; the bounds are checked as the primal checks them.
    let derivatives: [fn(); 3] = [
        || unsafe {
            d_pick::d_pick_checked(&[1.0; 3], &mut [0.0; 3], 2, 1.0);
        },
        || unsafe {
            f_pick::f_pick_checked(&[1.0; 3], &[0.0; 3], 2);
        },
        || unsafe {
            u_pick::u_pick_checked(&[1.0; 3], &mut [0.0; 3], 2, 1.0);
        },
    ];
    for derivative in derivatives {
        assert_eq!(message(derivative), primal);
    }

    let (mut out, mut d_out, mut dx) = ([0.0; 3], [1.0; 3], [0.0; 3]);
    // SAFETY: as above.
    unsafe { d_gather::d_gather_checked(&mut out, &mut d_out, &x, &mut dx, &[2, 2, 0]) };
    assert_eq!(
        (out, d_out, dx),
        ([25.0, 25.0, 4.0], [0.0; 3], [4.0, 0.0, 20.0])
    );
    let said = message(|| {
        let x = [1.0; 3];
        // SAFETY: as above.
        unsafe {
            d_gather::d_gather_checked(&mut [0.0; 3], &mut [1.0; 3], &x, &mut [0.0; 3], &[0, 7, 0]);
        };
    });
    assert_eq!(said, "index out of bounds: the len is 3 but the index is 7");
    // SAFETY: as above.
    close(
        unsafe { d_positive_log::d_positive_log_checked(4.0, 1.0) }.d_x,
        0.25,
    );
}

fn by_value() {
    let m = primal::Quad {
        a: 1.0,
        b: 2.0,
        c: 3.0,
        d: 5.0,
    };
    let mut dm = primal::Quad {
        a: 0.0,
        b: 0.0,
        c: 0.0,
        d: 0.0,
    };
    // SAFETY: the objects are those that came with the declarations.
    unsafe {
        close(d_determinant::d_determinant_checked(&m, &mut dm, 2.0), -1.0);
        assert_eq!([dm.a, dm.b, dm.c, dm.d], [10.0, -6.0, -4.0, 2.0]);
        let direction = primal::Quad { a: 1.0, ..dm };
        let direction = primal::Quad {
            b: 0.0,
            c: 0.0,
            d: 0.0,
            ..direction
        };
        close(
            f_determinant::f_determinant_checked(&m, &direction).tangent,
            5.0,
        );

        let got = d_pair::d_pair_checked(3.0, 2.0, 1.0);
        close(got.value, primal::pair((3.0, 2.0)));
        assert_eq!((got.d_p_0, got.d_p_1), (12.0, 9.0));

        let (r, angle) = (2.0, 0.5_f64);
        let got = d_polar::d_polar_checked(r, angle, 1.0, 10.0);
        assert_eq!((got.value_0, got.value_1), primal::polar(r, angle));
        close(got.d_r, angle.cos() + 10.0 * angle.sin());
        close(got.d_angle, r * (10.0 * angle.cos() - angle.sin()));
        let got = f_polar::f_polar_checked(r, 0.0, angle, 1.0);
        close(got.tangent_0, -r * angle.sin());
        close(got.tangent_1, r * angle.cos());

        let (mut out, mut d_out) = ([0.0; 4], [1.0, 10.0, 100.0, 1000.0]);
        close(
            d_powers::d_powers_checked(&mut out, &mut d_out, 3.0),
            1.0 + 60.0 + 2700.0,
        );
        assert_eq!((out, d_out), (primal::powers(3.0), [0.0; 4]));

        // What stands beside small integers in registers must not matter.
        close(d_small::d_small_checked(2.0, true, 255, -1, 1.0).d_x, 255.0);
        close(
            d_small::d_small_checked(2.0, false, 0, -300, 1.0).d_x,
            -1200.0,
        );

        let (a, mut da) = ([2.0, 3.0, 5.0, 7.0], [0.0; 4]);
        close(d_chain::d_chain_checked(&a, &mut da, 1.0), 210.0);
        assert_eq!((a, da), ([2.0, 3.0, 5.0, 7.0], [105.0, 70.0, 42.0, 30.0]));
        close(
            f_chain::f_chain_checked(&a, &[1.0, 0.0, 0.0, 0.0]).tangent,
            105.0,
        );

        let got = d_orbit::d_orbit_checked(3, 2.0, 1.0);
        close(got.value, primal::orbit(3, 2.0));
        close(got.d_x, 4.0 + 12.0 + 32.0);
    }
}
