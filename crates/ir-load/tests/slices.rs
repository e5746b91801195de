//! Slices of fixtures, of mangled fixtures, and of anything else.

use std::fs;
use std::path::PathBuf;

use ir_load::{Index, slice};
use proptest::prelude::*;

fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ll"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    found.sort();
    found
}

fn defined(index: &Index<'_>) -> Vec<String> {
    let functions = index.functions().iter();
    functions
        .filter(|function| function.is_defined)
        .map(|function| function.symbol.clone())
        .collect()
}

/// Slices every function, slices the slice again, and looks every place up.
fn exercise(text: &[u8]) {
    let index = Index::of(text);
    index.attribute_groups();
    index.has_typed_pointers();
    index.cut_off();
    assert_eq!(index.symbols().count(), index.symbols().count());
    for symbol in defined(&index).into_iter().take(20) {
        let Some(first) = slice(&index, &[&symbol]) else {
            continue;
        };
        first.original(text, 0, 0);
        first.original(text, 3, 5);
        first.original(text, usize::MAX, usize::MAX);
        let again = Index::of(&first.text);
        slice(&again, &[&symbol]);
    }
}

#[test]
fn a_slice_of_a_slice_is_the_slice() {
    let mut count = 0;
    for (path, text) in fixtures() {
        let index = Index::of(&text);
        for symbol in defined(&index) {
            let first = slice(&index, &[&symbol]).unwrap();
            let again = Index::of(&first.text);
            let second = slice(&again, &[&symbol]).unwrap();
            assert_eq!(
                String::from_utf8_lossy(&first.text),
                String::from_utf8_lossy(&second.text),
                "{symbol} of {}",
                path.display()
            );
            let (before, after) = (index.get(&symbol).unwrap(), again.get(&symbol).unwrap());
            assert_eq!(
                index.text(&before).trim_end(),
                again.text(&after).trim_end()
            );
            let (line, column) = first.original(&text, after.line, 1);
            assert_eq!((line, column), (before.line, 1), "{symbol}");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

/// What printers never write, and LLVM reads all the same.
const ODD: &str = r#"
%3 = type { i32 } ; "an open string, and a brace {
%"a b" = type { %3, [2 x i8] } @s = private constant [4 x i8] c"};@\22" /* define void @no() { */
@"odd \22}name" = internal global %"a b" zeroinitializer @7 = alias i32, ptr @s
define { i32,
i32
} @first(ptr %p) prefix { i32 } { i32 7 } {
  store i32 1, ptr @"odd \22}name" ; }
  %x = insertvalue { i32, i32
}
 poison, i32 1, 0 ret { i32, i32 } %x } define void @second() #3 comdat {
a:
  call void asm "}", "" ()
  %y = call { i32, i32 } @first(ptr @"s")
  ret void, !"x}" !5 }
$second = comdat any attributes #3 = { "a"="}" } !5 = !{!"line
define void @nor_this() {
"}
declare target("spirv.Image", i32) @typed(ptr range(i32 0, 9)) !9 = !{}
"#;

#[test]
fn only_tokens_count() {
    let index = Index::of(ODD.as_bytes());
    let symbols: Vec<_> = index
        .symbols()
        .map(|name| String::from_utf8_lossy(&name).into_owned())
        .collect();
    let expected = ["s", "odd \"}name", "7", "first", "second", "typed"];
    assert_eq!(symbols, expected);
    assert_eq!(index.cut_off(), None);
    let second = slice(&index, &["second"]).unwrap();
    let text = String::from_utf8_lossy(&second.text);
    for kept in [
        "@s = ",
        "%\"a b\" = ",
        "%3 = ",
        "$second",
        "#3 = ",
        "!5 = ",
        "@first(",
    ] {
        assert!(text.contains(kept), "{kept} in\n{text}");
    }
    assert!(!text.contains("!9"), "{text}");
    let crlf = ODD.replace('\n', "\r\n");
    assert_eq!(Index::of(crlf.as_bytes()).symbols().count(), expected.len());
}

#[test]
fn a_file_may_end_in_the_middle_of_what_is_not_needed() {
    let text = "\
define double @f(double %x) !dbg !3 {
    #dbg_value(double %x, !4, !DIExpression(), !5)
  %y = fadd double %x, 1.0, !dbg !5
  ret double %y, !dbg !5
}

define double @g(double %x) {
  %y = call double @f(double %x)
  %z = insertvalue { double, double";
    let index = Index::of(text.as_bytes());
    assert_eq!(index.cut_off(), Some((Some("g".to_owned()), 7)));
    let whole = slice(&index, &["f"]).unwrap();
    assert_eq!(whole.report.dangling, 5);
    let sliced = String::from_utf8(whole.text.clone()).unwrap();
    assert!(
        !sliced.contains('!') && !sliced.contains("#dbg"),
        "{sliced}"
    );
    assert!(
        sliced.contains("  %y = fadd double %x, 1.0\n  ret double %y\n}"),
        "{sliced}"
    );
    // What is left of a line stands where it stood.
    let line = 1 + sliced
        .lines()
        .position(|line| line.contains("fadd"))
        .unwrap();
    assert_eq!(whole.original(text.as_bytes(), line, 8), (3, 8));
    let last = slice(&index, &["g"]).unwrap();
    let line = last.text.iter().filter(|&&byte| byte == b'\n').count();
    assert_eq!(last.original(text.as_bytes(), line, 3), (9, 3));
}

#[test]
fn what_is_used_outside_is_listed() {
    let text = "\
@state = internal global i32 0
@own = internal global i32 0
@fixed = internal constant i32 7
@far = internal addrspace(1) global i32 0
@table = constant [1 x ptr] [ptr @taken]
@llvm.used = appending global [2 x ptr] [ptr @called, ptr @other], section \"llvm.metadata\"

define void @root(ptr %p) {
  call void @called(i64 1, ptr %p)
  call void @taken()
  call void @described()
  call void @\"quoted \\22\"()
  call void @_ZN8external()
  call void @llvm.trap()
  ret void
}

define internal void @called(i64 %n, ptr %p) {
  %x = load i32, ptr @state
  %y = load i32, ptr @own
  %z = load i32, ptr @fixed
  %w = load i32, ptr addrspace(1) @far
  ret void
}

define internal void @taken() {
  ret void
}

define internal void @described() {
  ret void
}

define internal void @\"quoted \\22\"() {
  ret void
}

define internal void @0() {
  ret void
}

define void @other(ptr %p, i64 %n) {
    #dbg_value(ptr @own, !1, !DIExpression(), !2)
  call void @called(i64 2, ptr nonnull %p) ; @own
  call void @llvm.dbg.value(metadata ptr @described, metadata !1, metadata !DIExpression())
  call void @\"quoted \\22\"()
  call void @0()
  call void @_ZN8external()
  call void @llvm.trap()
  store i32 %v, ptr @state, align 4
  store i32 %v, ptr addrspace(1) @far
  store i32 @fixed, ptr null
  ret void
}

declare void @_ZN8external()
declare void @llvm.trap()
uselistorder ptr @called, { 1, 0 }
^0 = module: (path: \"x\")
";
    let index = Index::of(text.as_bytes());
    let part = slice(&index, &["root"]).unwrap();
    let sliced = String::from_utf8(part.text).unwrap();
    let used = "@llvm.used = appending global [1 x ptr] [ptr @called], section \"llvm.metadata\"\n";
    let shared = "@llvm.compiler.used = appending global [7 x ptr] [ptr @state, ptr @fixed, ptr addrspacecast (ptr addrspace(1) @far to ptr), ptr @called, ptr @taken, ptr @\"quoted \\22\", ptr @_ZN8external], section \"llvm.metadata\"\n";
    for line in [
        used,
        shared,
        "define internal void @called(i64 %n, ptr %p) {\n",
    ] {
        assert!(sliced.contains(line), "{line} in\n{sliced}");
    }
    assert!(
        !sliced.contains("@other") && !sliced.contains("uselistorder"),
        "{sliced}"
    );
    let counts = (
        part.report.shared,
        part.report.use_list_orders,
        part.report.summaries,
    );
    assert_eq!(counts, (7, 1, 1));
    let again = slice(&Index::of(sliced.as_bytes()), &["root"]).unwrap();
    assert_eq!(String::from_utf8(again.text).unwrap(), sliced);

    // What the module lists itself comes first, and nothing stands there twice.
    let own = "@llvm.compiler.used = appending global [3 x ptr] [ptr @own, ptr @other, ptr @state], section \"llvm.metadata\"\n";
    let with_own = format!("{own}{text}");
    let part = slice(&Index::of(with_own.as_bytes()), &["root"]).unwrap();
    let sliced = String::from_utf8(part.text).unwrap();
    let list = "@llvm.compiler.used = appending global [8 x ptr] [ptr @own, ptr @state, ptr @fixed, ptr addrspacecast (ptr addrspace(1) @far to ptr), ptr @called, ptr @taken, ptr @\"quoted \\22\", ptr @_ZN8external], section \"llvm.metadata\"\n";
    assert!(sliced.contains(list), "{sliced}");
    assert_eq!(sliced.matches("llvm.compiler.used").count(), 1);
}

#[test]
fn orders_of_uses_that_are_gone_are_left_out() {
    let text = "\
@g = global [2 x i32] zeroinitializer
define void @f(i32 %uselistorder) {
  %b = add i32 %uselistorder, %uselistorder
  store i32 1, ptr getelementptr (i8, ptr @g, i64 4) store i32 2, ptr getelementptr (i8, ptr @g, i64 4)
  ret void
  uselistorder i32 %uselistorder, { 1, 0 }
  uselistorder ptr getelementptr (i8, ptr @g, i64 4), { 1, 0 } }
";
    let index = Index::of(text.as_bytes());
    let part = slice(&index, &["f"]).unwrap();
    let sliced = String::from_utf8(part.text.clone()).unwrap();
    assert_eq!(part.report.use_list_orders, 1);
    assert!(
        sliced.contains("  uselistorder i32 %uselistorder, { 1, 0 }\n   }"),
        "{sliced}"
    );
    assert_eq!(sliced.matches("getelementptr").count(), 2, "{sliced}");
    // What follows the gap stands where it stood.
    let line = sliced.lines().position(|line| line == "   }").unwrap() + 1;
    assert_eq!(part.original(text.as_bytes(), line, 3), (7, 63));
}

#[test]
fn a_list_that_is_damaged_is_survived() {
    // The list of what is used ends before the type that counts it.
    exercise(b"@llvm.used = load i32, ptr @g!{!0, define ][");
    exercise(b"define @llvm.used = load i32, ptr @g!{!0, define ][");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>) {
        exercise(&bytes);
    }

    #[test]
    fn any_tokens_are_survived(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "define ", "declare ", "internal ", "@", "@f", "@g", "= ", "global ", "ptr ", "(", ")",
                "{", "}", "[", "]", "\"", ";", "/*", "*/", "\n", "\r", "\0", "call void @f(i32 1, ptr %x)",
                "!", "!0", "!1 = ", "!{!0, ", "#0", "attributes #0 = {", "comdat", "$f", "%t = type ", "%t",
                "distinct !DICompileUnit(", "globals: !1", "@llvm.used = ", "#dbg_value(", "!dbg !7",
                "load i32, ptr @g", "store i32 %v, ptr @g", "\\22", "target ", "module asm", "^0 = ", "é",
                "!llvm.dbg.cu = !{", "uselistorder ptr @f, {", "@llvm.compiler.used = ", "#dbg_value(ptr @f, ", "uselistorder ", "@__enzyme_autodiff",
            ]),
            0..60,
        )
    ) {
        exercise(parts.concat().as_bytes());
    }

    #[test]
    fn mangled_fixtures_are_survived(
        which: prop::sample::Index,
        cut: Option<prop::sample::Index>,
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(b"\"{}();/*@!#%$\n\\=\0, ".to_vec())),
            0..6,
        ),
    ) {
        let all = fixtures();
        let mut text = all[which.index(all.len())].1.clone();
        for (at, byte) in edits {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len()));
        }
        exercise(&text);
    }
}
