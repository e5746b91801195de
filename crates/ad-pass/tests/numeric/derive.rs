//! Compiles the derivative of a fixture's function in process, for a test to run.

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

use crate::{heap, hearing};

/// Differentiates `function` of a fixture and hands the derivative's address to `check`.
pub fn derive(fixture: &str, function: &str, mode: Mode, check: impl Fn(*const c_void) + Sync) {
    derive_prepared(Pipeline::O2, fixture, function, mode, check);
}

/// The same after another prepare pipeline.
pub fn derive_prepared(
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
pub fn derive_as(
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
            stands_alone: false,
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
        let account = heap::close();
        assert_eq!(account.faults, []);
        assert_eq!(account.left, [] as [String; 0]);
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

pub(crate) use call;

#[repr(C)]
pub struct Two {
    pub primal: f64,
    pub first: f64,
}

#[repr(C)]
pub struct Three {
    pub primal: f64,
    pub first: f64,
    pub second: f64,
}

#[repr(C)]
pub struct Four {
    pub primal: f64,
    pub first: f64,
    pub second: f64,
    pub third: f64,
}

#[track_caller]
pub fn close(got: f64, wanted: f64) {
    let scale = wanted.abs().max(1.0);
    // Infinities are not close to anything, but equal.
    assert!(
        got == wanted || (got - wanted).abs() <= 1e-9 * scale,
        "got {got}, wanted {wanted}"
    );
}
