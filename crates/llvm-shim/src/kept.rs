//! Has Enzyme keep what functions return.
#![allow(unsafe_code, reason = "calls into kept.cpp")]

use std::ffi::CString;

use inkwell::module::Module;

use crate::boundary::irad_keep_results;

/// Has Enzyme keep the numbers that calls of functions return, by symbol, and counts these calls; `*` is every function of
/// the mathematics library that takes long.
pub fn keep_results(module: &Module<'_>, symbols: &[String]) -> usize {
    let symbols: Vec<CString> = symbols
        .iter()
        .filter_map(|symbol| CString::new(symbol.as_str()).ok())
        .collect();
    let pointers: Vec<_> = symbols.iter().map(|symbol| symbol.as_ptr()).collect();
    // SAFETY: a live module, and as many strings as are said.
    unsafe { irad_keep_results(module.as_mut_ptr(), pointers.as_ptr(), pointers.len()) }
}
