//! Finds what reverse mode gets wrong without a word: see `carried.cpp`.
#![allow(
    unsafe_code,
    reason = "calls into carried.cpp, which this file declares"
)]

use inkwell::values::{AsValueRef, FunctionValue};
use llvm_sys::prelude::LLVMValueRef;

unsafe extern "C" {
    fn irad_carried(functions: *const LLVMValueRef, count: usize, found: *mut u8);
}

/// What a function does to memory that it still needs on the way back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// A loop reads elements that another round of it writes, and the derivative needs them.
    pub by_loop: bool,
    /// Memory is moved onto itself.
    pub by_move: bool,
}

/// Looks through functions with bodies.
pub fn carried(functions: &[FunctionValue<'_>]) -> Vec<Carried> {
    let functions: Vec<LLVMValueRef> = functions.iter().map(|f| f.as_value_ref()).collect();
    let mut found = vec![0_u8; functions.len()];
    // SAFETY: live functions, which are only read; both lists are as long as is said.
    unsafe { irad_carried(functions.as_ptr(), functions.len(), found.as_mut_ptr()) }
    let carried = |found: u8| Carried {
        by_loop: found & 1 != 0,
        by_move: found & 2 != 0,
    };
    found.into_iter().map(carried).collect()
}
