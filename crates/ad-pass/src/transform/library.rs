//! Bodies for what manages a `Vec`'s memory in the standard library, where a build left them out.
//!
//! At `-C opt-level=0` and `1`, rustc calls what the standard library's own files have compiled already, and the
//! module has declarations of it only. Enzyme cannot look into those, and `vec![0.0; n]` would have no derivative.
//! What they do is fixed, so irad gives them bodies of its own. They are used where a declaration is just what
//! these bodies were written for.

use inkwell::GlobalVisibility;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::{Linkage, Module};
use inkwell::values::FunctionValue;

use crate::ir::load::producer;
use crate::ir::lookup::name;
use crate::transform::allocator::{ALLOC, ALLOC_ZEROED, DEALLOC, allocator_symbol};

/// A function of the standard library, and its body here.
struct Body {
    /// Parts of its symbol, all of which it has.
    parts: [&'static str; 2],
    ty: &'static str,
    text: &'static str,
}

const BODIES: [Body; 6] = [
    Body {
        parts: ["raw_vecNtB5_11RawVecInner", "15try_allocate_in"],
        ty: "void (ptr, i64, i1, i64, i64)",
        text: include_str!("library/try_allocate_in.ll"),
    },
    Body {
        parts: ["raw_vecINtB8_11RawVecInner", "21do_reserve_and_handle"],
        ty: "void (ptr, i64, i64, i64, i64)",
        text: include_str!("library/do_reserve_and_handle.ll"),
    },
    Body {
        parts: ["raw_vecNtB5_11RawVecInner", "14grow_amortized"],
        ty: "{ i64, i64 } (ptr, i64, i64, i64, i64)",
        text: include_str!("library/grow_amortized.ll"),
    },
    Body {
        parts: ["raw_vecNtB5_11RawVecInner", "10grow_exact"],
        ty: "{ i64, i64 } (ptr, i64, i64, i64, i64)",
        text: include_str!("library/grow_exact.ll"),
    },
    Body {
        parts: ["raw_vecNtB5_11RawVecInner", "11finish_grow"],
        ty: "void (ptr, ptr, i64, i64, i64)",
        text: include_str!("library/finish_grow.ll"),
    },
    Body {
        parts: ["raw_vecNtB5_11RawVecInner", "10deallocate"],
        ty: "void (ptr, i64, i64)",
        text: include_str!("library/deallocate.ll"),
    },
];

/// The minor versions of rustc 1 whose `Vec` was looked at; and the first word of a `Result<(), TryReserveError>` that is
/// `Ok`, which is rustc's choice.
const KNOWN_VERSIONS: [(u32, i64); 2] = [(95, i64::MIN + 1), (97, -1)];

/// What they call.
const COMMON: &str = include_str!("library/common.ll");
/// On a declaration of the allocator in a module that does not tell the allocator's symbols.
pub(super) const UNNAMED: &str = "irad.allocator";
/// What ends a program where no memory can be had, if the module knows it: a part of the symbol.
const FAILURE: &str = "7raw_vec12handle_error";

/// Makes functions internal that nobody outside of the module may call, but for `kept`. Where code is kept that nobody
/// calls (`-C link-dead-code`), rustc hides what it makes internal otherwise, and LLVM learns nothing from callers: not
/// even how large a `Vec`'s elements are.
pub(crate) fn enclose(module: &Module<'_>, kept: &str) {
    for function in module.get_functions() {
        let value = function.as_global_value();
        let is_hidden = value.get_visibility() == GlobalVisibility::Hidden;
        if is_hidden
            && function.get_linkage() == Linkage::External
            && function.count_basic_blocks() > 0
            && name(function) != kept
        {
            function.set_linkage(Linkage::Internal);
        }
    }
}

/// Gives the standard library's functions that the module uses and does not hold their bodies, and says which.
pub(crate) fn complete(module: &Module<'_>) -> Vec<String> {
    let missing: Vec<(FunctionValue<'_>, &Body)> = module
        .get_functions()
        .filter(|function| function.count_basic_blocks() == 0)
        .filter_map(|function| Some((function, body(function)?)))
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let Some(success) = success(module) else {
        return Vec::new();
    };
    let mut text = COMMON.to_owned();
    for (function, body) in &missing {
        text.push_str(&body.text.replace("@BODY", &quoted(&name(*function))));
    }
    for (stands_for, entry) in [
        ("@ALLOC_ZEROED", ALLOC_ZEROED),
        ("@ALLOC", ALLOC),
        ("@DEALLOC", DEALLOC),
    ] {
        text = text.replace(stands_for, &quoted(&allocator_symbol(module, entry)));
    }
    let failure = module
        .get_functions()
        .map(name)
        .find(|symbol| symbol.contains(FAILURE));
    text = match failure {
        Some(symbol) => text.replace("@FAILURE", &quoted(&symbol)),
        None => text
            .replace("declare void @FAILURE(i64, i64) cold noreturn\n", "")
            .replace("@FAILURE", "@irad.vec.failure"),
    };
    text = text.replace("SUCCESS", &success.to_string());
    text = text.replace("ATTRIBUTE", &format!("\"{UNNAMED}\""));
    let symbols: Vec<String> = missing
        .iter()
        .map(|(function, _)| name(*function))
        .collect();
    link(module, &text);
    for symbol in symbols.iter().map(String::as_str).chain(COMMONS) {
        let Some(function) = module.get_function(symbol) else {
            continue;
        };
        function.set_linkage(Linkage::Internal);
        let kind = Attribute::get_named_enum_kind_id("alwaysinline");
        let inline = module.get_context().create_enum_attribute(kind, 0);
        function.add_attribute(AttributeLoc::Function, inline);
    }
    symbols
}

/// What says `Ok` in the module's code, if a `Vec` lies in memory there as the bodies here have it: both are rustc's
/// choice.
fn success(module: &Module<'_>) -> Option<i64> {
    let minor = rustc_minor(module)?;
    let (_, success) = KNOWN_VERSIONS.iter().find(|(known, _)| *known == minor)?;
    // The capacity comes first. Where there is debug info, it has the last word.
    let offset = |member| llvm_shim::member_offset(module, c"RawVecInner<", member);
    let is_known = match (offset(c"cap"), offset(c"ptr")) {
        (Some(capacity), Some(address)) => (capacity, address) == (0, 8),
        _ => true,
    };
    is_known.then_some(*success)
}

/// The 95 of "rustc version 1.95.0 (…)", which rustc leaves in each module.
fn rustc_minor(module: &Module<'_>) -> Option<u32> {
    let producer = producer(module)?;
    let (_, version) = producer.split_once("rustc version 1.")?;
    version.split_once('.')?.0.parse().ok()
}

/// True for a module that does not tell by which symbols it would reach Rust's allocator.
pub(crate) fn has_unnamed_allocator(module: &Module<'_>) -> bool {
    module.get_functions().any(|function| {
        let attribute = function.get_string_attribute(AttributeLoc::Function, UNNAMED);
        attribute.is_some() && [ALLOC, ALLOC_ZEROED, DEALLOC].contains(&name(function).as_str())
    })
}

const COMMONS: [&str; 3] = ["irad.vec.move", "irad.vec.grow", "irad.vec.failure"];

fn body(function: FunctionValue<'_>) -> Option<&'static Body> {
    let symbol = name(function);
    let ty = function.get_type().print_to_string().to_string();
    BODIES
        .iter()
        .find(|body| body.ty == ty && body.parts.iter().all(|part| symbol.contains(part)))
}

pub(super) fn quoted(symbol: &str) -> String {
    format!("@\"{symbol}\"")
}

pub(super) fn link(module: &Module<'_>, text: &str) {
    let buffer = MemoryBuffer::create_from_memory_range_copy(text.as_bytes(), "library");
    let bodies = module
        .get_context()
        .create_module_from_ir(buffer)
        .unwrap_or_else(|error| unreachable!("irad's own text: {error}"));
    bodies.set_triple(&module.get_triple());
    bodies.set_data_layout(&module.get_data_layout());
    module
        .link_in_module(bodies)
        .unwrap_or_else(|error| unreachable!("declarations of the same types: {error}"));
}
