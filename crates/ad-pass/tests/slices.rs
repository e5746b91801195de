//! What `ir-load` finds in a module's text, and what it cuts out, held against LLVM's own reading.

use std::fs;

use diff_view::{Show, diff};
use inkwell::context::Context;
use inkwell::module::Module;
use ir_load::{Index, slice};
use pass_watch::Printer;

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ll"))
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect();
    found.sort();
    found
}

/// The names of LLVM's functions and variables; what has none is called by nothing.
fn llvms_symbols(module: &Module<'_>) -> Vec<String> {
    let functions = module.get_functions().map(|f| f.get_name().to_owned());
    let variables = module.get_globals().map(|v| v.get_name().to_owned());
    let mut names: Vec<String> = functions
        .chain(variables)
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn our_symbols(index: &Index<'_>) -> Vec<String> {
    let mut names: Vec<String> = index
        .symbols()
        .map(|name| {
            let is_number = name.iter().all(u8::is_ascii_digit);
            let name = if is_number { b"" } else { &*name };
            String::from_utf8_lossy(name).into_owned()
        })
        .collect();
    names.sort();
    names
}

fn defined(index: &Index<'_>) -> Vec<String> {
    let functions = index.functions().iter();
    functions
        .filter(|function| function.is_defined)
        .map(|function| function.symbol.clone())
        .collect()
}

/// Every function of the text, in the slice and in the whole, as LLVM reads them.
fn compare(text: &[u8], origin: &str) -> usize {
    let context = Context::create();
    let whole = ad_pass::load(&context, text, origin)
        .unwrap_or_else(|error| panic!("{error:?}\n{}", String::from_utf8_lossy(text)));
    let index = Index::of(text);
    assert_eq!(our_symbols(&index), llvms_symbols(&whole), "{origin}");
    assert_eq!(index.cut_off(), None, "{origin}");
    let symbols = defined(&index);
    for symbol in &symbols {
        let cut = slice(&index, &[symbol]).unwrap();
        let context = Context::create();
        let part = ad_pass::load(&context, &cut.text, origin).unwrap_or_else(|error| {
            let text = String::from_utf8_lossy(&cut.text);
            panic!("{symbol} of {origin}: {error:?}\n{text}")
        });
        let print = |module: &Module<'_>| {
            let function = module.get_function(symbol).unwrap();
            Printer::new(module).print(function)
        };
        let (a, b) = (print(&whole), print(&part));
        assert!(
            !diff(&a, &b, None).differs(Show::All),
            "{symbol} of {origin}:\n{a}\n{b}"
        );
    }
    symbols.len()
}

#[test]
fn slices_of_fixtures_hold_the_same_functions() {
    let count: usize = fixtures()
        .iter()
        .map(|(origin, text)| compare(text, origin))
        .sum();
    assert!(count > 50, "{count}");
}

/// Entities in shapes that no printer gives them, each valid on its own.
const ODD: [&str; 22] = [
    "@s = private constant [6 x i8] c\"};@\\22({\"",
    "@\"odd \\22}name\" = internal global i32 1, section \"a{b\"",
    "@\"define void @no() {\" = global ptr @s",
    "@typed = global %\"a b\" zeroinitializer",
    "define { i32,\ni32\n} @first(ptr %p) prefix { i32 } { i32 7 } {\n  %x = insertvalue { i32, i32\n}\n poison, i32 1, 0 ret { i32, i32 } %x }",
    "define void @second() #3 comdat {\n  br label %a\na:\n  call void asm \"}\", \"\" ()\n  ret void, !x !5 }",
    "$second = comdat any",
    "attributes #3 = { \"a\"=\"}\" \"b{\" }",
    "!5 = !{!\"line\ndefine void @nor_this() {\n\"}",
    "declare i32 @ranged(ptr, i32 range(i32 0, 9)) #3",
    "define internal void @third() { call { i32, i32 } @first(ptr @s) br label %\"}\" \"}\": store i32 7, ptr @\"odd \\22}name\" ret void }",
    "define void @fourth() personality ptr @ranged { call void @third() ; }\n  ret void }",
    "@addresses = internal constant [1 x ptr] [ptr blockaddress(@second, %a)]",
    "define ptr @fifth() { %p = load ptr, ptr @addresses ret ptr %p }",
    "@llvm.used = appending global [2 x ptr] [ptr @s, ptr @\"odd \\22}name\"], section \"llvm.metadata\"",
    "@llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 1, ptr @second, ptr null }]",
    "module asm \"define void @in_assembly() {\"",
    "!named = !{!5, !6} !6 = distinct !{!6, !\"}\"}",
    "@with = global i32 0, !x !6",
    "define void @\"sixth\"(%\"a b\" %v) { ret void }",
    "@thread = internal thread_local(initialexec) global i32 0, align 4",
    "define i32 @seventh() { %t = load i32, ptr @thread ret i32 %t }",
];

#[test]
fn shapes_that_nobody_prints_are_read_as_llvm_reads_them() {
    const BETWEEN: [&str; 7] = [
        " ",
        "\n",
        "\r\n",
        "\n\n",
        " ; it's \" { (\n",
        "/* } \" ; @x = */",
        "\t",
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = |count: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % count as u64).unwrap()
    };
    for _ in 0..40 {
        let mut order: Vec<&str> = ODD.to_vec();
        for at in (1..order.len()).rev() {
            order.swap(at, draw(at + 1));
        }
        // Only these must stand first, and types before what has a value of them.
        let mut text = String::from(
            "source_filename = \"a{\" target triple = \"x86_64-unknown-linux-gnu\" %later = type { i32 } %\"a b\" = type { %later, [2 x i8] } ",
        );
        for entity in order {
            text.push_str(entity);
            text.push_str(BETWEEN[draw(BETWEEN.len())]);
        }
        compare(text.as_bytes(), "odd");
    }
}
