//! `irad reduce` makes a module with a wrong derivative smaller, and the derivative stays wrong in the same way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn irad(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(arguments)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Reduces, and compares the derivative of what is left with what it should be.
fn stays_wrong(file: &str, function: &str, mode: &str) {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case.ll");
    let case = case.to_str().unwrap();
    let (code, said, errors) = irad(&[
        "reduce",
        file,
        "--fn",
        function,
        "--mode",
        mode,
        "--faithful",
        "--patience",
        "8",
        "--json",
        "-o",
        case,
    ]);
    assert_eq!(code, Some(0), "{said}{errors}");
    let document: Value = serde_json::from_str(&said).unwrap();
    let lines = |which: &str| document["instructions"][which].as_u64().unwrap();
    assert!(lines("after") < lines("before"), "{said}");
    let words = document["fails_with"].as_str().unwrap();
    assert!(words.contains("and should be"), "{words}");

    // The file says it all by itself.
    let text = fs::read_to_string(case).unwrap();
    let command = document["command"].as_str().unwrap();
    assert!(
        command.starts_with("opt-22 ") && command.ends_with(case),
        "{command}"
    );
    let head: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(head[0], format!("; {command}"));
    assert_eq!(head[1], format!("; {words}"));
    let inputs = document["inputs"].to_string();
    assert!(
        head[2].starts_with("; the inputs of @") && head[2].ends_with(&inputs),
        "{}",
        head[2]
    );

    // The command that compares it finds the same output wrong, by numbers that are finite.
    let check = shlex(document["check"].as_str().unwrap());
    let mut check: Vec<&str> = check.iter().skip(1).map(String::as_str).collect();
    check.push("--json");
    let (code, found, errors) = irad(&check);
    assert_eq!(code, Some(1), "{found}{errors}");
    let found: Value = serde_json::from_str(&found).unwrap();
    let place = words
        .strip_prefix("the derivative at ")
        .and_then(|rest| rest.split_once(" is "))
        .map(|(place, _)| place)
        .unwrap();
    let parts = found["differences"].as_array().unwrap();
    let worst = parts
        .iter()
        .map(|part| &part["worst"])
        .find(|worst| worst["place"] == place)
        .unwrap_or_else(|| panic!("{place}: {found}"));
    let number = |key: &str| {
        worst[key]
            .as_f64()
            .filter(|number| number.is_finite())
            .unwrap()
    };
    let (has, should) = (number("derivative"), number("reference"));
    assert!(
        (has - should).abs() > 0.01 * has.abs().max(should.abs()),
        "{worst}"
    );
    assert_eq!(found["faults"].as_array().unwrap().len(), 0, "{found}");

    // The same pass that the opt command runs makes a derivative of it.
    let (code, derived, errors) = irad(&["opt", case, "--passes", "enzyme", "-S"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(
        derived.contains("@diffe") && !derived.contains("call void (...) @__enzyme_"),
        "{derived}"
    );
}

/// Words of a command as a shell would take them; quotes only.
fn shlex(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn a_loop_with_continue_stays_wrong() {
    stays_wrong(
        "fixtures/numeric/loops.ll",
        "loops::squares_of_positive",
        "reverse",
    );
}

#[test]
fn memory_that_a_later_iteration_overwrites_stays_wrong() {
    stays_wrong(
        "fixtures/numeric/stencils.ll",
        "stencils::from_next",
        "reverse",
    );
}

#[test]
fn memory_that_is_moved_to_the_left_stays_wrong() {
    stays_wrong("fixtures/numeric/swaps.ll", "swaps::shift_left", "reverse");
}

#[test]
fn a_right_derivative_is_no_case() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case.ll");
    let (code, _, errors) = irad(&[
        "reduce",
        "fixtures/scalar.ll",
        "--fn",
        "scalar::cube",
        "--mode",
        "reverse",
        "-o",
        case.to_str().unwrap(),
    ]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("nothing to reduce"), "{errors}");
    assert!(!case.exists());
}
