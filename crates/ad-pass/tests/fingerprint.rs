//! Over real code, its derivatives, and every pass of the pipelines: a function whose text has changed has
//! another fingerprint.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use ad_pass::{Options, Recorder};
use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::FunctionValue;
use ir_load::{Index, slice};
use llvm_shim::{Fingerprint, Fingerprints, Pass, Pipeline, Printer, Tuning, UnitKind};
use trace::{AdOptions, Mode, Watch};

/// How many functions were looked at after a pass.
#[derive(Default)]
struct Counts {
    /// Their texts had changed.
    changed: usize,
    /// Neither text nor fingerprint had.
    same: usize,
    /// The fingerprint had changed for nothing, or there was none.
    needless: usize,
}

impl Counts {
    fn tell(&self, stage: &str) {
        let Counts {
            changed,
            same,
            needless,
        } = self;
        println!("{stage}: {changed} changed, {same} same, {needless} needless");
    }
}

fn has_body(function: &FunctionValue<'_>) -> bool {
    function.count_basic_blocks() > 0
}

fn name(function: FunctionValue<'_>) -> String {
    function.get_name().to_string_lossy().into_owned()
}

/// Runs a pipeline, and looks at each function that a pass may have touched.
fn watch(module: &Module<'_>, pipeline: Pipeline<'_>, origin: &str, counts: &mut Counts) {
    let mut printer = Printer::new(module);
    let mut fingerprints = Fingerprints::in_place();
    let mut seen: HashMap<String, (String, Option<Fingerprint>)> = HashMap::new();
    let mut look = |function: FunctionValue<'_>, pass: &str| {
        let now = (printer.print(function), fingerprints.of(function));
        let Some((text, fingerprint)) = seen.insert(name(function), now.clone()) else {
            return;
        };
        match (text == now.0, fingerprint == now.1 && now.1.is_some()) {
            (true, true) => counts.same += 1,
            (true, false) => counts.needless += 1,
            (false, false) => counts.changed += 1,
            (false, true) => panic!(
                "after {pass} the fingerprint of {} is still what it was, in {origin}:\n{text}\n{}",
                name(function),
                now.0
            ),
        }
    };
    for function in module.get_functions().filter(has_body) {
        look(function, "nothing");
    }
    let mut observer = |pass: &Pass<'_>| {
        if pass.unit_kind == UnitKind::Module {
            for function in module.get_functions().filter(has_body) {
                look(function, pass.class_name);
            }
            return;
        }
        for name in &pass.functions {
            if let Some(function) = module.get_function(name).filter(has_body) {
                look(function, pass.class_name);
            }
        }
    };
    llvm_shim::run(module, None, pipeline, None, Some(&mut observer)).unwrap();
}

/// The variable that holds what [`one_function`] is to look at: a file, a symbol, and which pipelines.
const CASE: &str = "IRAD_FINGERPRINT_CASE";

/// Prepares, differentiates and cleans up as irad does. Some refusals of Enzyme end the process, so that this
/// has one of its own.
#[test]
fn one_function() {
    let Ok(case) = env::var(CASE) else { return };
    let mut parts = case.splitn(3, '\t');
    let mut part = || parts.next().unwrap();
    let (at, file, symbol): (usize, _, _) = (part().parse().unwrap(), part(), part());
    let before = [
        Pipeline::Default(2, Tuning::READABLE),
        Pipeline::Default(3, Tuning::FULL),
        Pipeline::BeforeAndAtLinkTime(3, Tuning::READABLE),
    ];
    let merging = Tuning {
        merge_functions: true,
        ..Tuning::FULL
    };
    let after = [
        Pipeline::Default(2, Tuning::READABLE),
        Pipeline::Default(3, Tuning::FULL),
        Pipeline::AtLinkTime(3, merging),
    ];
    let mode = [Mode::Reverse, Mode::Forward][at % 2];
    let context = Context::create();
    // What it reaches, as irad's front cuts it out: files hold hundreds of others.
    let whole = fs::read(file).unwrap();
    let text = slice(&Index::of(&whole), &[symbol]).unwrap().text;
    let module = ad_pass::load(&context, &text, file).unwrap();
    llvm_shim::keep(&module, module.get_function(symbol).unwrap());
    let mut counts = Counts::default();
    watch(&module, before[at % before.len()], file, &mut counts);
    counts.tell("primal");
    let options = Options {
        stands_alone: false,
        function: symbol.to_owned(),
        ad: AdOptions {
            prepare: trace::Pipeline::None,
            cleanup: trace::Pipeline::None,
            ..AdOptions::new(mode)
        },
        watch: Watch::Points,
    };
    if ad_pass::differentiate(&module, &options, &Recorder::new(io::sink())).is_ok() {
        let mut counts = Counts::default();
        watch(&module, after[at % after.len()], file, &mut counts);
        counts.tell("derivative");
    }
}

/// Every function of the fixtures, by file and symbol.
fn functions() -> Vec<(String, String)> {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");
    let mut found = Vec::new();
    for folder in [fixtures.to_owned(), format!("{fixtures}/numeric")] {
        let entries = fs::read_dir(folder).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|ending| ending == "ll"));
        files.sort();
        for file in files {
            let text = fs::read(&file).unwrap();
            let file = file.display().to_string();
            let context = Context::create();
            let module = ad_pass::load(&context, &text, &file).unwrap();
            for function in module.get_functions().filter(has_body) {
                found.push((file.clone(), name(function)));
            }
        }
    }
    found
}

#[test]
fn a_function_that_changes_has_another_fingerprint() {
    let takes_all = env::var_os("IRAD_TESTS").is_some_and(|tests| tests == "all");
    let stride = if takes_all { 1 } else { 20 };
    let mut totals: HashMap<String, usize> = HashMap::new();
    for (at, (file, symbol)) in functions().iter().step_by(stride).enumerate() {
        let case = format!("{at}\t{file}\t{symbol}");
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "one_function", "--nocapture"])
            .env(CASE, &case)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("primal: "),
            "{case}\n{said}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        for words in said.lines().filter_map(|line| line.split_once(": ")) {
            for count in words.1.split(", ") {
                let Some((number, what)) = count.split_once(' ') else {
                    continue;
                };
                let Ok(number) = number.parse::<usize>() else {
                    continue;
                };
                *totals.entry(format!("{} {what}", words.0)).or_default() += number;
            }
        }
    }
    println!("{totals:#?}");
    for stage in ["primal", "derivative"] {
        let total = |what: &str| totals.get(&format!("{stage} {what}")).copied().unwrap_or(0);
        assert!(total("changed") > 100, "{totals:?}");
        // Else it saves little.
        assert!(total("needless") * 10 < total("same"), "{totals:?}");
    }
}
