//! Arithmetic with addresses.
#![allow(
    unsafe_code,
    reason = "LLVM's builder cannot see whether an address instruction's operands fit"
)]

use inkwell::builder::{Builder, BuilderError};
use inkwell::context::ContextRef;
use inkwell::values::{IntValue, PointerValue};

/// An address so many bytes behind another.
pub(crate) fn bytes_behind<'c>(
    context: &ContextRef<'c>,
    builder: &Builder<'c>,
    pointer: PointerValue<'c>,
    bytes: IntValue<'c>,
) -> Result<PointerValue<'c>, BuilderError> {
    // SAFETY: without `inbounds` an address may be computed wherever it leads; the index is an integer
    // and the element a byte, as the instruction wants them.
    unsafe { builder.build_gep(context.i8_type(), pointer, &[bytes], "shadow") }
}
