//! What `ir-load` finds in a module's text, and what it cuts out, held against LLVM's own reading.

use std::env;
use std::fs;

use diff_view::{Show, diff};
use inkwell::context::Context;
use inkwell::module::Module;
use ir_load::{Bitcode, GlobalKind, Index, slice};
use llvm_shim::Printer;

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

/// Functions that a text defines: every one where few are, else some that are spread over all of them, or all
/// of them if `IRAD_TESTS` is `all` (`make test-all`).
fn some_defined(index: &Index<'_>) -> Vec<String> {
    let functions = index.functions().iter();
    let symbols: Vec<String> = functions
        .filter(|function| function.is_defined)
        .map(|function| function.symbol.clone())
        .collect();
    let is_all = env::var("IRAD_TESTS").is_ok_and(|tests| tests == "all");
    let stride = if is_all || symbols.len() < 15 { 1 } else { 7 };
    symbols.into_iter().step_by(stride).collect()
}

/// Functions of the text, in the slice and in the whole, as LLVM reads them.
fn compare(text: &[u8], origin: &str) -> usize {
    let context = Context::create();
    let whole = ad_pass::load(&context, text, origin)
        .unwrap_or_else(|error| panic!("{error:?}\n{}", String::from_utf8_lossy(text)));
    let index = Index::of(text);
    assert_eq!(our_symbols(&index), llvms_symbols(&whole), "{origin}");
    assert_eq!(index.cut_off(), None, "{origin}");
    let symbols = some_defined(&index);
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

/// Functions and variables that lie elsewhere than usual, each used by something that no slice of the others
/// needs. `LAYOUT` may say where functions lie that do not say it themselves.
const SPACES: &str = r#"
target datalayout = "LAYOUT"
@far = addrspace(1) global i32 0
@hidden = internal addrspace(1) global i32 7
@"odd name" = internal addrspace(3) global i32 1
@table = addrspace(1) constant [1 x ptr addrspace(1)] [ptr addrspace(1) @hidden]
@taken = constant ptr addrspace(1) @called
define i32 @reads() addrspace(1) {
  %x = load i32, ptr addrspace(1) @hidden
  %y = load i32, ptr addrspace(3) @"odd name"
  %s = add i32 %x, %y
  ret i32 %s
}
define void @writes(i32 %x) addrspace(0) {
  store i32 %x, ptr addrspace(1) @hidden
  store i32 %x, ptr addrspace(1) @far
  store i32 %x, ptr addrspace(3) @"odd name"
  ret void
}
define internal i32 @called(ptr addrspace(3) %p) addrspace(1) {
  %x = load i32, ptr addrspace(3) %p
  ret i32 %x
}
define i32 @calls() addrspace(1) {
  %x = call addrspace(1) i32 @called(ptr addrspace(3) @"odd name")
  %y = call addrspace(1) i32 @reads()
  %z = add i32 %x, %y
  ret i32 %z
}
define i32 @"calls too"() addrspace(0) {
  %x = call addrspace(1) i32 @called(ptr addrspace(3) null)
  ret i32 %x
}
define internal i32 @"\22quoted(" () {
  ret i32 3
}
define i32 @indirect(ptr addrspace(1) %f) {
  %x = call addrspace(1) i32 %f(ptr addrspace(3) null)
  %y = call i32 @"\22quoted("()
  ret i32 %x
}
define ptr addrspace(SPACE) @address() {
  ret ptr addrspace(SPACE) @"\22quoted("
}
define ptr addrspace(SPACE) @"address too"() {
  ret ptr addrspace(SPACE) @"\22quoted("
}
"#;

#[test]
fn address_spaces_stay_what_they_are() {
    for (layout, space) in [("e", "0"), ("e-P0", "0"), ("e-P2-A5", "2")] {
        let text = SPACES.replace("LAYOUT", layout).replace("SPACE", space);
        let text = text.replace(r"\22", r"\22".get(1..).unwrap());
        assert_eq!(compare(text.as_bytes(), layout), 9);
        let (bytes, printed) = bitcode(text.as_bytes(), layout);
        compare(printed.as_bytes(), layout);
        compare_bitcode(&bytes, &printed, layout);
    }
}

/// Fixtures that bitcode can hold: it has no way to write metadata down as a variadic argument, and what
/// LLVM writes instead it cannot read.
fn for_bitcode() -> Vec<(String, Vec<u8>)> {
    let mut found = fixtures();
    found.retain(|(origin, _)| !origin.ends_with("autodiff_metadata.ll"));
    found
}

/// Bitcode of a module, and the module as LLVM then prints it.
fn bitcode(text: &[u8], origin: &str) -> (Vec<u8>, String) {
    let context = Context::create();
    let module = ad_pass::load(&context, text, origin).unwrap();
    let bytes = llvm_shim::write_bitcode(&module);
    (bytes, module.print_to_string().to_string())
}

/// True when `text` holds `@name` and no longer name.
fn names(text: &str, name: &str) -> bool {
    let quoted = format!("@\"{name}\"");
    let plain = format!("@{name}");
    text.contains(&quoted)
        || text.match_indices(&plain).any(|(at, _)| {
            let next = text[at + plain.len()..].chars().next();
            !next.is_some_and(|c| c.is_ascii_alphanumeric() || "-$._".contains(c))
        })
}

#[test]
fn bitcode_holds_what_llvm_finds_in_it() {
    let (mut mentions, mut listed, mut pairs) = (0, 0, 0);
    let odd = ("odd".to_owned(), odd_in_order());
    for (origin, text) in for_bitcode().into_iter().chain([odd]) {
        let (bytes, printed) = bitcode(&text, &origin);
        let found = Bitcode::uses(&bytes).unwrap_or_else(|| panic!("{origin} cannot be read"));
        assert_eq!(found.globals, Bitcode::names(&bytes).unwrap().globals);
        let context = Context::create();
        let module = ad_pass::load(&context, &bytes, &origin).unwrap();
        let mut symbols: Vec<String> = found
            .globals
            .iter()
            .filter(|global| global.kind != GlobalKind::Alias)
            .map(|global| String::from_utf8_lossy(&global.name).into_owned())
            .collect();
        symbols.sort();
        assert_eq!(symbols, llvms_symbols(&module), "{origin}");

        let index = Index::of(printed.as_bytes());
        let functions = index.functions();
        let of_kind = |kind| {
            let globals = found.globals.iter();
            globals
                .filter(move |global| global.kind == kind)
                .enumerate()
        };
        for kind in [GlobalKind::Variable, GlobalKind::Function] {
            for (nth, global) in of_kind(kind) {
                let name = String::from_utf8_lossy(&global.name).into_owned();
                if name.is_empty() {
                    continue;
                }
                let users = found.users(&[(kind, nth)]);
                listed += users.len();
                pairs += found.globals.len();
                for (place, user) in of_kind(GlobalKind::Function) {
                    let user = String::from_utf8_lossy(&user.name);
                    let function = functions.iter().find(|f| f.symbol == user).unwrap();
                    let text = index.text(function);
                    let body = text.split_once('\n').map_or("", |(_, body)| body);
                    let body: Vec<&str> = body
                        .lines()
                        .filter(|line| !line.trim_start().starts_with("#dbg_"))
                        .collect();
                    if names(&body.join("\n"), &name) {
                        mentions += 1;
                        assert!(users.contains(&place), "{user} uses {name} in {origin}");
                    }
                }
            }
        }
    }
    assert!(mentions > 500, "{mentions}");
    // Little is listed that is no use.
    assert!(listed < pairs / 10, "{listed} of {pairs}");
}

/// The odd entities in an order that LLVM takes.
fn odd_in_order() -> Vec<u8> {
    let mut text = String::from("%later = type { i32 } %\"a b\" = type { %later, [2 x i8] }\n");
    text.push_str(&ODD.join("\n"));
    text.into_bytes()
}

/// What is taken out of bitcode is what is cut out of its text, but for the numbers of attribute groups,
/// metadata and types.
#[test]
fn bitcode_is_cut_as_its_text_is() {
    let mut count = 0;
    for (origin, text) in for_bitcode() {
        let (bytes, printed) = bitcode(&text, &origin);
        count += compare_bitcode(&bytes, &printed, &origin);
    }
    assert!(count > 50, "{count}");
}

/// Functions of the bitcode, cut out of it and out of its text.
fn compare_bitcode(bytes: &[u8], printed: &str, origin: &str) -> usize {
    let index = Index::of(printed.as_bytes());
    let symbols = some_defined(&index);
    for symbol in &symbols {
        let whole = slice(&index, &[symbol]).unwrap();
        let uses = Bitcode::uses(bytes).unwrap();
        let kind = |is_function| match is_function {
            true => GlobalKind::Function,
            false => GlobalKind::Variable,
        };
        let mut users = |wanted: &[(bool, usize)]| {
            let wanted: Vec<_> = wanted.iter().map(|&(is, at)| (kind(is), at)).collect();
            Some(uses.users(&wanted))
        };
        let context = Context::create();
        let roots = [symbol.clone()];
        let extract = llvm_shim::extract(&context, bytes, origin, &roots, &mut users).unwrap();
        let part = slice(&Index::of(&extract), &[symbol]).unwrap();
        let (part, whole) = (numberless(&part.text), numberless(&whole.text));
        assert_eq!(part, whole, "{symbol} of {origin}");
    }
    symbols.len()
}

/// A slice's lines without numbers that say nothing, attribute groups and metadata in an order of their
/// own.
fn numberless(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let mut out = String::new();
    let mut rest = text.as_ref();
    while let Some(at) = rest.find(['!', '#']) {
        out.push_str(&rest[..=at]);
        rest = rest[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out.push_str(rest);
    // The order of uses is told of what comes from bitcode alone.
    let is_order = |line: &&str| {
        line.trim_start_matches(['\t', ' ', ';'])
            .starts_with("uselistorder")
    };
    let lines = out
        .lines()
        .filter(|line| !is_order(line) && !line.is_empty());
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    let metadata = lines
        .iter()
        .position(|line| line.starts_with("attributes #") || line.starts_with('!'))
        .unwrap_or(lines.len());
    lines[metadata..].sort();
    // Types are printed in the order in which LLVM comes upon them.
    let is_type = |line: &String| line.starts_with('%') && line.contains(" = type ");
    let types = lines.iter().position(is_type).unwrap_or(0);
    let count = lines[types..]
        .iter()
        .take_while(|line| is_type(line))
        .count();
    lines[types..types + count].sort();
    lines
}
