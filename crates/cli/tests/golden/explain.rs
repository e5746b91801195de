//! `irad explain`: what lines are there for.

use serde_json::Value;

use crate::run::{check, irad, rows, stdout, transcript};

const REVERSE: [&str; 6] = [
    "explain",
    "fixtures/model.ll",
    "--fn",
    "loss",
    "--mode",
    "reverse",
];

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [base, more].concat()
}

#[test]
fn a_gradient() {
    for columns in ["60", "100"] {
        let text = transcript(&with(&REVERSE, &["--columns", columns]));
        check(&format!("explain_reverse_{columns}"), &text);
    }
    check(
        "explain_reverse_generated",
        &transcript(&with(
            &REVERSE,
            &["--columns", "100", "--after", "derivative"],
        )),
    );
    check(
        "explain_reverse_pairs",
        &transcript(&with(&REVERSE, &["--columns", "100", "--pairs"])),
    );
}

#[test]
fn a_tangent() {
    let forward = [&REVERSE[..5], &["forward", "--columns", "100"]].concat();
    check("explain_forward", &transcript(&forward));
}

#[test]
fn what_is_cached_and_why() {
    let softmax = [
        "explain",
        "fixtures/softmax.ll",
        "--fn",
        "cross_entropy",
        "--mode",
        "reverse",
        "--columns",
        "100",
    ];
    check("explain_cached", &transcript(&softmax));
    let layer = [
        "explain",
        "fixtures/gpt_layernorm.ll",
        "--fn",
        "gpt_layernorm::forward",
        "--mode",
        "reverse",
        "--role",
        "cache",
        "--columns",
        "100",
    ];
    check("explain_cache_lines", &transcript(&layer));
}

#[test]
fn what_a_later_iteration_overwrites_is_kept_for_that_reason() {
    let path = "fixtures/numeric/stencils.ll";
    let name = "stencils::from_next";
    let arguments = ["explain", path, "--fn", name, "--mode", "reverse"];
    let text = stdout(&irad(&arguments).output().unwrap());
    assert!(
        text.contains("a later iteration may overwrite it"),
        "{text}"
    );
}

#[test]
fn a_saved_explanation_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("loss.trace");
    let saved = saved.to_str().unwrap();
    let fresh = irad(&with(&REVERSE, &["--save", saved])).output().unwrap();
    let again = irad(&["explain", saved]).output().unwrap();
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(
        stdout(&fresh).replace("model.ll", "loss.trace"),
        stdout(&again).replace("model.ll", "loss.trace")
    );
    // A run in which nobody asked for roles has none.
    let plain = folder.path().join("plain.trace");
    let path = plain.to_str().unwrap();
    let passes = [&["passes"], &REVERSE[1..], &["--save", path]].concat();
    assert!(irad(&passes).output().unwrap().status.success());
    let output = irad(&["explain", path]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("nobody asked for roles"), "{errors}");
}

#[test]
fn what_cannot_be_explained_is_refused() {
    for (arguments, code, words) in [
        (vec!["--split"], 2, "leave --split out"),
        (vec!["--wrt", "nothing"], 2, "nothing"),
    ] {
        let output = irad(&with(&REVERSE, &arguments)).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{errors}");
        assert!(errors.contains(words), "{errors}");
    }
    // Without a mode, a function whose result is a float is explained in reverse.
    let output = irad(&REVERSE[..4]).output().unwrap();
    assert!(stdout(&output).starts_with("reverse "));
}

rows! {
    is_the_usual_one:
    // A fixture, and how many of the derivatives of its first eight functions there are.
    of_model => ("model", 10),
    of_softmax => ("softmax", 2),
    of_branch => ("branch", 4),
    of_helpers => ("helpers", 6),
    of_alloc_push => ("alloc_push", 4),
    of_alloc_nested => ("alloc_nested", 2),
    of_alloc_vec => ("alloc_vec", 2),
    of_shapes_debuginfo => ("shapes_debuginfo", 16),
    of_typed => ("typed", 6),
    of_gpt_attention => ("gpt_attention", 6),
}

