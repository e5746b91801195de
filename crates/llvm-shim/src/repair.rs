//! Takes back what irad's own passes have left for Enzyme alone: see `repair.cpp`.
#![allow(unsafe_code, reason = "calls into repair.cpp")]

use std::ptr;

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{irad_embody, irad_hide_names, irad_settle};

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

/// Gives what the passes have put in a body, so that it can run where [`settle`] did not take it out: it does nothing.
pub fn embody(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_embody(module.as_mut_ptr()) }
}
