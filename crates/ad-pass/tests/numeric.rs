//! Derivatives are right: each is compiled in process, run, and compared with the derivative that
//! was worked out by hand.
#![allow(unsafe_code, reason = "calls functions that were compiled at run time")]

#[path = "../src/check/heap.rs"]
#[allow(dead_code, reason = "the engine asks more of it")]
mod heap;
mod hearing;

use std::ffi::c_void;
use std::fs;
use std::sync::{Mutex, PoisonError};
use std::thread;

use ad_pass::{Options, Recorder, differentiate, load};
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::BasicMetadataValueEnum;
use inkwell::{AddressSpace, OptimizationLevel};
use trace::{AdOptions, Mode, Pipeline, Watch};

/// Differentiates `function` of a fixture and hands the derivative's address to `check`.
fn derive(fixture: &str, function: &str, mode: Mode, check: impl Fn(*const c_void) + Sync) {
    derive_prepared(Pipeline::O2, fixture, function, mode, check);
}

/// The same after another prepare pipeline.
fn derive_prepared(
    prepare: Pipeline,
    fixture: &str,
    function: &str,
    mode: Mode,
    check: impl Fn(*const c_void) + Sync,
) {
    let ad = AdOptions {
        prepare,
        ..AdOptions::new(mode)
    };
    derive_as(&ad, fixture, function, |addresses| check(addresses[0]));
}

/// The same as `how` says, whatever that says of the cleanup. The derivative's address is followed by
/// that of the augmented primal where it was split.
fn derive_as(
    ad: &AdOptions,
    fixture: &str,
    function: &str,
    check: impl Fn(&[*const c_void]) + Sync,
) {
    // Enzyme keeps state in process globals; an engine has one thread, with room for recursion.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let ended = thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(ad_pass::STACK)
            .spawn_scoped(scope, || derive_here(ad, fixture, function, &check))
            .unwrap()
            .join()
    });
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

fn derive_here(ad: &AdOptions, fixture: &str, function: &str, check: &dyn Fn(&[*const c_void])) {
    let path = format!("{}/../../fixtures/{fixture}", env!("CARGO_MANIFEST_DIR"));
    let bytes = fs::read(path).unwrap();
    let symbol = ir_load::resolve(&ir_load::Index::of(&bytes), function)
        .unwrap()
        .symbol;
    for cleanup in [Pipeline::None, Pipeline::O2, Pipeline::O3, Pipeline::Rustc] {
        let context = Context::create();
        let module = load(&context, &bytes, fixture).unwrap();
        let options = Options {
            function: symbol.clone(),
            ad: AdOptions {
                cleanup,
                ..ad.clone()
            },
            watch: Watch::Points,
        };
        let recorder = Recorder::new(hearing::Refusals);
        let names = differentiate(&module, &options, &recorder).unwrap();
        links_as_rustc_would(&module);
        stub(&context, &module);
        let mut entries = vec![wrap(&context, &module, &names.derivative, "entry")];
        if let Some(augmented) = &names.augmented {
            entries.push(wrap(&context, &module, augmented, "augmented_entry"));
        }
        let jit = module
            .create_jit_execution_engine(OptimizationLevel::Default)
            .unwrap();
        heap::connect(&jit, &module);
        let addresses: Vec<*const c_void> = entries
            .into_iter()
            .map(|entry| jit.get_function_address(entry).unwrap() as *const c_void)
            .collect();
        check(&addresses);
        // Nothing was misused, and everything was freed.
        assert_eq!(heap::close(), heap::Account::default());
    }
}

/// The allocator is called by rustc's symbols alone, and nothing is left of what Enzyme was told
/// about them.
fn links_as_rustc_would(module: &Module<'_>) {
    for function in module.get_functions() {
        let symbol = function.get_name().to_string_lossy().into_owned();
        assert!(
            !symbol.starts_with("__rust_"),
            "rustc has no symbol {symbol}"
        );
        if format!("{:#}", rustc_demangle::demangle(&symbol)).starts_with("__rustc::") {
            for key in ["enzyme_math", "enzyme_inactive"] {
                let left = function.get_string_attribute(AttributeLoc::Function, key);
                assert!(left.is_none(), "{symbol} still has {key}");
            }
        }
    }
}

