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

/// The shadows that derivatives of a called function are handed, and whether each is said to be memory of its own.
fn shadows(function: &str, called: &str) -> Vec<(String, bool)> {
    let output = irad(&["emit", "fixtures/disjoint.ll", "--fn", function])
        .args(["--mode", "reverse", "--cleanup", "none", "-o", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    let head = text
        .lines()
        .find(|line| line.starts_with("define") && line.contains("@diffe") && line.contains(called))
        .unwrap_or_else(|| panic!("no derivative of {called}: {text}"));
    head.split(", ")
        .filter_map(|parameter| {
            let (_, name) = parameter.split_once('%')?;
            let name = name
                .split(')')
                .next()?
                .trim_matches('"')
                .strip_suffix('\'')?;
            Some((name.to_owned(), parameter.contains("noalias")))
        })
        .collect()
}

#[test]
fn what_is_apart_by_itself_needs_no_promise() {
    let all = |names: &[&str], apart: bool| -> Vec<(String, bool)> {
        let each = names.iter().map(|name| ((*name).to_owned(), apart));
        each.collect()
    };
    // `&mut`, and two slices that the caller has from different parameters.
    let found = shadows("apart", "5layer");
    assert_eq!(found, all(&["out.0", "x.0", "w.0"], true));
    assert_eq!(shadows("apart", "7product"), all(&["x.0", "w.0"], true));
    // The same slice twice, raw pointers, and addresses that lie in memory.
    let found = shadows("twice", "14product_of_two");
    assert_eq!(found, all(&["x.0", "w.0"], false));
    let found = shadows("overlapping", "5scale");
    assert_eq!(found, all(&["to", "from"], false));
    let found = shadows("followed", "7of_rows");
    assert_eq!(found, all(&["rows", "w.0"], false));
    for function in ["apart", "twice", "overlapping", "followed"] {
        for mode in ["reverse", "forward"] {
            let arguments = ["check", "fixtures/disjoint.ll", "--fn", function];
            let output = irad(&arguments).args(["--mode", mode]).output().unwrap();
            assert!(output.status.success(), "{}", stdout(&output));
        }
    }
}

/// How often the whole derivative of `gpt_gelu`'s forward pass calls a function.
fn calls(called: &str, flags: &[&str]) -> usize {
    let output = irad(&["emit", "fixtures/gpt_gelu.ll", "--fn", "forward"])
        .args(["--mode", "reverse", "-o", "-"])
        .args(flags)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let call = format!(" @{called}(float");
    let text = stdout(&output);
    text.lines()
        .filter(|line| line.contains("call") && line.contains(&call))
        .count()
}

#[test]
fn what_is_to_be_kept_is_not_called_again() {
    assert_eq!(calls("tanhf", &[]), 2);
    for name in ["tanhf", "*"] {
        let keep = ["--keep", name];
        assert_eq!((calls("tanhf", &keep), calls("coshf", &keep)), (1, 1));
        let arguments = ["check", "fixtures/gpt_gelu.ll", "--fn", "forward"];
        let output = irad(&arguments)
            .args(["--mode", "reverse"])
            .args(keep)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stdout(&output));
    }
    // `exp` is LLVM's intrinsic here. What is called nowhere is said, and so is what does not exist.
    let kept = |file: &str, function: &str, name: &str| {
        let output = irad(&["diff", file, "--fn", function, "--mode", "reverse"])
            .args(["--keep", name, "--no-check"])
            .output()
            .unwrap();
        (output.status.code(), stderr(&output))
    };
    let (code, words) = kept("fixtures/scalar.ll", "sine_gaussian", "exp");
    assert_eq!(code, Some(0), "{words}");
    let (code, words) = kept("fixtures/gpt_gelu.ll", "forward", "ln");
    assert_eq!(code, Some(2));
    assert!(words.contains("no function is called ln"), "{words}");
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
