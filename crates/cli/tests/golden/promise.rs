//! What `--noalias` and `--unchanged` change, and how a promise that does not hold is found out.

use std::process::Output;

use crate::run::{check, irad, stdout, transcript};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const PROMISES: [&[&str]; 4] = [
    &[],
    &["--noalias", "*"],
    &["--unchanged", "*"],
    &["--noalias", "*", "--unchanged", "*"],
];

/// How often the whole derivative asks for memory to keep something in.
fn caches(function: &str, promises: &[&str]) -> usize {
    let fixed = [
        "emit",
        "fixtures/promise.ll",
        "--mode",
        "reverse",
        "-o",
        "-",
    ];
    let output = irad(&[&fixed[..], &["--fn", function], promises].concat())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output).matches("ptr @malloc(").count()
}

/// Whether the derivative's numbers are right.
fn is_right(function: &str, promises: &[&str]) -> bool {
    let len = match function {
        "twice" => "acts=4,w=4",
        _ => "acts=8,x=4,w=4",
    };
    let fixed = ["check", "fixtures/promise.ll", "--mode", "reverse"];
    let inputs = ["--fn", function, "--len", len, "--range", "n=4..4"];
    let output = irad(&[&fixed[..], &inputs, promises].concat())
        .output()
        .unwrap();
    let code = output.status.code().unwrap();
    assert!(code < 2, "{}", stderr(&output));
    code == 0
}

#[test]
fn what_is_promised_need_not_be_kept() {
    let counts = PROMISES.map(|promises| caches("apart", promises));
    assert!(counts[0] > 0 && counts[3] == 0, "{counts:?}");
    for promises in PROMISES {
        assert!(is_right("apart", promises), "{promises:?}");
    }
}

#[test]
fn promises_that_do_not_hold_are_found_by_checking() {
    // The third layer writes over what the second has read; until that is denied, it is kept.
    assert!(is_right("over", PROMISES[1]));
    assert!(!is_right("over", PROMISES[3]));
    // The layer gets the same memory twice.
    assert!(is_right("twice", PROMISES[2]));
    assert!(!is_right("twice", PROMISES[1]));
}

#[test]
fn every_view_says_what_was_promised() {
    let arguments = [
        "--fn",
        "apart",
        "--mode",
        "reverse",
        "--noalias",
        "apart",
        "--unchanged",
        "layer",
    ];
    check(
        "promise_diff",
        &transcript(&[&["diff", "fixtures/promise.ll"], &arguments[..]].concat()),
    );
    let output = irad(&[&["passes", "fixtures/promise.ll"], &arguments[..]].concat())
        .output()
        .unwrap();
    for word in ["--noalias says so", "--unchanged says so"] {
        assert!(stdout(&output).contains(word), "{}", stdout(&output));
    }
}

#[test]
fn a_promise_is_about_a_function() {
    for flag in ["--noalias", "--unchanged"] {
        let arguments = [
            "diff",
            "fixtures/promise.ll",
            "--fn",
            "apart",
            "--mode",
            "reverse",
            flag,
            "lair",
        ];
        check(
            &format!("promise_unknown{}", flag.replace('-', "_")),
            &transcript(&arguments),
        );
    }
}
