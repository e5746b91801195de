//! Turns bytes into an LLVM module, or into a diagnosis that says where they are wrong.

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::Module;
use inkwell::targets::{
    CodeModel, InitializationConfig, RelocMode, Target, TargetMachine, TargetTriple,
};
use trace::{Diagnosis, Emission, Kind, Place};

use crate::emit::{NATIVE, codegen_level};

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
    let llvm = crate::llvm_version();
    let words = &diagnosis.message;
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
        format!(
            "LLVM {llvm} reads only bitcode of its own epoch: emit it with a rustc whose `rustc -vV` says LLVM 22, or as text with --emit=llvm-ir"
        )
    } else if line_has_typed_pointer(&line) {
        format!(
            "this looks like IR with typed pointers (`double*`), which LLVM gave up in version 17; LLVM {llvm} writes `ptr`: emit the IR again with rustc 1.70 or newer"
        )
    } else if bytes.starts_with(b"BC\xc0\xde") || bytes.starts_with(&[0xde, 0xc0, 0x17, 0x0b]) {
        "the bitcode is damaged or cut off: emit it again".to_owned()
    } else if diagnosis.place.is_some_and(|place| place.line == 1) {
        "is this LLVM IR? rustc writes it with --emit=llvm-ir".to_owned()
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

/// A target machine for the module's triple, which tells passes what instructions cost. None when
/// this LLVM has no such target; passes then use generic costs.
pub(crate) fn target_machine(module: &Module<'_>) -> Option<TargetMachine> {
    let triple = triple(module);
    initialise_targets(&triple);
    let target = Target::from_triple(&triple).ok()?;
    target.create_target_machine(
        &triple,
        "",
        "",
        inkwell::OptimizationLevel::Default,
        RelocMode::Default,
        CodeModel::Default,
    )
}

fn triple(module: &Module<'_>) -> TargetTriple {
    match module.get_triple() {
        triple if triple.as_str().to_bytes().is_empty() => TargetMachine::get_default_triple(),
        triple => triple,
    }
}

/// A target machine that writes code as rustc's own does: to be loaded anywhere.
pub(crate) fn code_generator(
    module: &Module<'_>,
    emission: &Emission,
) -> Result<TargetMachine, Diagnosis> {
    let triple = triple(module);
    initialise_targets(&triple);
    let unknown = |why: String| {
        let triple = triple.as_str().to_string_lossy().into_owned();
        Diagnosis::new(
            Kind::Emit,
            format!("this LLVM writes no code for {triple}{why}"),
        )
    };
    let target = Target::from_triple(&triple).map_err(|error| unknown(format!(": {error}")))?;
    let machine = target
        .create_target_machine(
            &triple,
            "",
            "",
            codegen_level(emission.level),
            RelocMode::PIC,
            CodeModel::Default,
        )
        .ok_or_else(|| unknown(String::new()))?;
    if let Some(cpu) = &emission.cpu {
        knows(&machine, cpu)?;
    }
    Ok(machine)
}

/// LLVM takes a processor that it does not know for the simplest one.
fn knows(machine: &TargetMachine, cpu: &str) -> Result<(), Diagnosis> {
    let known = llvm_shim::processors(machine);
    if cpu == NATIVE || known.iter().any(|name| name == cpu) {
        return Ok(());
    }
    let triple = machine.get_triple();
    let triple = triple.as_str().to_string_lossy();
    let mut ranked: Vec<(f64, &String)> = known
        .iter()
        .map(|name| (strsim::jaro_winkler(cpu, name), name))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let closest: Vec<&str> = ranked
        .iter()
        .take(3)
        .map(|(_, name)| name.as_str())
        .collect();
    Err(Diagnosis::new(
        Kind::Option,
        format!("LLVM knows no processor {cpu} for {triple}"),
    )
    .with_help(format!(
        "did you mean {}? `rustc --print target-cpus` lists them; native is this machine's",
        closest.join(", ")
    )))
}

/// The native target alone is a good deal faster to set up than all of them.
fn initialise_targets(triple: &TargetTriple) {
    let config = InitializationConfig {
        asm_parser: true,
        asm_printer: true,
        base: true,
        disassembler: false,
        info: true,
        machine_code: true,
    };
    let native = TargetMachine::get_default_triple();
    let arch = |triple: &TargetTriple| {
        triple
            .as_str()
            .to_string_lossy()
            .split('-')
            .next()
            .map(str::to_owned)
    };
    if arch(&native) != arch(triple) || Target::initialize_native(&config).is_err() {
        Target::initialize_all(&config);
    }
}