/// What is explained is what `irad diff` shows: numbering instructions by source locations changes
/// nothing. The first functions of some fixtures, in both modes.
fn is_the_usual_one(_: &str, (fixture, count): (&str, usize)) {
    let mut compared = 0;
    let file = format!("fixtures/{fixture}.ll");
    let list = stdout(&irad(&["list", &file, "--all", "--json"]).output().unwrap());
    let list: Value = serde_json::from_str(&list).unwrap();
    let functions = list["functions"].as_array().unwrap().iter();
    let defined = functions.filter(|function| function["defined"] == true);
    for function in defined.take(8) {
        let symbol = function["symbol"].as_str().unwrap();
        for mode in ["reverse", "forward"] {
            let asked = [&file, "--fn", symbol, "--mode", mode, "--json"];
            let run = |command: &str| {
                let output = irad(&[&[command], &asked[..]].concat()).output().unwrap();
                let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
                (output.status.code(), document)
            };
            let (code, explained) = run("explain");
            let (usual_code, usual) = run("show");
            let named = format!("{file} {symbol} {mode}");
            assert_eq!(code, usual_code, "{named}");
            if code != Some(0) {
                assert_eq!(
                    explained["error"]["kind"], usual["error"]["kind"],
                    "{named}"
                );
                assert!(explained["error"]["kind"].is_string(), "{named}");
                continue;
            }
            compared += 1;
            let lines = explained["derivative"]["lines"].as_array().unwrap();
            let explained: Vec<String> = lines
                .iter()
                .map(|line| opcode(line["text"].as_str().unwrap()))
                .collect();
            let usual: Vec<String> = usual["text"]
                .as_str()
                .unwrap()
                .lines()
                .filter(|line| {
                    line.starts_with("  ")
                        && !line.starts_with("   ")
                        && !line.starts_with("  #dbg_")
                        && !line.starts_with("  ]")
                        && !line.starts_with("  )")
                })
                .map(|line| opcode(line.trim()))
                .collect();
            assert!(!usual.is_empty(), "{named}");
            assert_eq!(explained, usual, "{named}");
        }
    }
    assert_eq!(compared, count);
}

/// An instruction without its metadata, and without value names, which passes make up as they go.
fn opcode(line: &str) -> String {
    let line = line.lines().next().unwrap_or_default();
    let line = line.split(", !").next().unwrap_or(line);
    let words: Vec<&str> = line
        .split([' ', ',', '(', ')'])
        .filter(|word| !word.starts_with('%'))
        .collect();
    words.join(" ")
}

/// Every line of every derivative has a role that its mode knows, and reverse mode has adjoints.
#[test]
fn roles_are_those_of_the_mode() {
    for layer in [
        "attention",
        "cross_entropy",
        "encoder",
        "gelu",
        "layernorm",
        "matmul",
        "residual",
    ] {
        let module = format!("gpt_{layer}");
        let name = format!("{module}.ll");
        for (mode, own, other) in [
            ("reverse", "adjoint", "tangent"),
            ("forward", "tangent", "adjoint"),
        ] {
            let output = irad(&[
                "explain",
                &format!("fixtures/{name}"),
                "--fn",
                &format!("{module}::forward"),
                "--mode",
                mode,
                "--json",
            ])
            .output()
            .unwrap();
            let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
            let roles = &document["derivative"]["roles"];
            assert!(roles[own].as_u64() > Some(3), "{name} {mode}: {roles}");
            assert_eq!(roles[other], 0, "{name} {mode}: {roles}");
            // In forward mode nothing has to be kept.
            if mode == "forward" {
                assert_eq!(roles["cache"], 0, "{name}: {roles}");
                assert_eq!(roles["recompute"], 0, "{name}: {roles}");
            }
        }
    }
}
