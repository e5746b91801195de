//! What makes a derivative doubtful though Enzyme gives one. Each is a warning in every view.

use std::collections::BTreeSet;

use inkwell::module::Module;
use inkwell::values::BasicValueEnum;

use crate::cause::{Input, reached};
use crate::contents;

/// Doubts about a prepared function, before Enzyme sees it.
pub(crate) fn before(module: &Module<'_>, symbol: &str, input: Input) -> Vec<String> {
    let mut doubts = Vec::new();
    if input.unwinds {
        doubts.push(
            "the input unwinds, and Enzyme drops the edges that unwinding takes: what is caught or dropped there has no derivative; emit the IR with -C panic=abort".to_owned(),
        );
    }
    doubts.extend(globals(module, symbol).into_iter().map(|global| {
        format!(
            "{global} is a global that floats are written to, and it has no shadow: the derivative misses what flows through it; pass it as a parameter"
        )
    }));
    doubts
}

/// Doubts about what Enzyme has made.
pub(crate) fn after(module: &Module<'_>) -> Vec<String> {
    // Enzyme calls this where a pointer to a function turns out to have no derivative.
    if module.get_function("__enzyme_runtimeinactiveerr").is_none() {
        return Vec::new();
    }
    vec![
        "a function is called through a pointer: the shadow of that pointer must lead to its derivative, which only Enzyme makes, or the program ends at run time; make it a type parameter (impl Fn) instead".to_owned(),
    ]
}

/// Variables that a function or what it calls refers to, and that floats are written to.
fn globals(module: &Module<'_>, symbol: &str) -> BTreeSet<String> {
    reached(module, symbol)
        .into_iter()
        .flat_map(pass_watch::references)
        .map(|(name, _)| name)
        .filter(|name| {
            let Some(global) = module.get_global(name).filter(|g| !g.is_constant()) else {
                return false;
            };
            let pointer = BasicValueEnum::PointerValue(global.as_pointer_value());
            let held = contents::behind(module, pointer);
            held.written && !held.floats.is_empty()
        })
        .collect()
}
