//! `irad passes`: timelines, single steps, blame, partings, saved traces.

use std::fs;

use crate::run::{check, irad, stdout, transcript};

const REVERSE: [&str; 6] = [
    "passes",
    "fixtures/branch.ll",
    "--fn",
    "huber",
    "--mode",
    "reverse",
];
const PLAIN: [&str; 6] = [
    "passes",
    "fixtures/helpers.ll",
    "--fn",
    "loss",
    "--passes",
    "default<O2>",
];

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [base, more].concat()
}

#[test]
fn timelines() {
    for columns in ["60", "100"] {
        let text = transcript(&with(&REVERSE, &["--columns", columns]));
        check(&format!("passes_reverse_{columns}"), &text);
    }
    check("passes_plain", &transcript(&PLAIN));
    check(
        "passes_every",
        &transcript(&with(
            &PLAIN[..5],
            &["function(sroa,early-cse,gvn)", "--every"],
        )),
    );
}

#[test]
fn one_step_some_steps_and_any_two() {
    check(
        "passes_step",
        &transcript(&with(&REVERSE, &["--step", "enzyme/derivative"])),
    );
    check(
        "passes_step_short",
        &transcript(&with(&REVERSE, &["--step", "cleanup/sroa"])),
    );
    check(
        "passes_from_to",
        &transcript(&with(
            &REVERSE,
            &["--from", "prepared", "--to", "cleanup/sroa"],
        )),
    );
    check(
        "passes_grep",
        &transcript(&with(&REVERSE, &["--grep", "fabs"])),
    );
    check("passes_all", &transcript(&with(&PLAIN, &["--all"])));
    check(
        "passes_blame",
        &transcript(&with(&REVERSE, &["--blame", "--columns", "120"])),
    );
    check(
        "passes_blame_narrow",
        &transcript(&with(&REVERSE, &["--blame", "--columns", "60"])),
    );
    check(
        "passes_json",
        &transcript(&with(&PLAIN[..5], &["function(sroa,early-cse)", "--json"])),
    );
}

#[test]
fn pipelines_part() {
    check(
        "passes_vs",
        &transcript(&with(
            &PLAIN[..5],
            &[
                "function(sroa,instcombine)",
                "--vs",
                "function(sroa,early-cse)",
            ],
        )),
    );
    let same = transcript(&with(&PLAIN, &["--vs", "default<O2>"]));
    assert!(same.contains("never part"), "{same}");
}

#[test]
fn bad_input() {
    for (name, arguments) in [
        ("step_unknown", with(&REVERSE, &["--step", "nonsense"])),
        (
            "step_idle",
            with(&REVERSE, &["--step", "CalledValuePropagationPass"]),
        ),
        ("step_ambiguous", with(&REVERSE, &["--step", "simplifycfg"])),
        (
            "pass_crashes",
            with(
                &PLAIN[..5],
                &["function(sroa),trigger-crash-module,function(gvn)"],
            ),
        ),
        ("passes_nothing_to_run", PLAIN[..4].to_vec()),
        (
            "passes_pipeline",
            with(&PLAIN[..5], &["function(sroa,gvm)"]),
        ),
        (
            "passes_enzyme_refuses",
            vec![
                "passes",
                "fixtures/errors/declaration.ll",
                "--fn",
                "twice",
                "--mode",
                "reverse",
            ],
        ),
    ] {
        check(&format!("error_{name}"), &transcript(&arguments));
    }
}

#[test]
fn a_saved_trace_tells_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("huber.trace");
    let path = trace.to_str().unwrap();
    let saved = irad(&with(&REVERSE, &["--save", path])).output().unwrap();
    assert!(saved.status.success());
    let name = |text: String| text.replace("huber.trace", "branch.ll");
    let again = |arguments: &[&str]| name(stdout(&irad(arguments).output().unwrap()));
    // Times are part of the trace, so even they are the same.
    assert_eq!(again(&["passes", path]), stdout(&saved));
    for more in [
        &["--step", "cleanup/sroa"][..],
        &["--blame"],
        &["--from", "input", "--to", "final"],
    ] {
        let fresh = stdout(&irad(&with(&REVERSE, more)).output().unwrap());
        assert!(fresh.contains("huber"), "{more:?}: {fresh}");
        assert_eq!(again(&with(&["passes", path], more)), fresh);
    }
    let fresh = stdout(&irad(&with(&["diff"], &REVERSE[1..])).output().unwrap());
    assert!(fresh.contains("@@"), "{fresh}");
    assert_eq!(again(&["diff", path]), fresh);
    assert_eq!(
        again(&["diff", path, "--fn", "huber", "--mode", "reverse"]),
        fresh
    );
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

    let other = irad(&["diff", path, "--fn", "leaky_relu"])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(errors.contains("is a run of branch::huber"), "{errors}");

    let text = fs::read_to_string(&trace).unwrap();
    let version = format!("\"irad_trace\":{}", ::trace::TRACE_VERSION);
    assert!(text.contains(&version));
    for (damaged, wanted) in [
        (
            text.replacen(&version, "\"irad_trace\":99", 1),
            "has version 99",
        ),
        (text[..text.len() / 2].to_owned(), "the trace is damaged"),
    ] {
        fs::write(&trace, damaged).unwrap();
        let output = irad(&["passes", path]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(errors.contains(wanted), "{errors}");
    }
}

#[test]
fn every_function_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("all.trace");
    let path = trace.to_str().unwrap();
    let all = [
        "passes",
        "fixtures/helpers.ll",
        "--fn",
        "*",
        "--passes",
        "default<O2>",
    ];
    let saved = irad(&with(&all, &["--save", path])).output().unwrap();
    assert!(saved.status.success());
    assert!(
        stdout(&saved).contains("one of 3 functions"),
        "{}",
        stdout(&saved)
    );
    let json = irad(&with(&all, &["--json"])).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let changed = |step: &serde_json::Value| step["changed"].as_array().unwrap().len();
    assert!(
        document["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|step| changed(step) > 0)
    );
    // What one of them went through is the same as when it is watched alone.
    let of_all = stdout(
        &irad(&["passes", path, "--fn", "helpers::loss", "--blame"])
            .output()
            .unwrap(),
    );
    let alone = stdout(&irad(&with(&PLAIN, &["--blame"])).output().unwrap());
    assert_eq!(of_all, alone);
    assert!(alone.contains("define"));
    // A diff is of one function, and must not pick one by itself.
    let diff = irad(&["diff", path, "--fn", "loss"]).output().unwrap();
    assert_eq!(diff.status.code(), Some(2));
}

#[test]
fn a_step_keeps_its_name_when_others_come_or_go() {
    let ids = |pipeline: &str| -> Vec<String> {
        let output = irad(&with(&PLAIN[..5], &[pipeline, "--json"]))
            .output()
            .unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        document["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let short = ids("function(sroa,gvn)");
    let long = ids("globaldce,function(instcombine,sroa,dce,gvn,simplifycfg)");
    assert!(
        short.iter().all(|id| long.contains(id)),
        "{short:?} {long:?}"
    );
    let unique: std::collections::BTreeSet<_> = long.iter().collect();
    assert_eq!(unique.len(), long.len());
}
