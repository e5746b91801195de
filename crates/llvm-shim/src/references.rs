//! What a function refers to, and what nothing refers to.
#![allow(
    unsafe_code,
    reason = "calls into references.cpp, and deletes functions"
)]

use inkwell::values::{AsValueRef, BasicValue, FunctionValue};

use crate::boundary::irad_references;
use crate::strings::take;

/// What a function refers to outside of itself: names, each with what a caller can see of it.
pub fn references(function: FunctionValue<'_>) -> Vec<(String, String)> {
    // SAFETY: a live function; the result is an owned string.
    let lines = unsafe { take(irad_references(function.as_value_ref())) }.unwrap_or_default();
    lines
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, seen)| (name.to_owned(), seen.to_owned()))
        .collect()
}

/// Removes a function that nothing refers to.
///
/// # Panics
/// When something does.
pub fn erase(function: FunctionValue<'_>) {
    let pointer = function.as_global_value().as_pointer_value();
    assert!(pointer.get_first_use().is_none(), "nothing refers to it");
    // SAFETY: a live function without uses; the caller's copy of the handle ends here.
    unsafe { function.delete() }
}
