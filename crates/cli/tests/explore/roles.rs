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
        .map(|line| match line.split_once(" !dbg !") {
            Some((code, rest)) => {
                let code = code.trim_end_matches(',');
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
    for (file, function, mode, halves) in [
        ("fixtures/model.ll", "loss", "reverse", None),
        ("fixtures/model.ll", "loss", "forward", None),
        ("fixtures/debuginfo.ll", "loss", "reverse", None),
        ("fixtures/alloc_vec.ll", "sum_of_squares", "reverse", None),
        ("fixtures/branch.ll", "huber", "reverse", None),
        ("fixtures/model.ll", "loss", "reverse", Some("--split")),
        ("fixtures/debuginfo.ll", "loss", "reverse", Some("--split")),
        (
            "fixtures/recursion.ll",
            "horner",
            "reverse",
            Some("--split"),
        ),
    ] {
        let named = [file, "--fn", function, "--mode", mode];
        let arguments: Vec<&str> = named.into_iter().chain(halves).collect();
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
        let made = &told["differentiated"];
        let symbols = [&made["derivative"], &made["augmented"]];
        let symbols = symbols.map(|symbol| symbol.as_str());
        assert_eq!(symbols[1].is_some(), halves.is_some(), "{function} {mode}");
        let steps = told["steps"].as_array().unwrap();
        let changed = steps
            .iter()
            .flat_map(|step| step["changed"].as_array().unwrap());
        let of_derivative: Vec<(&str, u64)> = changed
            .map(|changed| (changed["function"].as_str().unwrap(), &changed["text"]))
            .filter(|(symbol, _)| symbols.contains(&Some(symbol)))
            .map(|(symbol, text)| (symbol, text.as_u64().unwrap()))
            .collect();
        for symbol in symbols.into_iter().flatten() {
            let own = of_derivative.iter().filter(|(other, _)| *other == symbol);
            assert!(own.count() > 5, "{symbol}");
        }
        let roles = told["roles"].as_array().unwrap();
        for (symbol, text) in of_derivative {
            let found = roles.iter().find(|roles| roles["text"] == text);
            let found =
                found.unwrap_or_else(|| panic!("{function} {mode}: text {text} has no roles"));
            let body = told["texts"][usize::try_from(text).unwrap()]["body"]
                .as_str()
                .unwrap();
            let count = instructions(body);
            assert_eq!(found["roles"].as_str().unwrap().len(), count, "{body}");
            let of = found["of"].as_array().unwrap();
            assert_eq!(of.len(), count);
            if halves.is_none() {
                continue;
            }
            // The half that runs first has no adjoints, and keeps what the other takes.
            let letters = found["roles"].as_str().unwrap();
            let is_first = Some(symbol) == symbols[1];
            assert_eq!(letters.contains('a'), !is_first, "{letters}\n{body}");
            assert!(letters.contains('c'), "{letters}\n{body}");
            let primal = told["explained"]["primal"].as_array().unwrap().len();
            let of: Vec<u64> = of.iter().filter_map(Value::as_u64).collect();
            assert!(of.iter().all(|of| usize::try_from(*of).unwrap() <= primal));
            assert!(
                of.iter().filter(|of| **of > 0).count() * 3 > count,
                "{body}"
            );
        }
        // What numbers the instructions is not printed.
        let definitions = told["definitions"].to_string();
        assert!(
            !definitions.contains("filename: \\\"irad\\\""),
            "{definitions}"
        );
    }
}
