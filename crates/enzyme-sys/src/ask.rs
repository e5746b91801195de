//! What Enzyme knows and its C API does not tell. The C++ is in the folder `cpp`, and `llvm-shim/cpp/boundary.h`
//! declares it and says what each function does.

use std::ffi::{c_char, c_int, c_void};
use std::mem::offset_of;

use crate::llvm_sys::prelude::LLVMValueRef;

use crate::logic::{EnzymeLogicRef, EnzymeTypeAnalysisRef};

/// `IradConstant`: the value has no derivative.
pub const CONSTANT_VALUE: u8 = 1;
/// `IradConstant`: the instruction passes no derivative on.
pub const CONSTANT_INSTRUCTION: u8 = 2;

/// `IradOrigin`: what Enzyme says of an instruction of a derivative.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `IradOriginKind`; 0 when it says nothing.
    pub kind: u8,
    /// Not 0 when it stands in the reverse sweep.
    pub in_reverse: u8,
    /// Not 0 when what is kept, or computed again, is a shadow.
    pub of_shadow: u8,
    /// The instruction of the primal, by its place from 1; 0 for none.
    pub number: u32,
}

const _: () = assert!(
    size_of::<Origin>() == 8
        && offset_of!(Origin, kind) == 0
        && offset_of!(Origin, in_reverse) == 1
        && offset_of!(Origin, of_shadow) == 2
        && offset_of!(Origin, number) == 4
);

/// `IradOnValue`.
pub type OnValue = extern "C" fn(*mut c_void, *const c_char, u8);

unsafe extern "C" {
    /// The clone of a function that is differentiated in this mode, simplified. The logic owns it, and
    /// takes it as it is when it differentiates.
    pub fn irad_enzyme_preprocess(
        logic: EnzymeLogicRef,
        function: LLVMValueRef,
        mode: c_int,
    ) -> LLVMValueRef;
    /// Tells of every parameter and then every instruction of a clone that was differentiated its type
    /// tree and what is constant of it. False if it was not.
    pub fn irad_enzyme_explain(
        logic: EnzymeLogicRef,
        types: EnzymeTypeAnalysisRef,
        clone: LLVMValueRef,
        returned: c_int,
        arguments: *const c_int,
        on_value: OnValue,
        context: *mut c_void,
    ) -> bool;
    /// Whether derivatives are mended from now on as Enzyme finishes them.
    pub fn irad_enzyme_repair(repairs: bool);
    /// Notes from now on what Enzyme knows of the derivatives that it finishes.
    pub fn irad_enzyme_note_origins();
    /// Gives what was noted of the instructions of a derivative, of which there are `count`. False if nothing
    /// was.
    pub fn irad_enzyme_origins(
        derivative: LLVMValueRef,
        origins: *mut Origin,
        count: usize,
    ) -> bool;
}
