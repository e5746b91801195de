//! Turns bytes into an LLVM module, or into a diagnosis that says where they are wrong.

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::Module;
use trace::{Diagnosis, Help, Kind, Place};

use crate::ir::llvm_words;
use crate::ir::version::llvm_version;

/// Parses text or bitcode and verifies it. `name` is what LLVM's messages call the input by.
pub fn load<'c>(context: &'c Context, bytes: &[u8], name: &str) -> Result<Module<'c>, Diagnosis> {
    let buffer = MemoryBuffer::create_from_memory_range_copy(bytes, name);
    let module = context
        .create_module_from_ir(buffer)
        .map_err(|message| parse_error(&message.to_string(), name, bytes))?;
    module
        .verify()
        .map_err(|message| Diagnosis::new(Kind::Verify, message.to_string().trim()))?;
    Ok(module)
}

/// The same for differentiating `function`: without bodies that nobody looks into.
pub(crate) fn load_for<'c>(
    context: &'c Context,
    bytes: &[u8],
    name: &str,
    function: &str,
) -> Result<Module<'c>, Diagnosis> {
    let module = load(context, bytes, name)?;
    drop_bodies(&module, function);
    Ok(module)
}

/// Takes bodies away that a derivative of `function` has no use for: of what never returns, and of the allocator.
pub(crate) fn drop_bodies(module: &Module<'_>, function: &str) {
    // Whoever looks for one that is not there says so.
    if let Some(root) = module.get_function(function) {
        llvm_shim::drop_bodies(module, root);
    }
}

/// What LLVM says of input that it cannot read, with what to do about it.
pub(crate) fn parse_error(message: &str, name: &str, bytes: &[u8]) -> Diagnosis {
    let (words, place) = llvm_words::located(message, name);
    let mut diagnosis = Diagnosis::new(Kind::Parse, words);
    diagnosis.place = place;
    diagnosis.help.extend(remedy(words, place, bytes));
    diagnosis
}

fn remedy(words: &str, place: Option<Place>, bytes: &[u8]) -> Option<Help> {
    let llvm = llvm_version();
    let line = place
        .and_then(|place| {
            bytes
                .split(|&byte| byte == b'\n')
                .nth(place.line - 1)
                .map(|line| String::from_utf8_lossy(line).into_owned())
        })
        .unwrap_or_default();
    let is_bitcode =
        bytes.starts_with(b"BC\xc0\xde") || bytes.starts_with(&[0xde, 0xc0, 0x17, 0x0b]);
    let producer = ir_load::producer(bytes)
        .filter(|producer| ir_load::llvm_major(producer) > ir_load::llvm_major(&llvm));
    if llvm_words::is_other_epoch(words) {
        Some(Help::OtherEpoch { llvm })
    } else if line_has_typed_pointer(&line) {
        Some(Help::TypedPointers { llvm })
    } else if let Some(producer) = producer {
        Some(Help::NewerLlvm { llvm, producer })
    } else if is_bitcode {
        Some(Help::DamagedBitcode)
    } else {
        let is_first = place.is_some_and(|place| place.line == 1);
        is_first.then_some(Help::IsItIr)
    }
}

fn line_has_typed_pointer(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes
        .iter()
        .enumerate()
        .any(|(at, &byte)| byte == b'*' && at > 0 && bytes[at - 1].is_ascii_alphanumeric())
}

/// Who made the module, as its `!llvm.ident` says.
pub(crate) fn producer(module: &Module<'_>) -> Option<String> {
    let ident = module.get_global_metadata("llvm.ident");
    let node = ident.first()?;
    let value = node.get_node_values()?.first()?.into_metadata_value();
    Some(String::from_utf8_lossy(value.get_string_value()?).into_owned())
}
