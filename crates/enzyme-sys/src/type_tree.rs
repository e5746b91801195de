//! What memory holds, byte by byte, as Enzyme's type analysis sees it.

use std::ffi::{c_char, c_int, c_void};

use crate::llvm_sys::prelude::{LLVMContextRef, LLVMValueRef};

/// An owned type tree; free it with [`EnzymeFreeTypeTree`].
pub type CTypeTreeRef = *mut EnzymeTypeTree;

/// Opaque.
#[repr(C)]
pub struct EnzymeTypeTree {
    _private: [u8; 0],
}

/// `CConcreteType`: an integer.
pub const DT_INTEGER: c_int = 1;
/// `CConcreteType`: a pointer.
pub const DT_POINTER: c_int = 2;
/// `CConcreteType`: an IEEE half.
pub const DT_HALF: c_int = 3;
/// `CConcreteType`: an IEEE single.
pub const DT_FLOAT: c_int = 4;
/// `CConcreteType`: an IEEE double.
pub const DT_DOUBLE: c_int = 5;
/// `CConcreteType`: an x87 extended.
pub const DT_X86_FP80: c_int = 7;
/// `CConcreteType`: a brain half.
pub const DT_BFLOAT16: c_int = 8;
/// `CConcreteType`: an IEEE quadruple.
pub const DT_FP128: c_int = 9;

unsafe extern "C" {
    /// A tree that knows nothing.
    pub fn EnzymeNewTypeTree() -> CTypeTreeRef;
    /// A tree with one concrete type at its root.
    pub fn EnzymeNewTypeTreeCT(concrete: c_int, context: LLVMContextRef) -> CTypeTreeRef;
    /// Frees a tree.
    pub fn EnzymeFreeTypeTree(tree: CTypeTreeRef);
    /// Moves the tree one level down, below the given offset (-1: every offset).
    pub fn EnzymeTypeTreeOnlyEq(tree: CTypeTreeRef, offset: i64);
    /// Says what lies at one place: `length` offsets, from pointer to pointer.
    pub fn EnzymeTypeTreeInsertEq(
        tree: CTypeTreeRef,
        indices: *const i64,
        length: usize,
        concrete: c_int,
        context: LLVMContextRef,
    );
    /// What is known of a value's type, as an owned tree.
    pub fn EnzymeGradientUtilsAllocAndGetTypeTree(
        utils: *const c_void,
        value: LLVMValueRef,
    ) -> CTypeTreeRef;
    /// In how many directions at once is differentiated.
    pub fn EnzymeGradientUtilsGetWidth(utils: *const c_void) -> u64;
    /// The tree as text, to be freed with [`EnzymeTypeTreeToStringFree`].
    pub fn EnzymeTypeTreeToString(tree: CTypeTreeRef) -> *const c_char;
    /// What a type analyzer knows of each value, to be freed with
    /// [`EnzymeTypeTreeToStringFree`].
    pub fn EnzymeTypeAnalyzerToString(analyzer: *mut c_void) -> *const c_char;
    /// Frees it.
    pub fn EnzymeTypeTreeToStringFree(text: *const c_char);
}
