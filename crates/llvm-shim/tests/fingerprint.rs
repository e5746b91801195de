//! A function's text never changes without its fingerprint.

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::Module;
use llvm_shim::{Fingerprint, Fingerprints, Pipeline, Printer, run};

fn parse<'c>(context: &'c Context, text: &str) -> Module<'c> {
    let buffer = MemoryBuffer::create_from_memory_range_copy(text.as_bytes(), "test");
    context
        .create_module_from_ir(buffer)
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The fingerprint and the text of @f, by position.
fn take(module: &Module<'_>) -> (Option<Fingerprint>, String) {
    let function = module.get_function("f").unwrap();
    let mut fingerprints = Fingerprints::by_position();
    let text = Printer::new(module).print(function);
    (fingerprints.of(function), text)
}

/// Makes one change at a time, and demands that text and fingerprint change with each.
fn check(text: &str, changes: &[(&str, &str)]) {
    let context = Context::create();
    let module = parse(&context, text);
    let (print, shown) = take(&module);
    assert!(print.is_some(), "{text}");
    let copy = parse(&context, text);
    assert_eq!(take(&copy), (print, shown.clone()), "a copy of\n{text}");
    let mut wrong = Vec::new();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in\n{text}");
        let changed = parse(&context, &text.replacen(from, to, 1));
        let (changed_print, changed_shown) = take(&changed);
        let mut demand = |what: bool, why: &str| {
            if !what {
                wrong.push(format!("{from} -> {to} {why}"));
            }
        };
        demand(changed_shown != shown, "does not change the text");
        let is_debugged = |text: &str| text.contains("#dbg_");
        demand(
            is_debugged(&shown) == is_debugged(&changed_shown),
            "is not valid",
        );
        demand(changed_print.is_some(), "has no fingerprint");
        demand(changed_print != print, "does not change the fingerprint");
    }
    assert!(wrong.is_empty(), "{wrong:#?} in\n{shown}");
}

#[test]
fn headings() {
    check(
        "$c = comdat any
$d = comdat any
declare i32 @personality(...)
define weak_odr hidden fastcc zeroext i32 @f(ptr noalias align 4 %p, i32 %n) local_unnamed_addr nounwind \"key\"=\"value\" section \"s\" partition \"part\" comdat($c) align 16 gc \"statepoint-example\" prefix i32 1 prologue i32 2 personality ptr @personality !kind !0 {
  ret i32 0
}
!0 = !{i32 1}
!1 = !{i32 2}
",
        &[
            ("weak_odr", "linkonce_odr"),
            ("hidden", "protected"),
            ("hidden", ""),
            ("weak_odr hidden", "weak_odr dllexport"),
            ("weak_odr hidden", "weak_odr dso_local"),
            ("fastcc", "coldcc"),
            ("zeroext", "signext"),
            ("zeroext", ""),
            ("noalias", "nonnull"),
            ("align 4 %p", "align 8 %p"),
            ("%p, i32 %n", "%p, i64 %n"),
            ("%p", "%q"),
            ("%n", ""),
            ("i32 %n)", "i32 %n, ...)"),
            ("local_unnamed_addr", "unnamed_addr"),
            ("local_unnamed_addr", ""),
            (") local_unnamed_addr", ") local_unnamed_addr addrspace(1)"),
            ("nounwind", "cold"),
            ("\"value\"", "\"other\""),
            ("section \"s\"", "section \"t\""),
            ("section \"s\"", ""),
            ("partition \"part\"", "partition \"other\""),
            ("comdat($c)", "comdat($d)"),
            ("comdat($c)", ""),
            ("align 16", "align 32"),
            ("align 16", ""),
            ("statepoint-example", "coreclr"),
            ("prefix i32 1", "prefix i32 3"),
            ("prologue i32 2", "prologue i32 3"),
            ("prologue i32 2", ""),
            ("personality ptr @personality", ""),
            ("personality ptr @personality", "personality ptr null"),
            ("!kind !0", "!kind !1"),
            ("!kind !0", "!sort !0"),
            ("!kind !0", ""),
            ("ret i32 0", "ret i32 1"),
            ("ret i32 0", "unreachable"),
        ],
    );
}

