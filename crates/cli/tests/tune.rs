//! `irad tune` finds what makes a derivative cheaper, and passes over what makes it wrong.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[track_caller]
fn tune(arguments: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .arg("tune")
        .args(arguments.split_whitespace())
        .args(["--mode", "reverse", "--no-times", "--json"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn trial<'a>(document: &'a Value, flags: &[&str]) -> &'a Value {
    let trials = document["trials"].as_array().unwrap();
    let flags = serde_json::json!(flags);
    let found = trials.iter().find(|trial| trial["flags"] == flags);
    found.unwrap_or_else(|| panic!("{flags} was not tried"))
}

/// Layers that pass raw pointers into one buffer: loads and stores of different tensors stand in each other's way.
#[test]
fn a_promise_that_helps_is_found_and_named() {
    let document = tune("fixtures/promise.ll --fn apart");
    let best = document["best"].as_u64().unwrap() as usize;
    let best = &document["trials"][best];
    let flags = best["flags"].as_array().unwrap();
    let at = flags.iter().position(|flag| flag == "--noalias").unwrap();
    let changes = best["changes"].as_array().unwrap();
    let promised = changes.iter().find(|one| one["flags"][0] == flags[at]);
    assert!(promised.unwrap()["promise"].is_string());
    assert!(best["command"].as_str().unwrap().contains("--noalias '*'"));
    let instructions = |trial: &Value| trial["cost"]["instructions"].as_u64().unwrap();
    assert!(instructions(best) < instructions(trial(&document, &[])));
    // Inlined, the layers need no promise for a part of it.
    let safe = document["best_safe"].as_u64().unwrap() as usize;
    let safe = &document["trials"][safe];
    assert_eq!(safe["flags"], serde_json::json!(["--inline", "*"]));
    assert!(instructions(best) < instructions(safe));
    // Less than was asked for is no better way to it.
    let less = trial(&document, &["--activity", "x=Const"]);
    assert!(less["changes"][0]["promise"].is_string());
}

/// A few numbers go in: forward mode has no tape, and its numbers are checked as all others are.
#[test]
fn few_inputs_go_forward() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("poly.rs");
    let text = "pub fn poly(a: f64, b: f64, n: usize) -> f64 {
    let mut s = a;
    for _ in 0..n { s = (s * b).sin() + 0.5 * s; }
    s
}
";
    std::fs::write(&source, text).unwrap();
    let document = tune(&format!(
        "{} --fn poly --range n=200..200",
        source.display()
    ));
    let forward = trial(&document, &["--mode", "forward", "--width", "2"]);
    assert_eq!(forward["verdict"]["is"], "right");
    assert_eq!(forward["tape"], 0);
    assert!(
        forward["command"]
            .as_str()
            .unwrap()
            .contains("--mode forward --width 2")
    );
    let base = &document["trials"][0];
    assert!(base["tape"].as_u64().unwrap() > 0);
    let split = trial(&document, &["--split"]);
    assert_eq!(split["verdict"]["is"], "right");
    assert!(split["cost"]["instructions"].as_u64().unwrap() > 0);
    assert_eq!(split["tape"], Value::Null);
}

/// The layer gets the same memory twice, and the shadow is written.
#[test]
fn a_promise_that_does_not_hold_is_rejected() {
    let document = tune("fixtures/promise.ll --fn twice");
    let broken = trial(&document, &["--noalias", "*"]);
    assert_eq!(broken["verdict"]["is"], "wrong");
    if let Some(best) = document["best"].as_u64() {
        let best = &document["trials"][best as usize];
        assert!(!best["flags"].to_string().contains("noalias"), "{best}");
    }
}

/// The entry is one that `irad snap` reads, and the command one that `irad emit` runs.
#[test]
fn what_is_printed_can_be_used() {
    let document = tune("fixtures/promise.ll --fn apart");
    let best = document["best"].as_u64().unwrap() as usize;
    let best = &document["trials"][best];
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let entry = best["entry"].as_str().unwrap();
    let input = root.join("fixtures/promise.ll").canonicalize().unwrap();
    let entry = entry.replace("fixtures/promise.ll", &input.display().to_string());
    std::fs::write(folder.path().join("irad.toml"), entry).unwrap();
    let recorded = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(["snap", "record"])
        .current_dir(folder.path())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .status();
    assert!(recorded.unwrap().success());
    let out = folder.path().join("out.ll");
    let words = best["command"].as_str().unwrap().replace('\'', "");
    let mut words = words.split(' ');
    assert_eq!(words.next(), Some("irad"));
    let emitted = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(words)
        .arg("-o")
        .arg(&out)
        .current_dir(&root)
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .status();
    assert!(emitted.unwrap().success() && out.exists());
}
