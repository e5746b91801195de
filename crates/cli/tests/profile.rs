//! `irad profile` counts what programs with known counts do, and its parts add up to the whole.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

#[track_caller]
fn profile(arguments: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .arg("profile")
        .args(arguments.split_whitespace())
        .args(["--json", "--no-check"])
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn number(document: &Value, pointer: &str) -> u64 {
    let found = document.pointer(pointer).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no number at {pointer}"))
}

/// `(tanh(Σ wᵢ xᵢ) - y)²`: a multiplication and an addition for each element, and three operations more.
#[test]
fn operations_of_a_function_are_those_of_its_source() {
    for n in [1, 10, 1000] {
        let document = profile(&format!(
            "fixtures/model.ll --fn loss --mode reverse --len w={n},x={n} --no-times"
        ));
        assert_eq!(number(&document, "/primal/cost/operations"), 2 * n + 3);
        assert_eq!(number(&document, "/primal/cost/loaded"), 16 * n);
        assert_eq!(number(&document, "/primal/cost/stored"), 0);
        // Each adjoint is loaded, added to and stored.
        assert_eq!(number(&document, "/roles/adjoint/stored"), 16 * n);
        assert_eq!(number(&document, "/tape"), 0);
        assert_eq!(number(&document, "/derivative/heap/blocks"), 0);
    }
}

/// All parts of a list of objects, added up.
fn sum(list: &Value, pointer: &str) -> u64 {
    let all = list.as_array().unwrap().iter();
    all.map(|one| number(one, pointer)).sum()
}

#[test]
fn parts_add_up_to_the_whole() {
    for arguments in [
        "fixtures/debuginfo.ll --fn loss --mode reverse",
        "fixtures/numeric/attention.ll --fn attention --mode reverse",
        "fixtures/softmax.ll --fn cross_entropy --mode forward",
        "fixtures/alloc_vec.ll --fn sum_of_squares --mode reverse",
        "fixtures/recursion.ll --fn horner --mode reverse",
    ] {
        let document = profile(&format!("{arguments} --no-times"));
        for what in [
            "instructions",
            "operations",
            "loaded",
            "stored",
            "calls",
            "allocated",
        ] {
            let whole = number(&document, &format!("/derivative/cost/{what}"));
            let roles = document["roles"].as_object().unwrap().values();
            let of_roles: u64 = roles.map(|role| number(role, &format!("/{what}"))).sum();
            assert_eq!(of_roles, whole, "{arguments}: {what}");
            for parts in ["by_source", "by_primal"] {
                for side in ["primal", "derivative"] {
                    let of_parts = sum(&document[parts], &format!("/{side}/{what}"));
                    let whole = number(&document, &format!("/{side}/cost/{what}"));
                    assert_eq!(of_parts, whole, "{arguments}: {what} of {side} {parts}");
                }
            }
            let of_functions = sum(
                &document["derivative"]["functions"],
                &format!("/cost/{what}"),
            );
            assert_eq!(of_functions, whole, "{arguments}: {what} of functions");
        }
        assert_eq!(
            sum(&document["by_source"], "/kept"),
            number(&document, "/tape")
        );
    }
}

/// A derivative in reverse mode that keeps a value in each of n² iterations, in memory that the allocator gave for it.
#[test]
fn the_tape_is_what_the_allocator_gave_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("kept.rs");
    let text = "pub fn kept(x: &[f64], n: usize) -> f64 {
    let mut s = 0.5;
    for i in 0..n {
        for j in 0..n {
            s = (s * x[i]).sin() + x[j] * s;
        }
    }
    s
}
";
    std::fs::write(&source, text).unwrap();
    let source = source.display();
    let document = profile(&format!(
        "{source} --fn kept --mode reverse --len x=30 --range n=30..30 --no-times"
    ));
    assert_eq!(number(&document, "/tape"), 8 * 30 * 30);
    assert_eq!(number(&document, "/derivative/heap/peak"), 8 * 30 * 30);
    assert_eq!(number(&document, "/roles/cache/loaded"), 8 * 30 * 30);
    let lines = document["by_source"].as_array().unwrap();
    let keeps = lines.iter().find(|line| number(line, "/kept") > 0).unwrap();
    assert_eq!(keeps["needed_by"][0]["line"], 5);
}

/// What a function keeps that is called says why, as what the function itself keeps does.
#[test]
fn what_is_kept_in_a_called_function_has_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("twice.rs");
    let text = "#[inline(never)]
