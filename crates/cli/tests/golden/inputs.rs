//! Inputs of checks: those that were used can be given again, those that do not fit are refused, and so is
//! what none can be made for.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::run::{check, irad, rows, stdout, transcript};

const INPUTS: &str = "fixtures/numeric/inputs.ll";

rows! { go_round:
    model => ("fixtures/model.ll", "loss", "reverse"),
    single_precision => ("fixtures/single.ll", "squared_norm", "forward"),
    no_debug_info => ("fixtures/shapes.ll", "shapes::mixed_pair", "reverse"),
    raw_pointer => ("fixtures/shapes.ll", "shapes::raw", "reverse"),
    enums => (INPUTS, "areas", "reverse"),
    enum_without_fields => (INPUTS, "polygon", "forward"),
    options => (INPUTS, "maybe_twice", "reverse"),
    options_of_references => (INPUTS, "maybe_slices", "reverse"),
    boxes => (INPUTS, "inputs::list", "reverse"),
    structs => (INPUTS, "inputs::model", "reverse"),
    text => (INPUTS, "inputs::text", "reverse"),
    plain => (INPUTS, "plain", "forward"),
    wide => (INPUTS, "wide", "reverse"),
    cells => (INPUTS, "cells", "reverse"),
    shared => (INPUTS, "inputs::shared", "forward"),
    tail => (INPUTS, "tailed", "reverse"),
    changed => (INPUTS, "changed", "reverse"),
    results => (INPUTS, "returned_either", "reverse"),
}

/// What `--show-inputs` prints is what was used, and a check of that compares the same numbers.
fn go_round(_: &str, (file, function, mode): (&str, &str, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("inputs.json");
    let which = ["check", file, "--fn", function, "--mode", mode];
    let document = |more: &[&str]| -> Value {
        let output = irad(&[&which[..], more, &["--json"]].concat())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let shown = irad(&[&which[..], &["--points", "12", "--show-inputs"]].concat())
        .output()
        .unwrap();
    assert_eq!(shown.status.code(), Some(0), "{shown:?}");
    fs::write(&inputs, &shown.stdout).unwrap();
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let first = document(&["--points", "12"]);
    assert_eq!(shown, first["inputs"]);
    let second = document(&["--inputs", inputs.to_str().unwrap()]);
    for key in ["inputs", "points", "differences", "cross", "blocks"] {
        assert_eq!(first[key], second[key], "{key}");
    }
}

/// Each variant has its turn, and is written as serde writes it.
#[test]
fn points_take_variants_in_turn() {
    let arguments = ["check", INPUTS, "--fn", "inputs::area", "--mode", "reverse"];
    let output = irad(&[&arguments[..], &["--show-inputs", "--points", "4"]].concat())
        .output()
        .unwrap();
    let points: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |point: &Value| match &point["s"] {
        Value::String(name) => name.clone(),
        Value::Object(fields) => fields.keys().next().unwrap().clone(),
        other => panic!("{other}"),
    };
    let mut names: Vec<String> = points.as_array().unwrap().iter().map(name).collect();
    names.sort();
    assert_eq!(names, ["Circle", "Empty", "Rect", "Ring"]);
}

/// Parameters are told by the names of their fields.
#[test]
fn tables_name_fields() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("inputs.json");
    let point = json!({"p": {
        "name": "abc", "unit": "Mile", "c": [0.5, 2, 3],
        "corners": [{"x": 1, "y": 2}, [3, 4], {"x": 0.25}],
    }});
    fs::write(&inputs, point.to_string()).unwrap();
    let arguments = [
        "check", INPUTS, "--fn", "polygon", "--mode", "reverse", "--inputs",
    ];
    let output = irad(&arguments)
        .arg(&inputs)
        .arg("--json")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["points"], 1);
    let used = &document["inputs"][0]["p"];
    assert_eq!(used["corners"][1], json!({"x": 3.0, "y": 4.0}));
    assert!(used["corners"][2]["y"].is_f64(), "{used}");
    let worst = document["differences"][0]["worst"]["place"]
        .as_str()
        .unwrap();
    assert!(
        worst.starts_with("p.c[") || worst.starts_with("p.corners["),
        "{worst}"
    );
}

