//! Roles at every step of a run: each text of the derivative has them, and nothing else of the run is different.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::terminal::root;

fn run(arguments: &[&str], save: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .arg("passes")
        .args(arguments)
        .arg("--save")
        .arg(save)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("IRAD_CHECK_LIMIT", "60")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words}");
    serde_json::from_slice(&std::fs::read(save).unwrap()).unwrap()
}

/// A text without what it says of where it comes from.
fn code(text: &Value) -> Vec<String> {
    let body = text["body"].as_str().unwrap();
    body.lines()
        .filter(|line| !line.trim_start().starts_with("#dbg_"))
        .map(|line| match line.split_once(", !dbg !") {
            Some((code, rest)) => {
                format!(
                    "{code}{}",
                    rest.trim_start_matches(|c: char| c.is_ascii_digit())
                )
            }
            None => line.to_owned(),
        })
        .collect()
}

fn instructions(body: &str) -> usize {
    diff_view::Function::parse(body)
        .lines
        .iter()
        .filter(|line| view_model::marks::begins_instruction(line.kind, &line.text))
        .count()
}

#[test]
fn every_text_of_a_derivative_has_roles_and_is_what_it_would_be_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.trace");
    for (file, function, mode) in [
        ("fixtures/model.ll", "loss", "reverse"),
        ("fixtures/model.ll", "loss", "forward"),
        ("fixtures/debuginfo.ll", "loss", "reverse"),
        ("fixtures/alloc_vec.ll", "sum_of_squares", "reverse"),
        ("fixtures/branch.ll", "huber", "reverse"),
    ] {
        let arguments = [file, "--fn", function, "--mode", mode];
        let plain = run(&arguments, &path);
        let told = run(&[&arguments[..], &["--colour-by", "roles"]].concat(), &path);
        let texts = |run: &Value| {
            let steps = run["steps"].as_array().unwrap().iter();
            let changed = steps.flat_map(|step| step["changed"].as_array().unwrap());
            let mut texts: Vec<Vec<String>> = changed
                .map(|changed| code(&run["texts"][changed["text"].as_u64().unwrap() as usize]))
                .collect();
            // A scope whose instructions all have numbers for locations looks dead, and passes take its debug records
            // out: there is then a step that changes nothing else.
            texts.dedup();
            texts
        };
        let (own, other) = (texts(&plain), texts(&told));
        for (at, (own, other)) in own.iter().zip(&other).enumerate() {
            assert_eq!(own, other, "{function} {mode}, text {at}");
        }
        assert_eq!(own.len(), other.len(), "{function} {mode}");
        assert!(plain.get("roles").is_none());
        let symbol = told["differentiated"]["derivative"].as_str().unwrap();
        let steps = told["steps"].as_array().unwrap();
        let changed = steps
            .iter()
            .flat_map(|step| step["changed"].as_array().unwrap());
        let of_derivative: Vec<u64> = changed
            .filter(|changed| changed["function"] == symbol)
            .map(|changed| changed["text"].as_u64().unwrap())
            .collect();
        assert!(of_derivative.len() > 5, "{function} {mode}");
        let roles = told["roles"].as_array().unwrap();
        for text in of_derivative {
            let found = roles.iter().find(|roles| roles["text"] == text);
            let found =
                found.unwrap_or_else(|| panic!("{function} {mode}: text {text} has no roles"));
            let body = told["texts"][usize::try_from(text).unwrap()]["body"]
                .as_str()
                .unwrap();
            let count = instructions(body);
            assert_eq!(found["roles"].as_str().unwrap().len(), count, "{body}");
            assert_eq!(found["of"].as_array().unwrap().len(), count);
        }
        // What numbers the instructions is not printed.
        let definitions = told["definitions"].to_string();
        assert!(
            !definitions.contains("filename: \\\"irad\\\""),
            "{definitions}"
        );
    }
}
