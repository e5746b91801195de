//! How Enzyme says no.

use std::ffi::{c_char, c_int, c_void};

use llvm_sys::prelude::{LLVMBuilderRef, LLVMValueRef};

/// `(message, offending value, kind, kind's own data, condition, builder)`.
pub type ErrorHandler = extern "C" fn(
    *const c_char,
    LLVMValueRef,
    c_int,
    *const c_void,
    LLVMValueRef,
    LLVMBuilderRef,
) -> LLVMValueRef;

unsafe extern "C" {
    /// Called instead of the context's diagnostic handler when it is set. A process global.
    pub static mut CustomErrorHandler: Option<ErrorHandler>;
}
