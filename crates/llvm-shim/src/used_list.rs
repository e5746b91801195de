//! The lists of what is kept whatever uses it: `llvm.used` and `llvm.compiler.used`.
#![allow(unsafe_code, reason = "calls into used_list.cpp")]

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{irad_keep, irad_unlist};

/// Keeps a function alive through module passes, even when nothing calls it any more.
pub fn keep(module: &Module<'_>, function: FunctionValue<'_>) {
    // SAFETY: both are live, and the function belongs to the module.
    unsafe { irad_keep(module.as_mut_ptr(), function.as_value_ref()) }
}

/// Takes the lists away that keep what nothing else needs.
pub fn unlist(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_unlist(module.as_mut_ptr()) }
}
