//! Turns bytes into an LLVM module, or into a diagnosis that says where they are wrong.

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::Module;
use trace::{Diagnosis, Help, Kind, Place};

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

/// LLVM says `name:line:column: error: words`, then the line and a marker under the column.
pub(crate) fn parse_error(message: &str, name: &str, bytes: &[u8]) -> Diagnosis {
    let text = message.trim();
    let rest = text.strip_prefix(name).unwrap_or(text);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let first = rest.lines().next().unwrap_or_default();
    let (numbers, words) = first.split_once("error: ").unwrap_or(("", first));
    let mut numbers = numbers.split(':').map(|n| n.trim().parse::<usize>().ok());
    let place = match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(line), Some(column)) if line > 0 => Some(Place { line, column }),
        _ => None,
    };
    let mut diagnosis = Diagnosis::new(Kind::Parse, words.trim());
    diagnosis.place = place;
    explain_parse_error(&mut diagnosis, bytes);
    diagnosis
}

fn explain_parse_error(diagnosis: &mut Diagnosis, bytes: &[u8]) {
    let llvm = llvm_version();
    let words = diagnosis.message.to_string();
    let line = diagnosis
        .place
        .and_then(|place| {
            bytes
                .split(|&byte| byte == b'\n')
                .nth(place.line - 1)
                .map(|line| String::from_utf8_lossy(line).into_owned())
        })
        .unwrap_or_default();
    let help = if words.contains("Incompatible epoch") {
        Help::OtherEpoch { llvm }
    } else if line_has_typed_pointer(&line) {
        Help::TypedPointers { llvm }
    } else if bytes.starts_with(b"BC\xc0\xde") || bytes.starts_with(&[0xde, 0xc0, 0x17, 0x0b]) {
        Help::DamagedBitcode
    } else if diagnosis.place.is_some_and(|place| place.line == 1) {
        Help::IsItIr
    } else {
        return;
    };
    diagnosis.help.push(help);
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
