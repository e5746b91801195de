//! What debug info says: where an instruction comes from, and the types of a function.
#![allow(unsafe_code, reason = "calls into debug_info.cpp and debug_types.cpp")]

use std::ffi::CStr;

use inkwell::context::{AsContextRef, Context};
use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue, InstructionValue};

use crate::boundary::{irad_debug_types, irad_member_offset, irad_source_lines, irad_unify_types};
use crate::places::as_it_was;
use crate::strings::take;

/// Where an instruction comes from in the source, innermost first: for each inlined call the
/// function's symbol (its name where debug info has no symbol) and `file:line:column`.
pub fn source_lines(instruction: InstructionValue<'_>) -> Vec<(String, String)> {
    let value = instruction.as_value_ref();
    // SAFETY: a live instruction; the result is an owned string.
    as_it_was(value, || unsafe { take(irad_source_lines(value)) })
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(function, place)| (function.to_owned(), place.to_owned()))
        .collect()
}

/// Has debug info's types of the same identifier be one in modules that are read from now on, as
/// LLVM's `opt` has it.
pub fn unify_types(context: &Context) {
    // SAFETY: a live context.
    unsafe { irad_unify_types(context.as_ctx_ref()) }
}

/// What a function's debug info says of its parameters, as a JSON object: `types`, an array of what
/// `trace::RustType` reads, the result first (null for nothing), and `names`, without the result;
/// `None` without debug info.
pub fn debug_types(function: FunctionValue<'_>) -> Option<String> {
    // SAFETY: a live function; the result is an owned string.
    unsafe { take(irad_debug_types(function.as_value_ref())) }
}

/// Where a member stands, in bytes, in the first type of the module's debug info whose name begins with `ty`.
pub fn member_offset(module: &Module<'_>, ty: &CStr, member: &CStr) -> Option<u64> {
    // SAFETY: a live module and two strings that end with a zero; nothing is kept.
    let offset = unsafe { irad_member_offset(module.as_mut_ptr(), ty.as_ptr(), member.as_ptr()) };
    u64::try_from(offset).ok()
}
