//! Hides what a function shares with the rest of its module from what the rest does with it.
#![allow(
    unsafe_code,
    reason = "calls into shield.cpp, which this file declares"
)]

use std::ffi::{CString, c_char};

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};
use llvm_sys::prelude::{LLVMModuleRef, LLVMValueRef};

use crate::ffi::take;

unsafe extern "C" {
    fn irad_shield(module: LLVMModuleRef, root: LLVMValueRef) -> *mut c_char;
    fn irad_unlist(module: LLVMModuleRef);
    fn irad_lead(
        module: LLVMModuleRef,
        functions: *const LLVMValueRef,
        count: usize,
        name: *const c_char,
    );
}

/// Hides from LLVM how the rest of the module uses what `root` reaches, and gives the symbols of the local
/// functions that it uses.
///
/// Linkage stays as it is: what is shared gets a use that nobody knows (`llvm.compiler.used`), beside
/// those that it has.
pub fn shield(module: &Module<'_>, root: FunctionValue<'_>) -> Vec<String> {
    // SAFETY: both are live, and the function belongs to the module; the result is an owned string.
    let lines = take(unsafe { irad_shield(module.as_mut_ptr(), root.as_value_ref()) });
    let lines = lines.unwrap_or_default();
    lines.lines().map(str::to_owned).collect()
}

/// Takes the lists away (`llvm.used` and `llvm.compiler.used`) that keep what nothing else needs.
pub fn unlist(module: &Module<'_>) {
    // SAFETY: a live module.
    unsafe { irad_unlist(module.as_mut_ptr()) }
}

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
