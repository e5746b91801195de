//! Finds updates in place, which reverse mode gets wrong without a word: see `in_place.cpp`.
#![allow(unsafe_code, reason = "calls into in_place.cpp")]

use inkwell::llvm_sys::prelude::LLVMValueRef;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::{IN_PLACE_LOOP, IN_PLACE_MOVE, irad_in_place};

/// How a function overwrites memory whose old contents its derivative still needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InPlaceUpdates {
    /// A loop reads elements that another iteration of it writes, and the derivative needs them.
    pub loop_carried: bool,
    /// Memory is moved within one object, so that source and destination may overlap.
    pub overlapping_move: bool,
}

/// Looks through functions with bodies.
pub fn in_place_updates(functions: &[FunctionValue<'_>]) -> Vec<InPlaceUpdates> {
    let functions: Vec<LLVMValueRef> = functions.iter().map(|f| f.as_value_ref()).collect();
    let mut found = vec![0_u8; functions.len()];
    // SAFETY: live functions, which are only read; both lists are as long as is said.
    unsafe { irad_in_place(functions.as_ptr(), functions.len(), found.as_mut_ptr()) }
    let updates = |found: u8| InPlaceUpdates {
        loop_carried: found & IN_PLACE_LOOP != 0,
        overlapping_move: found & IN_PLACE_MOVE != 0,
    };
    found.into_iter().map(updates).collect()
}
