//! The Rust declaration of a derivative that was emitted, with its contract.

use trace::{AllocatorEntry, AllocatorSymbol, Emitted, Mode, Signature};

use super::layout::{comment, function};
use super::names::{parameter_type, result_type, results_name, returned, rust_name, snake};
use super::{checked, contract};

/// The whole file. It may be a module of its own or be included in one.
pub fn text(emitted: &Emitted, signature: &Signature, warnings: &[String]) -> String {
    let interface = &emitted.interface;
    let mut out = String::new();
    let primal = ir_load::demangle(&signature.function);
    let what = match signature.mode {
        Mode::Reverse => "gradient",
        Mode::Forward => "directional derivative",
    };
    comment(
        &mut out,
        "//",
        &format!(
            "The {what} of {primal}, written by irad. It is in the object that was emitted with this file."
        ),
    );
    for warning in warnings {
        comment(&mut out, "//", &format!("Warning: {warning}"));
    }
    out.push('\n');
    if interface.by_pointer {
        results(&mut out, emitted, signature);
        out.push('\n');
    }
    out.push_str(&declaration(emitted, signature));
    if let Some(checked) = checked::text(emitted, signature) {
        out.push('\n');
        out.push_str(&checked);
    }
    out
}

/// The `extern` block alone.
pub fn declaration(emitted: &Emitted, signature: &Signature) -> String {
    let interface = &emitted.interface;
    // What may unwind says so; a panic that leaves an `extern "C"` function ends the process at best.
    let abi = match interface.unwinds {
        true => "C-unwind",
        false => "C",
    };
    let mut out = format!("unsafe extern \"{abi}\" {{\n");
    let mut docs = String::new();
    contract::write(&mut docs, emitted, signature);
    for line in docs.lines() {
        out.push_str("    ");
        out.push_str(line);
        out.push('\n');
    }
    let name = rust_name(&interface.symbol);
    out.push_str("    #[allow(dead_code");
    if name != snake(&name) {
        out.push_str(", non_snake_case");
    }
    out.push_str(")]\n");
    if name != interface.symbol {
        out.push_str(&format!("    #[link_name = \"{}\"]\n", interface.symbol));
    }
    let parameters: Vec<String> = interface
        .parameters
        .iter()
        .map(|parameter| {
            format!(
                "{}: {}",
                parameter.name,
                parameter_type(parameter, emitted, signature)
            )
        })
        .collect();
    let returns = returned(emitted, signature).map(|(_, ty)| ty);
    let head = format!("pub fn {name}");
    function(&mut out, 4, &head, &parameters, returns.as_deref(), ";");
    out.push_str("}\n");
    for part in &emitted.allocator {
        out.push('\n');
        out.push_str(&allocator(part));
    }
    out
}

/// The definition of a symbol that stands for Rust's allocator.
fn allocator(part: &AllocatorSymbol) -> String {
    let name = rust_name(&part.symbol);
    let entry = part.entry.name();
    let (parameters, returns, arguments) = match part.entry {
        AllocatorEntry::Dealloc => ("memory: *mut u8, size: usize, align: usize", "", "memory, "),
        _ => ("size: usize, align: usize", " -> *mut u8", ""),
    };
    let mut out = String::new();
    comment(
        &mut out,
        "///",
        "Rust's allocator for the object that was emitted: the IR it comes from names no symbol of it.",
    );
    out.push_str("#[allow(non_snake_case)]\n");
    out.push_str(&format!(
        "#[unsafe(export_name = \"{}\")]\nunsafe extern \"C\" fn {name}({parameters}){returns} {{\n",
        part.symbol
    ));
    out.push_str(&format!(
        "    unsafe {{ std::alloc::{entry}({arguments}std::alloc::Layout::from_size_align_unchecked(size, align)) }}\n}}\n"
    ));
    out
}

/// What more than one result is returned in.
fn results(out: &mut String, emitted: &Emitted, signature: &Signature) {
    let interface = &emitted.interface;
    let name = rust_name(&interface.symbol);
    comment(out, "///", &format!("What [`{name}`] computes."));
    out.push_str("#[allow(dead_code)]\n#[derive(Clone, Copy, Debug, PartialEq)]\n#[repr(C)]\n");
    out.push_str(&format!("pub struct {} {{\n", results_name(emitted)));
    for result in &interface.results {
        let mut docs = String::new();
        comment(&mut docs, "///", &contract::result(result, emitted));
        for line in docs.lines() {
            out.push_str(&format!("    {line}\n"));
        }
        out.push_str(&format!(
            "    pub {}: {},\n",
            result.name,
            result_type(result, signature)
        ));
    }
    out.push_str("}\n");
}
