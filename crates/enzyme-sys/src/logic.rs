//! Creating derivatives.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

use crate::llvm_sys::prelude::{LLVMBuilderRef, LLVMModuleRef, LLVMTypeRef, LLVMValueRef};

use crate::type_tree::CTypeTreeRef;

/// Opaque: the cache of everything that was differentiated so far.
#[repr(C)]
pub struct EnzymeOpaqueLogic {
    _private: [u8; 0],
}
/// An owned logic; free it with [`FreeEnzymeLogic`].
pub type EnzymeLogicRef = *mut EnzymeOpaqueLogic;

/// Opaque: Enzyme's type analysis.
#[repr(C)]
pub struct EnzymeOpaqueTypeAnalysis {
    _private: [u8; 0],
}
/// An owned type analysis; free it with [`FreeTypeAnalysis`] before its logic.
pub type EnzymeTypeAnalysisRef = *mut EnzymeOpaqueTypeAnalysis;

/// `CDIFFE_TYPE`: a scalar whose adjoint is returned.
pub const DFT_OUT_DIFF: c_int = 0;
/// `CDIFFE_TYPE`: a value that is followed by its shadow.
pub const DFT_DUP_ARG: c_int = 1;
/// `CDIFFE_TYPE`: not differentiated.
pub const DFT_CONSTANT: c_int = 2;
/// `CDIFFE_TYPE`: a value that is followed by its shadow and not needed itself.
pub const DFT_DUP_NONEED: c_int = 3;

/// `CDerivativeMode`: tangents.
pub const DEM_FORWARD_MODE: c_int = 0;
/// `CDerivativeMode`: the gradient alone, from the tape that an augmented primal gave.
pub const DEM_REVERSE_MODE_GRADIENT: c_int = 2;
/// `CDerivativeMode`: primal and gradient in one function.
pub const DEM_REVERSE_MODE_COMBINED: c_int = 3;

/// Opaque: an augmented primal and what it returns where. Its logic owns it.
#[repr(C)]
pub struct EnzymeOpaqueAugmentedReturn {
    _private: [u8; 0],
}
/// An augmented primal, alive as long as its logic.
pub type EnzymeAugmentedReturnPtr = *const EnzymeOpaqueAugmentedReturn;

/// A list of integers that C++ only reads.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IntList {
    /// The first integer; may be null when `size` is 0.
    pub data: *mut i64,
    /// How many.
    pub size: usize,
}

const _: () = assert!(
    size_of::<IntList>() == 16 && offset_of!(IntList, data) == 0 && offset_of!(IntList, size) == 8
);

/// What is known about a function's types. The arrays are as long as its parameter list.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CFnTypeInfo {
    /// A type tree for each parameter.
    pub arguments: *mut CTypeTreeRef,
    /// A type tree for the return value.
    pub returns: CTypeTreeRef,
    /// The integers that each parameter is known to be one of.
    pub known_values: *mut IntList,
}

const _: () = assert!(
    size_of::<CFnTypeInfo>() == 24
        && offset_of!(CFnTypeInfo, arguments) == 0
        && offset_of!(CFnTypeInfo, returns) == 8
        && offset_of!(CFnTypeInfo, known_values) == 16
);

unsafe extern "C" {
    /// A new logic; with `post_opt` not zero it optimises what it generates.
    pub fn CreateEnzymeLogic(post_opt: u8) -> EnzymeLogicRef;
    /// Frees a logic.
    pub fn FreeEnzymeLogic(logic: EnzymeLogicRef);
    /// Erases the clones that Enzyme simplified for itself. (Defined in `CApi.cpp`, but not
    /// declared in its header.)
    pub fn EnzymeLogicErasePreprocessedFunctions(logic: EnzymeLogicRef);
    /// Gives a library function that Enzyme knows its attributes. (Not in the header either.)
    pub fn EnzymeAttributeKnownFunctions(function: LLVMValueRef);
    /// Marks functions that only read, or throw. (Not in the header either.)
    pub fn EnzymeDetectReadonlyOrThrow(module: LLVMModuleRef);
    /// A new type analysis with custom rules.
    pub fn CreateTypeAnalysis(
        logic: EnzymeLogicRef,
        rule_names: *mut *mut c_char,
        rules: *mut c_void,
        count: usize,
    ) -> EnzymeTypeAnalysisRef;
    /// Frees a type analysis.
    pub fn FreeTypeAnalysis(analysis: EnzymeTypeAnalysisRef);
    /// The function that computes tangents of `todiff`.
    pub fn EnzymeCreateForwardDiff(
        logic: EnzymeLogicRef,
        request: LLVMValueRef,
        request_builder: LLVMBuilderRef,
        todiff: LLVMValueRef,
        return_activity: c_int,
        activities: *mut c_int,
        activity_count: usize,
        types: EnzymeTypeAnalysisRef,
        return_value: u8,
        mode: c_int,
        free_memory: u8,
        runtime_activity: u8,
        strong_zero: u8,
        width: c_uint,
        additional_argument: LLVMTypeRef,
        type_info: CFnTypeInfo,
        subsequent_calls_may_write: u8,
        overwritten: *mut u8,
        overwritten_count: usize,
        augmented: EnzymeAugmentedReturnPtr,
    ) -> LLVMValueRef;
    /// The function that computes `todiff` and keeps on a tape what its gradient needs. (Not in the
    /// header either.)
    pub fn EnzymeCreateAugmentedPrimal(
        logic: EnzymeLogicRef,
        request: LLVMValueRef,
        request_builder: LLVMBuilderRef,
        todiff: LLVMValueRef,
        return_activity: c_int,
        activities: *mut c_int,
        activity_count: usize,
        types: EnzymeTypeAnalysisRef,
        return_used: u8,
        shadow_return_used: u8,
        type_info: CFnTypeInfo,
        subsequent_calls_may_write: u8,
        overwritten: *mut u8,
        overwritten_count: usize,
        force_anonymous_tape: u8,
        runtime_activity: u8,
        strong_zero: u8,
        width: c_uint,
        atomic_add: u8,
    ) -> EnzymeAugmentedReturnPtr;
    /// The function of an augmented primal.
    pub fn EnzymeExtractFunctionFromAugmentation(
        augmented: EnzymeAugmentedReturnPtr,
    ) -> LLVMValueRef;
    /// The type of its tape; null when it needs none.
    pub fn EnzymeExtractTapeTypeFromAugmentation(
        augmented: EnzymeAugmentedReturnPtr,
    ) -> LLVMTypeRef;
    /// The function that computes `todiff` and its gradient.
    pub fn EnzymeCreatePrimalAndGradient(
        logic: EnzymeLogicRef,
        request: LLVMValueRef,
        request_builder: LLVMBuilderRef,
        todiff: LLVMValueRef,
        return_activity: c_int,
        activities: *mut c_int,
        activity_count: usize,
        types: EnzymeTypeAnalysisRef,
        return_value: u8,
        shadow_return_used: u8,
        mode: c_int,
        runtime_activity: u8,
        strong_zero: u8,
        width: c_uint,
        free_memory: u8,
        additional_argument: LLVMTypeRef,
        force_anonymous_tape: u8,
        type_info: CFnTypeInfo,
        subsequent_calls_may_write: u8,
        overwritten: *mut u8,
        overwritten_count: usize,
        augmented: EnzymeAugmentedReturnPtr,
        atomic_add: u8,
    ) -> LLVMValueRef;
}
