//! Passes are reported by their names, with the unit that they ran on, whatever becomes of it.

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::Module;
use llvm_shim::{Pipeline, Printer, Tuning, UnitKind, pass_names, references, run};

/// One report, with everything owned.
#[derive(Clone, Debug)]
struct Report {
    class: String,
    name: String,
    kind: UnitKind,
    unit: String,
    functions: Vec<String>,
    preserved_all: bool,
    invalidated: bool,
}

fn parse<'c>(context: &'c Context, text: &str) -> Module<'c> {
    let buffer = MemoryBuffer::create_from_memory_range_copy(text.as_bytes(), "test");
    context.create_module_from_ir(buffer).unwrap()
}

fn watch(text: &str, pipeline: &str) -> Vec<Report> {
    let context = Context::create();
    let module = parse(&context, text);
    let mut reports = Vec::new();
    let mut observer = |pass: &llvm_shim::Pass<'_>| {
        reports.push(Report {
            class: pass.class_name.to_owned(),
            name: pass.pipeline_name.to_owned(),
            kind: pass.unit_kind,
            unit: pass.unit_name.to_owned(),
            functions: pass.functions.clone(),
            preserved_all: pass.preserved_all,
            invalidated: pass.invalidated,
        });
    };
    run(
        &module,
        None,
        Pipeline::Text(pipeline),
        None,
        Some(&mut observer),
    )
    .unwrap();
    reports
}

const CALLS: &str = "
define internal i32 @inner(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}
define i32 @outer() {
  %a = alloca i32
  store i32 7, ptr %a
  %r = call i32 @inner(ptr %a)
  ret i32 %r
}
";

const LOOPS: &str = "
define i32 @f(i32 %n) {
entry:
  br label %outer
outer:
  %i = phi i32 [ 0, %entry ], [ %i.next, %latch ]
  br label %inner
inner:
  %j = phi i32 [ 0, %outer ], [ %j.next, %inner ]
  %j.next = add i32 %j, 1
  %c = icmp ult i32 %j.next, %n
  br i1 %c, label %inner, label %latch
latch:
  %i.next = add i32 %i, 1
  %d = icmp ult i32 %i.next, %n
  br i1 %d, label %outer, label %exit
exit:
  ret i32 %n
}
";

#[test]
fn function_passes_are_named_and_managers_are_not_passes() {
    let reports = watch(CALLS, "function(sroa,instcombine)");
    let seen: Vec<(&str, &str, &str)> = reports
        .iter()
        .map(|r| (r.class.as_str(), r.name.as_str(), r.unit.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("SROAPass", "sroa", "inner"),
            ("InstCombinePass", "instcombine", "inner"),
            ("SROAPass", "sroa", "outer"),
            ("InstCombinePass", "instcombine", "outer"),
        ]
    );
    assert!(reports.iter().all(|r| r.kind == UnitKind::Function));
    // Nothing to do for the first, a load through a parameter stays.
    assert!(reports[0].preserved_all && !reports[0].invalidated);
}

#[test]
fn an_scc_pass_names_its_functions() {
    let reports = watch(CALLS, "cgscc(inline)");
    let inner = reports.iter().find(|r| r.unit == "inner").unwrap();
    assert_eq!(inner.kind, UnitKind::Scc);
    // It replaced nothing, so that its callers are as they were.
    assert_eq!(inner.functions, ["inner"]);
    let outer = reports.iter().find(|r| r.unit == "outer").unwrap();
    assert!(!outer.preserved_all);
}

#[test]
fn a_promoted_argument_replaces_its_function_and_rewrites_callers() {
    // The pass makes a new @inner and deletes the old one, which was its unit.
    let reports = watch(CALLS, "cgscc(argpromotion)");
    let inner = reports.iter().find(|r| r.unit == "inner").unwrap();
    assert_eq!(inner.class, "ArgumentPromotionPass");
    assert!(!inner.preserved_all);
    assert!(inner.functions.contains(&"outer".to_owned()), "{inner:?}");
}

#[test]
fn a_loop_that_is_deleted_is_reported_under_its_own_name() {
    let reports = watch(LOOPS, "function(loop(loop-deletion))");
    let inner = reports.iter().find(|r| r.unit == "f:inner").unwrap();
    assert_eq!(inner.kind, UnitKind::Loop);
    assert_eq!(inner.functions, ["f"]);
    assert!(inner.invalidated && !inner.preserved_all, "{inner:?}");
    assert!(reports.iter().any(|r| r.unit == "f:outer"));
}

#[test]
fn a_loop_without_a_name_has_the_number_that_is_printed() {
    let text = "
define i32 @f(i32 %0, i32 %n) {
  br label %2
2:
  %i = phi i32 [ 0, %1 ], [ %4, %inner ]
  %3 = mul i32 %i, 3
  call void @g()
  %4 = add i32 %3, 1
  br label %inner
inner:
  %5 = icmp ult i32 %4, %n
  br i1 %5, label %2, label %6
6:
  br label %7
7:
  %j = phi i32 [ 0, %6 ], [ %8, %7 ]
  %8 = add i32 %j, 1
  %9 = icmp ult i32 %8, %0
  br i1 %9, label %7, label %10
10:
  ret i32 %8
}
declare void @g()
";
    let reports = watch(text, "function(loop(no-op-loop))");
    let mut units: Vec<&str> = reports
        .iter()
        .filter(|report| report.kind == UnitKind::Loop)
        .map(|report| report.unit.as_str())
        .collect();
    units.sort_unstable();
    assert_eq!(units, ["f:%2", "f:%7"]);
}

