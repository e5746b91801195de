//! Every change of a function is told of by the pass that made it: what a pass says to have left alone is as it
//! was, in the functions that it ran on and in all others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::Module;
use llvm_shim::{Pass, Pipeline, Printer, Tuning, UnitKind, run};

/// The text of every function with a body. Definitions of metadata are left out, for functions share them.
fn texts(module: &Module<'_>, printer: &mut Printer) -> HashMap<String, String> {
    let functions = module.get_functions();
    functions
        .filter(|function| function.count_basic_blocks() > 0)
        .map(|function| {
            let name = function.get_name().to_string_lossy().into_owned();
            let text = printer.print(function);
            let lines = text.lines().filter(|line| !line.starts_with('!'));
            let text = lines.collect::<Vec<_>>().join("\n");
            // One that another function has changed has another number.
            let mut parts = text.split('!');
            let first = parts.next().unwrap_or_default().to_owned();
            let digit = |c: char| c.is_ascii_digit();
            let rest = parts.map(|part| part.trim_start_matches(digit));
            (
                name,
                rest.fold(first, |text, part| format!("{text}!{part}")),
            )
        })
        .collect()
}

/// Passes that changed a function without saying so, each with one that it changed.
fn silent(file: &str, pipeline: Pipeline<'_>) -> BTreeMap<String, String> {
    let path = format!("{}/../../fixtures/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read(&path).unwrap();
    let context = Context::create();
    let buffer = MemoryBuffer::create_from_memory_range_copy(&text, file);
    let module = context.create_module_from_ir(buffer).unwrap();
    let mut printer = Printer::new(&module);
    let mut before = texts(&module, &mut printer);
    let mut silent = BTreeMap::new();
    let mut changes = 0;
    let mut observer = |pass: &Pass<'_>| {
        let now = texts(&module, &mut printer);
        let told: BTreeSet<&String> = pass.functions.iter().collect();
        for (name, text) in &now {
            if before.get(name).is_none_or(|old| old == text) {
                continue;
            }
            changes += 1;
            // What was inlined everywhere is emptied before it goes.
            if text.contains("{\n  unreachable\n}") {
                continue;
            }
            let is_told = pass.unit_kind == UnitKind::Module || told.contains(name);
            if pass.preserved_all || !is_told {
                let what = if is_told {
                    ""
                } else {
                    " (outside of its unit)"
                };
                let entry = format!("{name} of {file}{what}");
                silent.insert(pass.class_name.to_owned(), entry);
            }
        }
        before = now;
    };
    run(&module, None, pipeline, None, Some(&mut observer)).unwrap();
    assert!(changes > 10, "{changes} in {file}");
    silent
}

#[test]
fn every_change_is_told_of_by_the_pass_that_made_it() {
    let mut all = BTreeMap::new();
    for file in [
        "alloc_vec.ll",
        "gpt_attention.ll",
        "iterators.ll",
        "shapes_debuginfo.ll",
        "typed.ll",
        "refused/unoptimised.ll",
        "numeric/functions.ll",
        "refused/chain.ll",
    ] {
        for (level, tuning) in [(2, Tuning::READABLE), (3, Tuning::FULL)] {
            all.append(&mut silent(file, Pipeline::Default(level, tuning)));
        }
    }
    assert!(all.is_empty(), "{all:#?}");
}
