//! Marks loads of memory that stays as it is.
#![allow(unsafe_code, reason = "calls into unchanged.cpp")]

use inkwell::module::Module;

use crate::boundary::irad_mark_unchanged;

/// The attribute of a function whose reads are promised to stay as they are: see [`mark_unchanged`].
pub const UNCHANGED: &str = "irad_unchanged";

/// Marks the loads that need not be kept in every function with the attribute [`UNCHANGED`],
/// and counts those of the module. Pipelines that simplify functions do the same as they go.
pub fn mark_unchanged(module: &Module<'_>) -> usize {
    // SAFETY: a live module.
    unsafe { irad_mark_unchanged(module.as_mut_ptr()) }
}
