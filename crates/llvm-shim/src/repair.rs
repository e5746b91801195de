//! Takes back what irad's own passes have left for Enzyme alone: see `repair.cpp`.
#![allow(unsafe_code, reason = "calls into repair.cpp")]

use std::ptr;

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue, GlobalValue};

use inkwell::llvm_sys::prelude::LLVMValueRef;

use crate::boundary::{
    irad_embody, irad_forget_invariants, irad_forgo_zero_tests, irad_free_once, irad_hide_names,
    irad_is_inactive, irad_is_plain_integer, irad_settle, irad_sink, irad_tell_shadows_apart,
};

/// The function that is called behind what a later iteration overwrites.
pub const OVERWRITTEN: &str = "irad.overwritten";

/// Gives functions of the module that Enzyme would take for others of the same name another one, until [`settle`].
/// The function that is differentiated keeps its own.
pub fn hide_names(module: &Module<'_>, but: FunctionValue<'_>) {
    // SAFETY: a live module, and a function of it.
    unsafe { irad_hide_names(module.as_mut_ptr(), but.as_value_ref()) }
}

/// Takes out what the passes of [`Repair::Reverse`](crate::Repair::Reverse) have put in for Enzyme to see, but in
/// one function.
pub fn settle(module: &Module<'_>, except: Option<FunctionValue<'_>>) {
    let except = except.map_or(ptr::null_mut(), |function| function.as_value_ref());
    // SAFETY: a live module, and a function of it or none.
    unsafe { irad_settle(module.as_mut_ptr(), except) }
}

/// Has `vec![e; n]` do the same for zero as for other numbers: along a path of its own, the tangent of `e` is lost.
pub fn forgo_zero_tests(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_forgo_zero_tests(module.as_mut_ptr()) }
}

/// Takes out what Enzyme promises of loads in loops: that they give the same each time.
pub fn forget_invariants(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_forget_invariants(module.as_mut_ptr()) }
}

/// Takes out what frees memory in the forward sweep that the reverse sweep frees, too.
pub fn free_once(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_free_once(module.as_mut_ptr()) }
}

/// Gives `noalias` to the shadows in derivatives of called functions that are memory of their own, as far as what calls
/// them and Rust's `&mut` show.
pub fn tell_shadows_apart(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_tell_shadows_apart(module.as_mut_ptr()) }
}

/// The shadow of memory without a derivative, if a pointer leads to such: a table of constants, or a local variable,
/// if it holds nothing but numbers. An array of as many as there are directions, if there are several.
///
/// # Safety
/// Both are live values, the first an instruction.
pub unsafe fn sink(
    of: LLVMValueRef,
    pointer: LLVMValueRef,
    holds_numbers: bool,
    width: u64,
) -> Option<LLVMValueRef> {
    // SAFETY: promised by the caller.
    let sink = unsafe { irad_sink(of, pointer, holds_numbers, width) };
    (!sink.is_null()).then_some(sink)
}

/// Gives what the passes have put in a body, so that it can run where [`settle`] did not take it out: it does nothing.
pub fn embody(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_embody(module.as_mut_ptr()) }
}

/// True when Enzyme was told that nothing flows through a variable.
pub fn is_inactive(variable: GlobalValue<'_>) -> bool {
    // SAFETY: a live global.
    unsafe { irad_is_inactive(variable.as_value_ref()) }
}

/// True when what an instruction uses is an integer and nothing but that: no float and no address has its bits.
///
/// # Safety
/// Both are live values, the first one an instruction in a function.
pub unsafe fn is_plain_integer(of: LLVMValueRef, value: LLVMValueRef) -> bool {
    // SAFETY: as above.
    unsafe { irad_is_plain_integer(of, value) }
}