#[test]
fn arithmetic() {
    check(
        "define i64 @f(i32 %a, i32 %b, double %x, double %y, ptr %p) {
  %c = add nuw i32 %a, %b
  %d = sdiv exact i32 %c, 3
  %e = or disjoint i32 %d, %b
  %g = zext nneg i32 %e to i64
  %h = trunc nsw i64 %g to i16
  %i = icmp samesign ult i32 %a, %b
  %j = fadd nnan double %x, 1.0
  %k = fcmp ninf oeq double %j, %y
  %l = select i1 %k, i32 %a, i32 %b
  %m = fneg nsz double %x
  %n = freeze i32 %l
  %o = fptosi double %m to i32
  %q = getelementptr inbounds i32, ptr %p, i32 1
  %r = ptrtoint ptr %q to i64
  %1 = add i64 %r, undef
  %2 = sub i64 poison, %1
  ret i64 %2
}
",
        &[
            ("nuw", "nsw"),
            ("nuw", ""),
            ("add nuw i32 %a, %b", "add nuw i32 %b, %a"),
            ("add nuw i32 %a, %b", "add nuw i32 %a, 7"),
            ("add nuw", "mul nuw"),
            ("exact", ""),
            ("%c, 3", "%c, 4"),
            ("%c, 3", "%a, 3"),
            ("disjoint", ""),
            ("nneg", ""),
            ("nsw i64", "nuw i64"),
            ("samesign ", ""),
            ("samesign ult", "samesign ule"),
            ("nnan", "arcp"),
            ("nnan", "fast"),
            ("nnan", ""),
            ("1.0", "-1.0"),
            ("1.0", "2.0"),
            ("fadd", "fsub"),
            ("ninf oeq", "oeq"),
            ("oeq", "ueq"),
            ("i32 %a, i32 %b\n", "i32 %b, i32 %a\n"),
            ("nsz", ""),
            ("fptosi", "fptoui"),
            ("inbounds i32", "i32"),
            ("inbounds i32", "nuw i32"),
            ("inbounds i32", "inbounds i16"),
            (
                "getelementptr inbounds i32, ptr %p, i32",
                "getelementptr inbounds i32, ptr %p, i64",
            ),
            ("ptrtoint", "ptrtoaddr"),
            ("undef", "poison"),
            ("undef", "0"),
            ("poison", "undef"),
            ("%h = trunc", "%named = trunc"),
            ("%n = freeze", "%named = freeze"),
            ("to i16", "to i8"),
        ],
    );
}

