//! A function's Rust signature, as the module's debug info has it.

use inkwell::values::FunctionValue;
use trace::{RustSignature, RustType};

/// Reads the types of the function's parameters and result; `None` without debug info.
pub(crate) fn signature(function: FunctionValue<'_>) -> Option<RustSignature> {
    let text = pass_watch::debug_types(function)?;
    let mut types: Vec<Option<RustType>> = serde_json::from_str(&text).ok()?;
    if types.is_empty() {
        return None;
    }
    let returns = types.remove(0);
    let parameters: Option<Vec<RustType>> = types.into_iter().collect();
    Some(RustSignature {
        // The IR has the names already.
        parameters: parameters?
            .into_iter()
            .map(|ty| (String::new(), ty))
            .collect(),
        returns,
    })
}