fn square(x: &mut [f64]) {
    for v in x.iter_mut() {
        *v = (*v * *v).sin();
    }
}
pub fn twice(x: &mut [f64]) -> f64 {
    square(x);
    square(x);
    x.iter().sum()
}
";
    std::fs::write(&source, text).unwrap();
    let document = profile(&format!(
        "{} --fn twice --mode reverse --len x=20 --no-times",
        source.display()
    ));
    let lines = document["by_source"].as_array().unwrap();
    let line = lines.iter().find(|one| one["source"]["line"] == 4).unwrap();
    assert_eq!(number(line, "/kept"), 2 * 8 * 20);
    let because = line["because"].to_string();
    assert!(
        because.contains("overwritten before the reverse sweep"),
        "{because}"
    );
    assert_eq!(line["needed_by"][0]["line"], 4);
}

#[test]
fn growth_follows_its_law() {
    let document = profile(
        "fixtures/alloc_vec.ll --fn sum_of_squares --mode reverse --sweep x=10,100,1000 --no-times",
    );
    let growth = &document["growth"];
    assert_eq!(growth["sizes"], serde_json::json!([10, 100, 1000]));
    assert_eq!(growth["operations"]["power"], 1.0);
    assert_eq!(growth["primal_peak"]["factor"], 8.0);
    let numbers = growth["primal_operations"]["numbers"].as_array().unwrap();
    let per_element = numbers[2].as_u64().unwrap() - numbers[1].as_u64().unwrap();
    assert_eq!(per_element % 900, 0);
}

/// Counts are the same each time, and times are those of runs that ended.
#[test]
fn times_stand_beside_counts() {
    let arguments = "fixtures/model.ll --fn loss --mode reverse --len w=2000,x=2000";
    let (first, second) = (profile(arguments), profile(arguments));
    assert_eq!(first["derivative"], second["derivative"]);
    assert_eq!(first["by_primal"], second["by_primal"]);
    let times = &first["times"];
    let turns = times["primal"].as_array().unwrap();
    assert_eq!(turns.len(), times["derivative"].as_array().unwrap().len());
    assert!(turns.iter().all(|one| one.as_u64().unwrap() > 0));
}

/// What somebody wrote by hand is timed beside the derivative, and called what check says of it.
#[test]
fn a_function_by_hand_is_timed() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("layer.rs");
    let text = "pub fn layer(x: &[f64], w: f64) -> f64 {
    x.iter().map(|x| (x * w).tanh()).sum()
}
pub fn layer_backward(x: &[f64], w: f64, dx: &mut [f64], dw: &mut f64) {
    for i in 0..x.len() {
        let t = (x[i] * w).tanh();
        dx[i] += (1.0 - t * t) * w;
        *dw += (1.0 - t * t) * x[i];
    }
}
";
    std::fs::write(&source, text).unwrap();
    let document = profile(&format!(
        "{} --fn layer --mode reverse --len x=500 --manual layer_backward",
        source.display()
    ));
    let times = &document["times"];
    let turns = |of: &str| times[of].as_array().unwrap().len();
    assert_eq!(turns("by_hand"), turns("derivative"));
    // 500 hyperbolic tangents take longer than a call.
    let median = times["median"]["by_hand"].as_f64().unwrap();
    assert!(
        median > 0.05 * times["median"]["primal"].as_f64().unwrap(),
        "{times}"
    );
}

#[test]
fn what_frees_its_inputs_is_not_timed() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("owned.rs");
    let text = "pub fn owned(x: Vec<f64>) -> f64 {
    x.iter().map(|one| one * one).sum()
}
";
    std::fs::write(&source, text).unwrap();
    let document = profile(&format!("{} --fn owned --mode forward", source.display()));
    assert_eq!(document["times"], Value::Null);
    // Behind a reference, a `Vec` is there for the next call.
    let text = "pub fn lent(x: &Vec<f64>) -> f64 {
    x.iter().map(|one| one * one).sum()
}
";
    let lent = folder.path().join("lent.rs");
    std::fs::write(&lent, text).unwrap();
    let timed = profile(&format!("{} --fn lent --mode forward", lent.display()));
    assert!(timed["times"]["median"]["primal"].as_f64().unwrap() > 0.0);
    assert!(number(&document, "/primal/cost/operations") > 0);
}

#[test]
fn stacks_add_up_to_the_instructions() {
    let arguments = "fixtures/debuginfo.ll --fn loss --mode reverse";
    let document = profile(&format!("{arguments} --no-times"));
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .arg("profile")
        .args(arguments.split_whitespace())
        .args(["--folded", "--no-check"])
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let of = |root: &str| -> u64 {
        let lines = text.lines().filter(|line| line.starts_with(root));
        let numbers = lines.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap());
        numbers.sum()
    };
    assert_eq!(
        of("primal;"),
        number(&document, "/primal/cost/instructions")
    );
    assert_eq!(
        of("derivative;"),
        number(&document, "/derivative/cost/instructions")
    );
}
