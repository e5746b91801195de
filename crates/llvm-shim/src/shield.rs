//! Hides what a function shares with the rest of its module from what the rest does with it.
#![allow(unsafe_code, reason = "calls into shield.cpp")]

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::boundary::irad_shield;
use crate::strings::take;

/// Hides from LLVM how the rest of the module uses what `root` reaches, and gives the symbols of the local
/// functions that it uses.
///
/// Linkage stays as it is: what is shared gets a use that nobody knows (`llvm.compiler.used`), beside
/// those that it has.
pub fn shield(module: &Module<'_>, root: FunctionValue<'_>) -> Vec<String> {
    // SAFETY: both are live, and the function belongs to the module; the result is an owned string.
    let lines = unsafe { take(irad_shield(module.as_mut_ptr(), root.as_value_ref())) };
    let lines = lines.unwrap_or_default();
    lines.lines().map(str::to_owned).collect()
}
