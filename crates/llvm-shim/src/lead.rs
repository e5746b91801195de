//! Has passes come to some functions first.
#![allow(unsafe_code, reason = "calls into lead.cpp")]

use std::ffi::CString;

use inkwell::llvm_sys::prelude::LLVMValueRef;
use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::irad_lead;

/// Has passes come to what these functions reach first, in an order that does not depend on who else calls
/// it: puts a function of that name in front of all others, which refers to them.
///
/// # Panics
/// When the name holds a NUL.
pub fn lead(module: &Module<'_>, functions: &[FunctionValue<'_>], name: &str) {
    let functions: Vec<LLVMValueRef> = functions.iter().map(AsValueRef::as_value_ref).collect();
    let name = CString::new(name).expect("a name without NUL");
    // SAFETY: all are live, and the functions belong to the module.
    unsafe {
        irad_lead(
            module.as_mut_ptr(),
            functions.as_ptr(),
            functions.len(),
            name.as_ptr(),
        );
    }
}