#[test]
fn module_passes_run_on_the_module() {
    let reports = watch(CALLS, "globaldce");
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].kind, UnitKind::Module);
    assert_eq!(reports[0].unit, "module");
}

#[test]
fn nested_managers_do_not_confuse_units() {
    let reports = watch(
        LOOPS,
        "cgscc(devirt<2>(function(sroa,loop-mssa(licm)),inline)),function(gvn)",
    );
    for report in &reports {
        let expected = match report.kind {
            UnitKind::Loop => report.unit.starts_with("f:"),
            UnitKind::Module => report.unit == "module",
            _ => report.unit == "f",
        };
        assert!(expected, "{report:?}");
    }
    let licm: Vec<&str> = reports
        .iter()
        .filter(|r| r.name == "licm")
        .map(|r| r.unit.as_str())
        .collect();
    assert_eq!(licm, ["f:inner", "f:outer"]);
}

/// The passes of a pipeline, by their classes.
fn ran(pipeline: Pipeline<'_>) -> Vec<String> {
    let context = Context::create();
    let module = parse(&context, LOOPS);
    let mut names = Vec::new();
    let mut observer = |pass: &llvm_shim::Pass<'_>| names.push(pass.class_name.to_owned());
    run(&module, None, pipeline, None, Some(&mut observer)).unwrap();
    names
}

#[test]
fn link_time_pipelines_are_pipelines_of_their_own() {
    let one = ran(Pipeline::Default(3, Tuning::READABLE));
    let link = ran(Pipeline::AtLinkTime(3, Tuning::READABLE));
    let both = ran(Pipeline::BeforeAndAtLinkTime(3, Tuning::READABLE));
    let whole = "WholeProgramDevirtPass".to_owned();
    assert!(!one.contains(&whole) && link.contains(&whole) && both.contains(&whole));
    // What runs before is not empty, and what runs then ends with the same passes.
    assert!(both.len() > link.len());
    assert_eq!(both.last(), link.last());
    let slp = |names: &[String]| names.iter().any(|name| name == "SLPVectorizerPass");
    assert!(!slp(&both));
    assert!(slp(&ran(Pipeline::AtLinkTime(3, Tuning::FULL))));
}

#[test]
fn tuning_reaches_the_default_pipelines() {
    let ran = |tuning: Tuning| ran(Pipeline::Default(2, tuning));
    let slp = |names: &[String]| names.iter().any(|name| name == "SLPVectorizerPass");
    let merge = |names: &[String]| names.iter().any(|name| name == "MergeFunctionsPass");
    assert!(slp(&ran(Tuning::FULL)));
    assert!(!slp(&ran(Tuning::READABLE)));
    assert!(!merge(&ran(Tuning::FULL)));
    assert!(merge(&ran(Tuning {
        merge_functions: true,
        ..Tuning::FULL
    })));
    // Verifying after every pass finds nothing wrong here, and is no pass itself.
    let verified = ran(Tuning {
        verify_each: true,
        ..Tuning::READABLE
    });
    assert_eq!(verified, ran(Tuning::READABLE));
}

#[test]
fn a_pipeline_that_does_not_parse_runs_nothing() {
    let context = Context::create();
    let module = parse(&context, CALLS);
    let error = run(&module, None, Pipeline::Text("sroa,nope"), None, None).unwrap_err();
    assert!(error.to_string().contains("nope"), "{error}");
    assert!(pass_names().iter().any(|name| name.starts_with("sroa")));
}

#[test]
fn prints_hold_what_numbers_stand_for() {
    let context = Context::create();
    let module = parse(
        &context,
        "define double @f(ptr %p) #0 {\n  %v = load double, ptr %p, !a !0\n  %r = call double @g(double %v) #1\n  ret double %r\n}\ndeclare double @g(double)\nattributes #0 = { nounwind \"k\"=\"#1\" }\nattributes #1 = { memory(none) }\n!0 = !{!1}\n!1 = distinct !{i64 5}\n",
    );
    let mut printer = Printer::new(&module);
    let function = module.get_function("f").unwrap();
    let text = printer.print(function);
    assert_eq!(
        text,
        "define double @f(ptr %p) nounwind \"k\"=\"#1\" {\n  %v = load double, ptr %p, align 8, !a !0\n  %r = call double @g(double %v) memory(none)\n  ret double %r\n}\n!0 = !{!1}\n!1 = distinct !{i64 5}\n"
    );
    assert_eq!(printer.print(function), text);
    let names: Vec<String> = references(function)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["g"]);
}
