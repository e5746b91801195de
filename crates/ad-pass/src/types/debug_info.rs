//! A function's Rust signature, as the module's debug info has it.

use inkwell::values::FunctionValue;
use serde::Deserialize;
use trace::{RustSignature, RustType};

use crate::types::rust_name::shorten;

/// Reads the names and types of the function's parameters and the type of its result; `None` without
/// debug info.
pub(crate) fn signature(function: FunctionValue<'_>) -> Option<RustSignature> {
    let text = llvm_shim::debug_types(function)?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    // How deep types nest is up to what wrote them.
    reader.disable_recursion_limit();
    let written = Written::deserialize(&mut reader).ok()?;
    let mut types = written.types.into_iter().map(|ty| ty.map(shorten));
    let returns = types.next()?.filter(|ty| ty.bytes() != Some(0));
    let parameters: Option<Vec<RustType>> = types.collect();
    Some(RustSignature {
        parameters: written.names.into_iter().zip(parameters?).collect(),
        returns,
    })
}

/// What is read: the result comes first, and is null if there is none.
#[derive(Deserialize)]
struct Written {
    types: Vec<Option<RustType>>,
    names: Vec<String>,
}
