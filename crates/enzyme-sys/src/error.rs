//! How Enzyme says no.

use std::ffi::{c_char, c_int, c_void};

use crate::llvm_sys::prelude::{LLVMBuilderRef, LLVMValueRef};

/// `ErrorType::NoDerivative`.
pub const NO_DERIVATIVE: c_int = 0;
/// `ErrorType::NoShadow`.
pub const NO_SHADOW: c_int = 1;
/// `ErrorType::IllegalTypeAnalysis`.
pub const ILLEGAL_TYPE_ANALYSIS: c_int = 2;
/// `ErrorType::NoType`.
pub const NO_TYPE: c_int = 3;
/// `ErrorType::IllegalFirstPointer`.
pub const ILLEGAL_FIRST_POINTER: c_int = 4;
/// `ErrorType::InternalError`.
pub const INTERNAL_ERROR: c_int = 5;
/// `ErrorType::TypeDepthExceeded`.
pub const TYPE_DEPTH_EXCEEDED: c_int = 6;
/// `ErrorType::MixedActivityError`.
pub const MIXED_ACTIVITY_ERROR: c_int = 7;
/// `ErrorType::IllegalReplaceFicticiousPHIs`.
pub const ILLEGAL_REPLACE_FICTICIOUS_PHIS: c_int = 8;
/// `ErrorType::GetIndexError`.
pub const GET_INDEX_ERROR: c_int = 9;
/// `ErrorType::NoTruncate`.
pub const NO_TRUNCATE: c_int = 10;
/// `ErrorType::GCRewrite`.
pub const GC_REWRITE: c_int = 11;
/// `ErrorType::NaNError`.
pub const NAN_ERROR: c_int = 12;

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
