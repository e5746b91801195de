//! What nightly's own `#[autodiff_…]` hands to Enzyme: the requests are listed, and each runs as it
//! was asked for.

use std::fs;

use regex::{Captures, Regex};

use crate::run::{check, head, irad, root, stdout, transcript};

/// The functions of `fixtures/nightly.ll` that are requests, with their modes.
const REQUESTS: [(&str, &str); 7] = [
    ("df", "reverse"),
    ("df_only", "reverse"),
    ("df_many", "forward"),
    ("dg", "forward"),
    ("dg_four", "forward"),
    ("dg_four_only", "forward"),
    ("dh", "reverse"),
];

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = irad(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn each_request_is_listed() {
    for name in ["nightly.ll", "nightly_dump.txt", "autodiff_global.ll"] {
        let file = format!("fixtures/{name}");
        let text = transcript(&["list", &file, "--color", "never"]);
        let requests = text.split_once("requests to Enzyme").unwrap().1;
        let stem = name.split('.').next().unwrap();
        check(&format!("requests_{stem}"), requests);
    }
    let mut document = json(&["list", "fixtures/nightly.ll", "--json"]);
    let requests = serde_json::to_string_pretty(&document["requests"].take()).unwrap();
    check("requests_json", &requests);
}

#[test]
fn both_forms_of_markers_say_the_same() {
    let requests = |file: &str| {
        let mut found = json(&["list", file, "--json"])["requests"].take();
        // Lines differ by the globals that one form needs and the other does not.
        for request in found.as_array_mut().unwrap() {
            request["line"] = serde_json::Value::Null;
        }
        found
    };
    let globals = requests("fixtures/autodiff_global.ll");
    assert_eq!(globals, requests("fixtures/autodiff_metadata.ll"));
    assert_eq!(globals.as_array().unwrap().len(), 2);
}

#[test]
fn each_request_runs_as_it_was_asked_for() {
    let mut heads = String::new();
    for (function, mode) in REQUESTS {
        let short = ["diff", "fixtures/nightly.ll", "--fn", function];
        let text = transcript(&short);
        heads.push_str(&head(&text));
        // To say what is asked for changes nothing.
        let long = [&short[..], &["--mode", mode]].concat();
        let (_, said) = text.split_once('\n').unwrap();
        assert_eq!(said, transcript(&long).split_once('\n').unwrap().1);
        // To say the other mode is a mistake.
        let other = if mode == "reverse" {
            "forward"
        } else {
            "reverse"
        };
        let wrong = [&short[..], &["--mode", other]].concat();
        let output = irad(&wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{function}");
        let timeline = irad(&["passes", "fixtures/nightly.ll", "--fn", function])
            .output()
            .unwrap();
        assert!(
            stdout(&timeline).contains("enzyme/derivative/"),
            "{function}"
        );
    }
    check("requests_run", &heads);
}

#[test]
fn what_is_stated_counts_for_more_than_a_call() {
    let arguments = [
        "diff",
        "fixtures/nightly.ll",
        "--fn",
        "df",
        "--wrt",
        "a",
        "--remarks",
    ];
    check("request_and_wrt", &remarked(&arguments));
    // The primal has several requests, and is none of them.
    let arguments = [
        "diff",
        "fixtures/nightly.ll",
        "--fn",
        "f",
        "--mode",
        "reverse",
        "--remarks",
    ];
    check("requests_several", &remarked(&arguments));
}

/// What stands above the difference, and what is said beside it.
fn remarked(arguments: &[&str]) -> String {
    let text = transcript(arguments);
    let (_, said) = text.split_once("--- stderr\n").unwrap();
    let notes: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("note: "))
        .collect();
    format!("{}{}\n", head(&text), notes.join("\n"))
}

/// Nightly ran Enzyme between the two modules of the dump, so the second holds its derivatives.
#[test]
fn the_derivative_is_the_one_that_nightly_got() {
    let dump = "fixtures/nightly_dump.txt";
    for (request, primal, derivative) in [
        ("dg_four", "1g", "fwddiffe4_RNv"),
        ("dh", "1h", "diffe_RNv"),
    ] {
        let listed = json(&["list", dump, "--module", "2", "--json"]);
        let symbol = listed["functions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|function| function["symbol"].as_str().unwrap())
            .find(|symbol| symbol.starts_with(derivative) && symbol.ends_with(primal))
            .unwrap();
        let theirs = json(&["show", dump, "--module", "2", "--fn", symbol, "--json"]);
        let mode = if request == "dh" {
            "reverse"
        } else {
            "forward"
        };
        let ours = json(&[
            "show",
            dump,
            "--fn",
            request,
            "--mode",
            mode,
            "--at",
            "derivative",
            "--prepare",
            "none",
            "--json",
        ]);
        let text = |document: &serde_json::Value| nameless(document["text"].as_str().unwrap());
        assert!(text(&ours).lines().count() > 30, "{request}");
        assert_eq!(text(&ours), text(&theirs), "{request}");
    }
}

/// With nightly's settings and without passes afterwards, each derivative of each dump is what nightly got.
#[test]
fn every_derivative_is_the_one_that_nightly_got() {
    let mut compared = 0;
    for dump in ["fixtures/nightly_dump.txt", "fixtures/nightly_wrong.txt"] {
        for request in json(&["list", dump, "--json"])["requests"]
            .as_array()
            .unwrap()
        {
            let name = request["name"].as_str().unwrap();
            let output = irad(&[
                "diff",
                dump,
                name,
                "--compiler",
                dump,
                "--prepare",
                "given",
                "--cleanup",
                "none",
                "--no-check",
                "--exit-code",
            ])
            .output()
            .unwrap();
            assert_eq!(output.status.code(), Some(0), "{name}: {}", stdout(&output));
            compared += 1;
        }
    }
    assert!(compared >= 6, "{compared}");
    // What irad makes for itself is something else.
    let own = transcript(&[
        "diff",
        "fixtures/nightly_wrong.txt",
        "d_weigh",
        "--compiler",
        "fixtures/nightly_wrong.txt",
        "--exit-code",
    ]);
    check("request_of_compiler", &head(&own));
}

#[test]
fn every_request_is_checked() {
    let given = ["--prepare", "given", "--cleanup", "none"];
    let table = [&["check", "fixtures/nightly_wrong.txt"][..], &given].concat();
    check("requests_checked", &transcript(&table));
    let output = irad(&[&table[..], &["--json"]].concat()).output().unwrap();
    check("requests_checked_json", &stdout(&output));
    // The reason is above every view, too.
    let shown = [
        &[
            "diff",
            "fixtures/nightly_wrong.txt",
            "d_weigh",
            "--no-check",
        ][..],
        &given,
    ];
    check(
        "request_moved_as_integers",
        &head(&transcript(&shown.concat())),
    );
    check(
        "request_unknown",
        &transcript(&[
            "diff",
            "fixtures/nightly_wrong.txt",
            "gradient",
            "--compiler",
            "fixtures/nightly_wrong.txt",
        ]),
    );
}

/// A function with its locals numbered as they come, for nightly drops their names, and without
/// comments, which stand in columns that depend on names.
fn nameless(text: &str) -> String {
    let local =
        Regex::new(r#"%("[^"]*"|[-\w.$]+)|(?m)^("[^"]*"|[-\w.$]+):|!\d+| +; preds.*"#).unwrap();
    let mut known = Vec::new();
    local
        .replace_all(text, |found: &Captures<'_>| {
            let Some(name) = found.get(1).or(found.get(2)) else {
                return "!".to_owned();
            };
            let name = name.as_str().to_owned();
            let at = known.iter().position(|other| *other == name);
            let at = at.unwrap_or_else(|| {
                known.push(name);
                known.len() - 1
            });
            format!("%{at}")
        })
        .into_owned()
}

/// Enzyme's pass takes all requests of a module at once; a refusal of one is no answer to another.
#[test]
fn a_refused_request_spoils_no_other() {
    let mut module = fs::read_to_string(root().join("fixtures/nightly.ll")).unwrap();
    module.push_str(
        "
declare double @table(double)
define double @bad(double %x) noinline {
  %y = call double @table(double %x)
  ret double %y
}
declare double @__enzyme_autodiff_bad(...)
define double @dbad(double %x) noinline {
  %y = call double (...) @__enzyme_autodiff_bad(ptr @bad, ptr @enzyme_out, double %x)
  ret double %y
}
",
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.ll");
    fs::write(&path, module).unwrap();
    let run = |function: &str| {
        let arguments = ["diff", path.to_str().unwrap(), "--fn", function];
        irad(&arguments).output().unwrap()
    };
    let refused = run("dbad");
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("table"));
    let accepted = run("df");
    assert_eq!(accepted.status.code(), Some(0));
    let whole = irad(&["diff", "fixtures/nightly.ll", "--fn", "df"])
        .output()
        .unwrap();
    let body = |text: String| text.split_once("@@").unwrap().1.to_owned();
    assert_eq!(body(stdout(&accepted)), body(stdout(&whole)));
}