#[test]
fn memory() {
    check(
        "define i32 @f(ptr %p, ptr addrspace(1) %q) {
  %a = alloca i32, align 4
  %b = alloca inalloca i64, i32 2, align 16
  %c = load atomic volatile i32, ptr %p syncscope(\"one\") acquire, align 4
  store atomic i32 %c, ptr %a syncscope(\"one\") release, align 8
  fence syncscope(\"one\") seq_cst
  %d = cmpxchg weak volatile ptr %p, i32 0, i32 1 syncscope(\"one\") acq_rel monotonic, align 4
  %e = atomicrmw volatile add ptr %p, i32 1 syncscope(\"one\") monotonic, align 4
  %g = load i32, ptr addrspace(1) %q, align 2
  store volatile i32 %g, ptr %b, align 1
  %h = va_arg ptr %p, i32
  ret i32 %h
}
",
        &[
            ("alloca i32, align 4", "alloca i32, align 8"),
            ("alloca i32, align 4", "alloca float, align 4"),
            ("alloca i32, align 4", "alloca i32, i64 1, align 4"),
            ("alloca inalloca", "alloca"),
            ("i32 2", "i32 3"),
            ("load atomic volatile", "load atomic"),
            ("syncscope(\"one\") acquire", "syncscope(\"two\") acquire"),
            ("syncscope(\"one\") acquire", "acquire"),
            ("acquire, align 4", "seq_cst, align 4"),
            ("acquire, align 4", "acquire, align 8"),
            ("syncscope(\"one\") release", "syncscope(\"two\") release"),
            ("release", "monotonic"),
            ("release, align 8", "release, align 4"),
            ("syncscope(\"one\") seq_cst", "syncscope(\"two\") seq_cst"),
            ("seq_cst", "acq_rel"),
            ("weak", ""),
            ("weak volatile", "weak"),
            ("syncscope(\"one\") acq_rel", "syncscope(\"two\") acq_rel"),
            ("acq_rel monotonic", "acq_rel acquire"),
            ("acq_rel monotonic", "acquire monotonic"),
            ("monotonic, align 4\n  %e", "monotonic, align 8\n  %e"),
            ("atomicrmw volatile", "atomicrmw"),
            ("volatile add", "volatile sub"),
            (
                "syncscope(\"one\") monotonic",
                "syncscope(\"two\") monotonic",
            ),
            ("monotonic, align 4\n  %g", "release, align 4\n  %g"),
            ("align 2", "align 1"),
            ("store volatile", "store"),
            ("%b, align 1", "%b, align 2"),
            ("ptr %b,", "ptr %a,"),
            (
                "va_arg ptr %p, i32\n  ret i32 %h",
                "va_arg ptr %p, i64\n  ret i32 0",
            ),
        ],
    );
}

#[test]
fn swifterror_and_address_spaces_of_allocas() {
    check(
        "target datalayout = \"A5\"
declare void @callee(ptr addrspace(5) swifterror)
define void @f() {
  %a = alloca swifterror ptr, align 8, addrspace(5)
  %b = alloca i32, align 4, addrspace(5)
  ret void
}
",
        &[
            ("alloca swifterror ptr", "alloca ptr"),
            ("4, addrspace(5)", "4"),
        ],
    );
}

#[test]
fn calls() {
    check(
        "declare fastcc i32 @callee(ptr, i32)
declare fastcc i32 @other(ptr, i32)
declare i32 @many(ptr, ...)
declare void @token()
define i32 @f(ptr %p, i32 %n) {
  %a = tail call fastcc noundef i32 @callee(ptr nonnull %p, i32 %n) nounwind [ \"deopt\"(i32 1, ptr %p), \"tag\"() ]
  %b = call nnan float @llvm.sqrt.f32(float 2.0)
  %c = call i32 (ptr, ...) @many(ptr %p, i32 1)
  %d = call i32 asm sideeffect \"nop\", \"=r,r\"(i32 %n)
  %e = call i32 %p(ptr @callee)
  call void @token() \"key\"=\"value\"
  ret i32 %a
}
declare float @llvm.sqrt.f32(float)
",
        &[
            ("tail call", "call"),
            ("tail call", "notail call"),
            ("tail call fastcc", "tail call coldcc"),
            ("noundef", ""),
            ("@callee(ptr nonnull", "@other(ptr nonnull"),
            ("nonnull", "readonly"),
            ("nonnull", "dereferenceable(8)"),
            ("nonnull", "byval(i32)"),
            ("i32 %n) nounwind", "i32 5) nounwind"),
            (" nounwind", " willreturn"),
            (" nounwind", ""),
            ("\"deopt\"", "\"other\""),
            ("\"deopt\"(i32 1, ptr %p), \"tag\"()", "\"deopt\"(i32 1), \"tag\"(ptr %p)"),
            (", \"tag\"()", ""),
            ("i32 1, ptr %p), ", "i32 2, ptr %p), "),
            ("nnan", ""),
            ("i32 (ptr, ...) @many", "i32 (ptr, i32) @many"),
            ("i32 (ptr, ...) @many", "i32 (...) @many"),
            ("sideeffect", ""),
            ("sideeffect", "sideeffect alignstack"),
            ("sideeffect", "sideeffect inteldialect"),
            ("sideeffect", "sideeffect unwind"),
            ("\"nop\"", "\"pause\""),
            ("\"=r,r\"", "\"=r,0\""),
            ("call i32 %p(", "call addrspace(0) i32 %p(i32 1, "),
            ("@callee)", "@other)"),
            ("\"key\"=\"value\"", "\"key\"=\"other\""),
            ("%e = call i32 %p(ptr @callee)\n", "%e = call i32 %p(ptr @callee)\n  call void @token()\n"),
        ],
    );
}

#[test]
fn control_flow() {
    check(
        "define i32 @f(i32 %n, i1 %c, ptr %p) {
start:
  switch i32 %n, label %one [
    i32 1, label %two
    i32 2, label %three
  ]
one:
  br i1 %c, label %two, label %three
two:
  %a = phi i32 [ 1, %start ], [ 2, %one ]
  br label %last
three:
  %b = phi i32 [ 3, %start ], [ 4, %one ]
  indirectbr ptr blockaddress(@f, %last), [label %last, label %four]
last:
  %d = phi i32 [ %a, %two ], [ %b, %three ]
  ret i32 %d
four:
  br i1 %c, label %four, label %5
5:
  unreachable
uselistorder label %two, { 1, 0 }
}
",
        &[
            ("i32 1, label %two", "i32 7, label %two"),
            (
                "    i32 1, label %two\n    i32 2, label %three",
                "    i32 2, label %three\n    i32 1, label %two",
            ),
            (
                "br i1 %c, label %two, label %three",
                "br i1 %c, label %three, label %two",
            ),
            (
                "br i1 %c, label %two, label %three",
                "br i1 true, label %two, label %three",
            ),
            ("[ 1, %start ], [ 2, %one ]", "[ 2, %one ], [ 1, %start ]"),
            ("[ 1, %start ]", "[ 9, %start ]"),
            ("[ 1, %start ], [ 2, %one ]", "[ 2, %start ], [ 1, %one ]"),
            ("blockaddress(@f, %last)", "blockaddress(@f, %four)"),
            ("[label %last, label %four]", "[label %four, label %last]"),
            ("[label %last, label %four]", "[label %last]"),
            (
                "[ %a, %two ], [ %b, %three ]",
                "[ %b, %two ], [ %a, %three ]",
            ),
            (
                "start:\n  switch i32 %n, label %one",
                "start:\n  switch i32 %n, label %last",
            ),
            ("label %5\n5:", "label %named\nnamed:"),
            ("uselistorder label %two, { 1, 0 }\n", ""),
            (
                "two:\n  %a = phi i32 [ 1, %start ], [ 2, %one ]\n  br label %last\nthree:\n  %b = phi i32 [ 3, %start ], [ 4, %one ]\n  indirectbr ptr blockaddress(@f, %last), [label %last, label %four]\n",
                "three:\n  %b = phi i32 [ 3, %start ], [ 4, %one ]\n  indirectbr ptr blockaddress(@f, %last), [label %last, label %four]\ntwo:\n  %a = phi i32 [ 1, %start ], [ 2, %one ]\n  br label %last\n",
            ),
        ],
    );
}

#[test]
fn aggregates_and_vectors() {
    check(
        "define <4 x i32> @f(<4 x i32> %v, {i32, [2 x i32]} %a, <vscale x 2 x i32> %s) {
  %b = shufflevector <4 x i32> %v, <4 x i32> poison, <4 x i32> <i32 0, i32 1, i32 2, i32 poison>
  %c = extractvalue {i32, [2 x i32]} %a, 1, 0
  %d = insertvalue {i32, [2 x i32]} %a, i32 %c, 1, 1
  %e = extractelement <4 x i32> %b, i32 1
  %g = insertelement <4 x i32> %b, i32 %e, i32 2
  %h = add <4 x i32> %g, <i32 1, i32 2, i32 3, i32 4>
  %i = add <4 x i32> %h, splat (i32 5)
  %j = insertvalue {ptr, i32} { ptr null, i32 6 }, i32 %c, 1
  ret <4 x i32> %i
}
",
        &[
            ("i32 2, i32 poison>", "i32 3, i32 poison>"),
            ("i32 2, i32 poison>", "i32 2, i32 2>"),
            ("%a, 1, 0", "%a, 1, 1"),
            ("%a, i32 %c, 1, 1", "%a, i32 %c, 1, 0"),
            ("%a, i32 %c, 1, 1", "%a, i32 %c, 0"),
            ("%b, i32 1", "%b, i32 0"),
            ("i32 %e, i32 2", "i32 %e, i32 3"),
            ("i32 3, i32 4>", "i32 4, i32 3>"),
            ("splat (i32 5)", "splat (i32 6)"),
            ("splat (i32 5)", "zeroinitializer"),
            ("ptr null, i32 6", "ptr null, i32 7"),
            ("ptr null, i32 6", "ptr @f, i32 6"),
            ("{ ptr null, i32 6 }", "zeroinitializer"),
            ("<vscale x 2 x i32>", "<2 x i32>"),
        ],
    );
}

#[test]
fn constants() {
    check(
        "@g = external global [8 x i32]
@h = external global [8 x i32]
@t = external thread_local global i32
declare void @callee(...)
define void @f() {
  call void (...) @callee(ptr getelementptr inbounds (i32, ptr @g, i64 1))
  call void (...) @callee(i64 ptrtoint (ptr @g to i64))
  call void (...) @callee(i64 add nuw (i64 ptrtoint (ptr @h to i64), i64 2))
  call void (...) @callee(ptr dso_local_equivalent @callee, ptr no_cfi @callee)
  call void (...) @callee(ptr ptrauth (ptr @g, i32 1, i64 2))
  call void (...) @callee([2 x i8] c\"ab\", [2 x ptr] [ptr @g, ptr null], { ptr, i8 } { ptr @h, i8 1 })
  call void (...) @callee(double 0x7FF8000000000000, i128 170141183460469231731687303715884105727, half 1.0)
  call void (...) @callee(ptr getelementptr inrange(-4, 8) (i8, ptr @g, i64 3), ptr null, ptr addrspace(1) null)
  call void (...) @callee(token none)
  ret void
}
",
        &[
            ("(i32, ptr @g, i64 1)", "(i32, ptr @g, i64 2)"),
            ("(i32, ptr @g, i64 1)", "(i32, ptr @h, i64 1)"),
            ("(i32, ptr @g, i64 1)", "(i16, ptr @g, i64 1)"),
            ("getelementptr inbounds", "getelementptr"),
            ("getelementptr inbounds", "getelementptr nuw"),
            ("ptrtoint (ptr @g to i64)", "ptrtoint (ptr @h to i64)"),
            ("i64 ptrtoint (ptr @g to i64)", "i64 1"),
            ("ptrtoint (ptr @g", "ptrtoaddr (ptr @g"),
            ("add nuw (", "add nsw ("),
            ("add nuw (", "sub nuw ("),
            ("i64 2))", "i64 3))"),
            ("dso_local_equivalent @callee", "@callee"),
            ("dso_local_equivalent", "no_cfi"),
            ("no_cfi ", ""),
            ("i32 1, i64 2)", "i32 2, i64 2)"),
            ("i32 1, i64 2)", "i32 1, i64 3)"),
            ("c\"ab\"", "c\"ac\""),
            ("[ptr @g, ptr null]", "[ptr null, ptr @g]"),
            ("{ ptr @h, i8 1 }", "{ ptr @h, i8 2 }"),
            ("0x7FF8000000000000", "0x7FF8000000000001"),
            ("5727", "5726"),
            ("half 1.0", "half 2.0"),
            ("half 1.0", "float 1.0"),
            ("inrange(-4, 8)", "inrange(-4, 12)"),
            ("inrange(-4, 8) ", ""),
            ("addrspace(1) null", "addrspace(2) null"),
            ("i64 3), ptr null", "i64 3), ptr undef"),
        ],
    );
}

#[test]
fn exceptions() {
    check(
        "@type = external constant ptr
@sort = external constant ptr
declare i32 @personality(...)
declare void @callee()
define void @f() personality ptr @personality {
  invoke void @callee() to label %then unwind label %pad
then:
  ret void
pad:
  %a = landingpad { ptr, i32 } cleanup catch ptr @type filter [1 x ptr] [ptr @sort]
  br i1 true, label %go, label %then
go:
  resume { ptr, i32 } %a
}
",
        &[
            ("cleanup ", ""),
            ("catch ptr @type", "catch ptr @sort"),
            ("catch ptr @type", "catch ptr null"),
            (
                "filter [1 x ptr] [ptr @sort]",
                "filter [1 x ptr] [ptr @type]",
            ),
            ("filter [1 x ptr] [ptr @sort]", "catch ptr @sort"),
            (
                "resume { ptr, i32 } %a",
                "resume { ptr, i32 } zeroinitializer",
            ),
        ],
    );
    check(
        "declare i32 @__CxxFrameHandler3(...)
declare void @callee()
define void @f() personality ptr @__CxxFrameHandler3 {
  invoke void @callee() to label %then unwind label %switch
then:
  ret void
switch:
  %a = catchswitch within none [label %pad, label %two] unwind label %clean
pad:
  %b = catchpad within %a [ptr null, i32 64, ptr null]
  catchret from %b to label %then
two:
  %c = catchpad within %a [ptr null, i32 64, ptr null]
  catchret from %c to label %then
clean:
  %d = cleanuppad within none [i32 1]
  cleanupret from %d unwind to caller
}
",
        &[
            ("[label %pad, label %two]", "[label %two, label %pad]"),
            ("unwind label %clean", "unwind to caller"),
            ("i32 64", "i32 65"),
            ("[i32 1]", "[i32 2]"),
            ("[i32 1]", "[]"),
            ("catchret from %b to label %then", "unreachable"),
        ],
    );
    check(
        "define void @f(i32 %n) {
  callbr void asm sideeffect \"\", \"r,!i,!i\"(i32 %n) to label %one [label %two, label %three]
one:
  ret void
two:
  ret void
three:
  ret void
}
",
        &[
            (
                "to label %one [label %two, label %three]",
                "to label %two [label %one, label %three]",
            ),
            ("[label %two, label %three]", "[label %three, label %two]"),
            ("(i32 %n) to", "(i32 1) to"),
        ],
    );
}

#[test]
fn metadata() {
    check(
        "declare void @llvm.experimental.noalias.scope.decl(metadata)
declare i64 @llvm.read_register.i64(metadata)
declare void @llvm.fake.use(...)
define i32 @f(ptr %p, i1 %c) {
  %a = load i32, ptr %p, !range !0, !noundef !1, !alias.scope !2
  call void @llvm.experimental.noalias.scope.decl(metadata !2)
  %b = call i64 @llvm.read_register.i64(metadata !5)
  br i1 %c, label %x, label %y, !prof !6
x:
  br label %x, !llvm.loop !8
y:
  ret i32 %a
}
!0 = !{i32 0, i32 9}
!1 = !{}
!2 = !{!3}
!3 = distinct !{!3, !4, !\"scope\"}
!4 = distinct !{!4}
!5 = !{!\"rsp\"}
!6 = !{!\"branch_weights\", i32 1, i32 2}
!7 = !{null, ptr @f}
!8 = distinct !{!8, !9}
!9 = !{!\"llvm.loop.mustprogress\", double 1.0, !7}
!10 = !{i32 5}
",
        &[
            (", !range !0", ""),
            (", !noundef !1", ""),
            ("!range !0, !noundef !1", "!noundef !1, !other !0"),
            ("!range !0", "!other !0"),
            ("!alias.scope !2", "!noalias !2"),
            ("!{i32 0, i32 9}", "!{i32 0, i32 8}"),
            ("!{i32 0, i32 9}", "!{i32 0, i32 9, i32 10, i32 11}"),
            ("!\"scope\"", "!\"other\""),
            ("!4 = distinct !{!4}", "!4 = distinct !{!4, !\"domain\"}"),
            ("!8 = distinct !{!8, !9}", "!8 = !{!7, !9}"),
            ("metadata !2", "metadata !10"),
            ("metadata !2", "metadata i32 5"),
            ("metadata !2", "metadata !\"text\""),
            ("\"rsp\"", "\"rbp\""),
            ("i32 1, i32 2", "i32 2, i32 1"),
            (", !prof !6", ""),
            (", !llvm.loop !8", ""),
            ("mustprogress", "unroll.disable"),
            ("double 1.0", "double 2.0"),
            ("null, ptr @f", "null, null"),
            ("!{null, ptr @f}", "!{ptr @f, null}"),
            ("!8 = distinct !{!8, !9}", "!8 = distinct !{!8, !10}"),
        ],
    );
}

const DEBUG: &str = "define void @f(ptr %p, i32 %n) !dbg !5 {
    #dbg_value(i32 %n, !9, !DIExpression(), !12)
    #dbg_declare(ptr %p, !9, !DIExpression(DW_OP_deref), !12)
    #dbg_value(!DIArgList(i32 %n, i32 1), !9, !DIExpression(DW_OP_LLVM_arg, 0, DW_OP_LLVM_arg, 1, DW_OP_plus), !12)
    #dbg_label(!14, !12)
    #dbg_assign(i32 %n, !9, !DIExpression(), !15, ptr %p, !DIExpression(), !12)
  store i32 %n, ptr %p, !dbg !12, !DIAssignID !15
  ret void, !dbg !13
}
!llvm.module.flags = !{!0}
!llvm.dbg.cu = !{!1}
!0 = !{i32 2, !\"Debug Info Version\", i32 3}
!1 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !2, emissionKind: FullDebug)
!2 = !DIFile(filename: \"a.rs\", directory: \"/\")
!3 = !DIBasicType(name: \"i32\", size: 32, encoding: DW_ATE_signed)
!4 = !DISubroutineType(types: !{null, !3})
!5 = distinct !DISubprogram(name: \"f\", scope: !2, file: !2, line: 1, type: !4, scopeLine: 1, spFlags: DISPFlagDefinition, unit: !1)
!6 = distinct !DISubprogram(name: \"g\", scope: !2, file: !2, line: 9, type: !4, scopeLine: 9, spFlags: DISPFlagDefinition, unit: !1)
!7 = distinct !DILexicalBlock(scope: !5, file: !2, line: 2, column: 3)
!8 = !DILexicalBlockFile(scope: !7, file: !2, discriminator: 4)
!9 = !DILocalVariable(name: \"n\", arg: 1, scope: !5, file: !2, line: 5, type: !3, flags: DIFlagArtificial, align: 8)
!10 = !DILocalVariable(name: \"m\", arg: 2, scope: !5, file: !2, line: 5, type: !3)
!11 = distinct !DILocation(line: 6, column: 7, scope: !5)
!12 = !DILocation(line: 8, column: 9, scope: !8)
!13 = !DILocation(line: 10, column: 11, scope: !6, inlinedAt: !11)
!14 = !DILabel(scope: !5, name: \"l\", file: !2, line: 12, column: 13)
!15 = distinct !DIAssignID()
!16 = distinct !DIAssignID()
!17 = !DILocation(line: 14, column: 15, scope: !5)
";

#[test]
fn debug_information() {
    check(
        DEBUG,
        &[
            ("#dbg_value(i32 %n,", "#dbg_value(i32 7,"),
            ("#dbg_value(i32 %n,", "#dbg_value(ptr %p,"),
            ("#dbg_value(i32 %n,", "#dbg_value(!{},"),
            ("#dbg_value(i32 %n, !9", "#dbg_value(i32 %n, !10"),
            (
                "#dbg_value(i32 %n, !9, !DIExpression(), !12)",
                "#dbg_value(i32 %n, !9, !DIExpression(), !17)",
            ),
            (
                "#dbg_value(i32 %n, !9, !DIExpression()",
                "#dbg_value(i32 %n, !9, !DIExpression(DW_OP_stack_value)",
            ),
            ("#dbg_declare", "#dbg_value"),
            ("#dbg_declare", "#dbg_declare_value"),
            (
                "    #dbg_declare(ptr %p, !9, !DIExpression(DW_OP_deref), !12)\n",
                "",
            ),
            ("i32 %n, i32 1)", "i32 %n, i32 2)"),
            ("i32 %n, i32 1)", "i32 1, i32 %n)"),
            (
                "DW_OP_LLVM_arg, 0, DW_OP_LLVM_arg, 1",
                "DW_OP_LLVM_arg, 1, DW_OP_LLVM_arg, 0",
            ),
            ("#dbg_label(!14, !12)", "#dbg_label(!14, !17)"),
            ("#dbg_assign(i32 %n", "#dbg_assign(i32 0"),
            (
                "!DIExpression(), !15, ptr %p, !DIExpression(), !12)",
                "!DIExpression(), !16, ptr %p, !DIExpression(), !12)",
            ),
            ("!15, ptr %p", "!15, ptr null"),
            (
                "ptr %p, !DIExpression(), !12)",
                "ptr %p, !DIExpression(DW_OP_deref), !12)",
            ),
            (", !DIAssignID !15", ""),
            (", !dbg !12, ", ", "),
            (", !dbg !12, ", ", !dbg !13, "),
            ("!dbg !13", "!dbg !12"),
            ("line: 2, column: 3", "line: 3, column: 3"),
            ("line: 2, column: 3", "line: 2, column: 4"),
            ("discriminator: 4", "discriminator: 5"),
            ("name: \"n\"", "name: \"o\""),
            ("arg: 1", "arg: 3"),
            ("line: 5, type: !3, flags", "line: 6, type: !3, flags"),
            ("DIFlagArtificial", "DIFlagObjectPointer"),
            ("align: 8", "align: 16"),
            ("line: 6, column: 7", "line: 7, column: 7"),
            ("line: 6, column: 7", "line: 6, column: 8"),
            ("line: 8, column: 9", "line: 9, column: 9"),
            ("line: 8, column: 9", "line: 8, column: 10"),
            (
                "!DILocation(line: 8, column: 9, scope: !8)",
                "!DILocation(line: 8, column: 9, scope: !7)",
            ),
            (
                "column: 9, scope: !8",
                "column: 9, scope: !8, isImplicitCode: true",
            ),
            (", inlinedAt: !11", ", inlinedAt: !12"),
            (
                "name: \"f\", scope: !2, file: !2, line: 1,",
                "name: \"f\", scope: !2, file: !2, line: 2,",
            ),
            ("name: \"f\", scope", "name: \"h\", scope"),
            ("scopeLine: 1,", "scopeLine: 2,"),
            (
                "scopeLine: 1, spFlags: DISPFlagDefinition",
                "scopeLine: 1, spFlags: DISPFlagDefinition | DISPFlagOptimized",
            ),
            ("scopeLine: 1,", "scopeLine: 1, flags: DIFlagPrototyped,"),
        ],
    );
}

#[test]
fn a_struct_without_a_name_is_numbered_through_the_module() {
    let context = Context::create();
    let module = parse(
        &context,
        "%T = type { i32, i32 }
define ptr @f(ptr %0) {
  %2 = getelementptr %T, ptr %0, i64 1
  ret ptr %2
}
define void @g(ptr sret(%T) %0) {
  ret void
}
",
    );
    let mut fingerprints = Fingerprints::in_place();
    let names = ["f", "g"];
    for name in names {
        let function = module.get_function(name).unwrap();
        let print = fingerprints.of(function);
        assert!(
            print.is_some() && fingerprints.of(function) == print,
            "{name}"
        );
    }
    // Takes names from types, too.
    run(&module, None, Pipeline::Text("strip"), None, None).unwrap();
    for name in names {
        let function = module.get_function(name).unwrap();
        assert!(!Printer::new(&module).print(function).contains("%T"));
        assert_eq!(fingerprints.of(function), None, "{name}");
    }
}

#[test]
fn what_is_in_another_function_is_not_known() {
    let context = Context::create();
    let module = parse(
        &context,
        "define ptr @f() {
  ret ptr blockaddress(@g, %1)
}
define void @g() {
  br label %1
1:
  ret void
}
",
    );
    let function = module.get_function("f").unwrap();
    assert_eq!(Fingerprints::in_place().of(function), None);
}