/// Gives what does not return, such as Rust's panics, and its personality a body: the process has no
/// symbol for them. Reaching one would end the test.
fn stub<'c>(context: &'c Context, module: &Module<'c>) {
    let builder = context.create_builder();
    let noreturn = Attribute::get_named_enum_kind_id("noreturn");
    let nothing = context.void_type().fn_type(&[], false);
    let trap = module.add_function("llvm.trap", nothing, None);
    for function in module.get_functions() {
        let name = function.get_name().to_string_lossy().into_owned();
        let attribute = function.get_enum_attribute(AttributeLoc::Function, noreturn);
        let ends = attribute.is_some() || name.contains("rust_eh_personality");
        if function.count_basic_blocks() == 0 && ends && function != trap {
            builder.position_at_end(context.append_basic_block(function, "stub"));
            builder.build_call(trap, &[], "").unwrap();
            builder.build_unreachable().unwrap();
        }
    }
}

/// Adds a function that calls the derivative and stores its result where its first parameter
/// points: how LLVM returns a struct of three floats is no ABI that Rust knows.
fn wrap<'c>(
    context: &'c Context,
    module: &Module<'c>,
    derivative: &str,
    name: &'static str,
) -> &'static str {
    let derivative = module.get_function(derivative).unwrap();
    let mut parameters = vec![context.ptr_type(AddressSpace::default()).into()];
    parameters.extend(derivative.get_type().get_param_types());
    let ty = context.void_type().fn_type(&parameters, false);
    let entry = module.add_function(name, ty, None);
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(entry, "start"));
    let arguments: Vec<BasicMetadataValueEnum<'_>> = entry
        .get_param_iter()
        .skip(1)
        .map(BasicMetadataValueEnum::from)
        .collect();
    let call = builder.build_call(derivative, &arguments, "").unwrap();
    if let Some(result) = call.try_as_basic_value().basic() {
        let out = entry.get_first_param().unwrap().into_pointer_value();
        builder.build_store(out, result).unwrap();
    }
    builder.build_return(None).unwrap();
    name
}

macro_rules! call {
    ($address:expr, ($($ty:ty),*) -> $ret:ty, $($argument:expr),*) => {{
        let mut out = std::mem::MaybeUninit::<$ret>::zeroed();
        // SAFETY: the type spells out what `differentiate` documents for this primal and mode, with
        // the result's place first, as `wrap` does; the code lives as long as the JIT, which
        // outlives the closure that this stands in. Zeroes are a valid value of every result here.
        unsafe {
            let function = std::mem::transmute::<
                *const std::ffi::c_void,
                extern "C" fn(*mut $ret, $($ty),*),
            >($address);
            function(out.as_mut_ptr(), $($argument),*);
            out.assume_init()
        }
    }};
}

#[path = "numeric/allocating.rs"]
mod allocating;
#[path = "numeric/directions.rs"]
mod directions;
#[path = "numeric/doubtful.rs"]
mod doubtful;
#[path = "numeric/shapes.rs"]
mod shapes;

#[repr(C)]
struct Two {
    primal: f64,
    first: f64,
}

#[repr(C)]
struct Three {
    primal: f64,
    first: f64,
    second: f64,
}

#[repr(C)]
struct Four {
    primal: f64,
    first: f64,
    second: f64,
    third: f64,
}

#[track_caller]
fn close(got: f64, wanted: f64) {
    let scale = wanted.abs().max(1.0);
    // Infinities are not close to anything, but equal.
    assert!(
        got == wanted || (got - wanted).abs() <= 1e-9 * scale,
        "got {got}, wanted {wanted}"
    );
}

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
