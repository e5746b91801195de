//! A function's Rust signature, as the module's debug info has it.

use inkwell::values::FunctionValue;
use serde_json::Value;
use trace::{RustSignature, RustType};

/// Reads the names and types of the function's parameters and the type of its result; `None` without
/// debug info.
pub(crate) fn signature(function: FunctionValue<'_>) -> Option<RustSignature> {
    let text = llvm_shim::debug_types(function)?;
    let mut written: Value = serde_json::from_str(&text).ok()?;
    let mut types: Vec<Option<RustType>> = serde_json::from_value(written["types"].take()).ok()?;
    let names: Vec<String> = serde_json::from_value(written["names"].take()).ok()?;
    if types.is_empty() {
        return None;
    }
    let returns = types.remove(0).filter(|ty| ty.bytes() != Some(0));
    let parameters: Option<Vec<RustType>> = types.into_iter().collect();
    Some(RustSignature {
        parameters: names.into_iter().zip(parameters?).collect(),
        returns,
    })
}