/// What does not fit says what its place takes.
#[test]
fn what_does_not_fit_is_refused() {
    let cases: [(&str, Value, &str); 12] = [
        (
            "inputs::area",
            json!({"s": "Square"}),
            "s takes a variant: Circle, Rect, Ring, Empty",
        ),
        (
            "inputs::area",
            json!({"s": {"Empty": 1}}),
            "s.Empty takes no fields",
        ),
        (
            "inputs::area",
            json!({"s": {"Rect": [1]}}),
            "s.Rect takes a list of 2",
        ),
        (
            "inputs::area",
            json!({"s": {"Ring": {"radius": 1}}}),
            "s.Ring takes an object with the fields inner, outer",
        ),
        (
            "inputs::matvec",
            json!({"a": [1, 2]}),
            "a[0] takes a list, and 1 is given",
        ),
        (
            "inputs::polygon",
            json!({"p": {"c": [1, 2]}}),
            "p.c takes a list of 3, and a list of 2",
        ),
        (
            "inputs::polygon",
            json!({"p": {"unit": 3}}),
            "p.unit takes a variant: Metre, Foot, Mile",
        ),
        (
            "inputs::polygon",
            json!({"p": {"name": 3}}),
            "p.name takes text, and 3 is given",
        ),
        (
            "inputs::maybe_index",
            json!({"k": -1}),
            "k takes an integer (u64), and -1 is given",
        ),
        (
            "inputs::plain",
            json!({"square": 2}),
            "square takes true or false",
        ),
        (
            "inputs::plain",
            json!({"c": "no"}),
            "c takes text of one character",
        ),
        (
            "inputs::maybe",
            json!({"v": "one"}),
            "v takes a number, \"NaN\", \"inf\" or \"-inf\"",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("inputs.json");
    for (function, point, wanted) in cases {
        fs::write(&inputs, point.to_string()).unwrap();
        let output = irad(&["check", INPUTS, "--fn", function, "--mode", "reverse"])
            .arg("--inputs")
            .arg(&inputs)
            .output()
            .unwrap();
        let text = stdout(&output) + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{point}: {text}");
        assert!(text.contains(wanted), "{point}: {text}");
    }
}

const UNMAKEABLE: &str = "
    use std::collections::{BTreeMap, HashMap};
    #[no_mangle] pub fn passed(f: fn(f64) -> f64, x: f64) -> f64 { f(x) }
    #[no_mangle] pub fn mapped(m: &HashMap<u32, f64>, x: f64) -> f64 { m.len() as f64 * x }
    pub struct Table { pub scale: f64, pub rows: Vec<BTreeMap<u32, f64>> }
    #[no_mangle] pub fn tabled(t: &Table, x: f64) -> f64 { t.rows.len() as f64 * t.scale * x }
    #[derive(Clone, Copy)] pub union Bits { pub float: f64, pub word: u64 }
    #[no_mangle] pub fn united(b: &[Bits; 2], x: f64) -> f64 { unsafe { b[0].float * x } }
    pub struct Cached { pub scale: f64, pub cache: Option<HashMap<u32, f64>> }
    #[no_mangle] pub fn cached(c: &Cached, x: f64) -> f64 {
        c.cache.as_ref().map_or(1.0, |cache| cache.len() as f64) * c.scale * x
    }
";

fn compile(folder: &Path, name: &str, source: &str, flags: &[&str]) {
    let file = folder.join(format!("{name}.rs"));
    fs::write(&file, source).unwrap();
    let built = Command::new("rustc")
        .args([
            "--emit=llvm-ir",
            "--crate-type=lib",
            "--edition=2021",
            "-Copt-level=3",
        ])
        .args([
            "-Cno-prepopulate-passes",
            "-Cpanic=abort",
            "-Ccodegen-units=1",
        ])
        .args(flags)
        .arg("-o")
        .arg(folder.join(format!("{name}.ll")))
        .arg(&file)
        .status()
        .unwrap();
    assert!(built.success());
}

/// Where no inputs can be made up, irad says why, and suggests nothing that does not help.
#[test]
fn what_cannot_be_made_up_is_said() {
    let folder = tempfile::tempdir().unwrap();
    compile(folder.path(), "unmakeable", UNMAKEABLE, &["-Cdebuginfo=2"]);
    let mut all = String::new();
    for function in ["passed", "mapped", "tabled", "united"] {
        let output = irad(&[
            "check",
            "unmakeable.ll",
            "--fn",
            function,
            "--mode",
            "reverse",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
        assert_eq!(output.status.code(), Some(2), "{function}");
        all += &format!(
            "--- {function}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(
        !all.contains("--sig") && !all.contains("debuginfo"),
        "{all}"
    );
    check("check_unmakeable", &all);
    // What may be none can be that.
    let output = irad(&[
        "check",
        "unmakeable.ll",
        "--fn",
        "cached",
        "--mode",
        "reverse",
    ])
    .args(["--show-inputs", "--points", "2"])
    .current_dir(folder.path())
    .output()
    .unwrap();
    let points: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(points[0]["c"]["cache"], Value::Null, "{points}");
}

/// Without debug info a type can be stated, and then there are inputs.
#[test]
fn stated_types_have_inputs() {
    let without = [
        "check",
        "fixtures/shapes.ll",
        "--fn",
        "shapes::vector",
        "--mode",
        "reverse",
    ];
    let text = transcript(&without);
    assert!(text.contains("state the types with --sig"), "{text}");
    let stated = [&without[..], &["--sig", "(x: &Vec<f64>) -> f64"]].concat();
    let text = transcript(&stated);
    assert!(text.contains("check passed"), "{text}");
}
