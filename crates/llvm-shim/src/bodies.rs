//! Leaves bodies out that nobody wants to look into.
#![allow(unsafe_code, reason = "calls into bodies.cpp")]

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::irad_drop_bodies;

/// Makes declarations of the allocator's entry points, and of functions of the standard library that never return,
/// which a linked module has bodies of. `root` keeps its body.
pub fn drop_bodies(module: &Module<'_>, root: FunctionValue<'_>) {
    // SAFETY: both are live, and the function belongs to the module.
    unsafe { irad_drop_bodies(module.as_mut_ptr(), root.as_value_ref()) }
}
