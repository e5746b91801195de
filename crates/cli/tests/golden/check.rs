//! Checks: what they print, what they find, and what they refuse.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::run::{check, head, irad, stdout, transcript};

const MODEL: [&str; 4] = ["check", "fixtures/model.ll", "--fn", "loss"];

fn with<'a>(begin: &[&'a str], rest: &[&'a str]) -> Vec<&'a str> {
    [begin, rest].concat()
}

/// Errors are of the size of rounding errors, which differ from one processor to the next.
fn rounded(text: &str) -> String {
    let number = regex::Regex::new(r" *-?\d(\.\d+)?e-1\d| *-?\d\.\d{9,}").unwrap();
    number.replace_all(text, " N").into_owned()
}

#[test]
fn tables() {
    for mode in ["forward", "reverse"] {
        let text = transcript(&with(&MODEL, &["--mode", mode]));
        check(&format!("check_model_{mode}"), &rounded(&text));
    }
    let narrow = with(&MODEL, &["--mode", "reverse", "--columns", "50"]);
    check("check_model_narrow", &rounded(&transcript(&narrow)));
}

/// Every direction is compared: by arrays of shadows, by shadows behind each other, with a direction left over, with
/// more directions than the function has, and where the module itself asks for them.
#[test]
fn several_directions_at_once() {
    let model = |rest: &[&'static str]| with(&MODEL, &with(&["--mode", "forward"], rest));
    let stacked = "w=Dualv,x=DualvOnly,y=Dual";
    let scalar = [
        "check",
        "fixtures/scalar.ll",
        "--fn",
        "cube",
        "--mode",
        "forward",
    ];
    let nightly = [
        "check",
        "fixtures/nightly.ll",
        "--fn",
        "f",
        "--mode",
        "forward",
    ];
    for (name, arguments) in [
        ("check_width", model(&["--width", "2"])),
        (
            "check_width_stacked",
            model(&["--width", "3", "--activity", stacked]),
        ),
        ("check_width_wide", with(&scalar, &["--width", "4"])),
        ("check_width_asked", nightly.to_vec()),
    ] {
        check(name, &rounded(&transcript(&arguments)));
    }
}

/// A derivative that is wrong says in which direction.
#[test]
fn a_wrong_direction_is_named() {
    let output = irad(&[
        "check",
        "fixtures/numeric/functions.ll",
        "--fn",
        "chosen_pointer",
        "--mode",
        "forward",
        "--width",
        "2",
        "--faithful",
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("of 2)"), "{text}");
}

/// A derivative that is wrong, because Enzyme takes a value for unchanged that a loop overwrites.
#[test]
fn a_wrong_derivative_is_caught() {
    let file = "fixtures/numeric/stencils.ll";
    let function = ["--fn", "from_previous", "--mode", "reverse", "--faithful"];
    let arguments = with(&["check", file], &function);
    let output = irad(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("DISAGREES"));
    let json = irad(&with(&arguments, &["--json"])).output().unwrap();
    assert_eq!(json.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(document["disagrees"], true);
    assert_eq!(document["cross"]["verdict"], "disagrees");
}

/// In forward mode, what lies in memory that the function allocates is compared as everything else is.
#[test]
fn wrong_tangents_in_a_returned_vector_are_caught() {
    let file = "fixtures/numeric/owned.ll";
    let function = ["--fn", "applied", "--mode", "forward", "--faithful"];
    let output = irad(&with(&["check", file], &function)).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("DISAGREES"), "{text}");
    // Which element is furthest off depends on what lies where the shadow should be.
    assert!(text.contains("return[") && text.contains("by x["), "{text}");
}

/// Reverse mode has no seed for it: the verdict says what it is about, and a check without anything else cannot tell.
#[test]
fn what_has_no_seed_is_said() {
    let verdict = |function: &str| {
        let file = "fixtures/numeric/owned.ll";
        let arguments = ["diff", file, "--fn", function, "--mode", "reverse"];
        let output = irad(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        stdout(&output)
            .lines()
            .nth(1)
            .unwrap_or_default()
            .to_owned()
    };
    let partly = verdict("fit");
    assert!(
        partly.starts_with("checked      right at")
            && partly.ends_with(
                "; but return.residuals, which the function allocates, has no seed in reverse mode"
            ),
        "{partly}"
    );
    let queued = verdict("queued");
    assert!(
        queued.starts_with("checked      right at")
            && queued.ends_with("; but what return leads to was not looked at"),
        "{queued}"
    );
    let nothing = verdict("replaced");
    assert!(
        nothing.starts_with("undecided    what the function gives lies in memory"),
        "{nothing}"
    );
    let check = [
        "check",
        "fixtures/numeric/owned.ll",
        "--fn",
        "squares",
        "--mode",
        "reverse",
    ];
    assert_eq!(irad(&check).output().unwrap().status.code(), Some(5));
}

/// At a kink the derivative is that of a side, which is said and is no failure.
#[test]
fn kinks_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("inputs.json");
    fs::write(&inputs, r#"{"x": 0.0}"#).unwrap();
    let output = irad(&[
        "check",
        "fixtures/branch.ll",
        "--fn",
        "leaky_relu",
        "--mode",
        "reverse",
        "--points",
        "1",
        "--inputs",
    ])
    .arg(&inputs)
    .output()
    .unwrap();
    let text = stdout(&output);
    assert!(text.contains("only kinks"), "{text}");
    assert_eq!(output.status.code(), Some(5), "{text}");
}

#[test]
fn what_cannot_be_run_says_why() {
    let cases: [(&str, Vec<&str>); 6] = [
        (
            "error_check_panic",
            vec![
                "check",
                "fixtures/matmul.ll",
                "--fn",
                "matmul",
                "--mode",
                "reverse",
                "--len",
                "a=2",
                "--range",
                "rows=3,inner=2,cols=2",
            ],
        ),
        (
            "error_check_no_parameter",
            with(&MODEL, &["--mode", "reverse", "--len", "weights=3"]),
        ),
        (
            "error_check_range",
            with(&MODEL, &["--mode", "reverse", "--range", "y=2..1"]),
        ),
        (
            "error_check_inputs_file",
            with(&MODEL, &["--mode", "reverse", "--inputs", "nothing.json"]),
        ),
        (
            "error_check_manual_forward",
            with(&MODEL, &["--mode", "forward", "--manual", "loss"]),
        ),
        (
            "error_check_manual_map",
            with(
                &MODEL,
                &["--mode", "reverse", "--manual", "loss", "--map", "dw=d.w"],
            ),
        ),
    ];
    for (name, arguments) in cases {
        check(name, &transcript(&arguments));
    }
}

/// The warning about guessed types goes when a check has passed on the same request, and only then.
#[test]
fn a_verdict_lifts_the_warning_about_guesses() {
    let run = |arguments: &[&str]| {
        let output = irad(arguments).output().unwrap();
        stdout(&output) + &String::from_utf8_lossy(&output.stderr)
    };
    let ad = ["--fn", "loss", "--mode", "reverse", "--loose-types"];
    let diff = with(&["diff", "fixtures/model.ll"], &ad);
    let guessed = "types that Enzyme could not deduce were guessed";
    let text = run(&diff);
    assert!(text.contains("checked      right at 40 points"), "{text}");
    assert!(!text.contains(guessed), "{text}");
    let text = run(&with(&diff, &["--no-check"]));
    assert!(!text.contains("checked"), "{text}");
    assert!(text.contains(guessed), "{text}");
}

/// Every command that shows or writes a derivative says that it is wrong; `emit` writes nothing.
#[test]
fn every_view_says_that_a_derivative_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("d.ll");
    let output = output.to_str().unwrap();
    let which = [
        "fixtures/numeric/stencils.ll",
        "--fn",
        "from_previous",
        "--mode",
        "reverse",
        "--faithful",
    ];
    let emit = ["-o", output];
    let views: [(&str, &[&str], Option<i32>); 5] = [
        ("diff", &[], Some(0)),
        ("explain", &[], Some(0)),
        ("passes", &[], Some(0)),
        ("show", &[], Some(0)),
        ("emit", &emit, Some(1)),
    ];
    for (view, more, code) in views {
        let ran = irad(&[&[view], &which[..], more].concat())
            .output()
            .unwrap();
        let text = stdout(&ran) + &String::from_utf8_lossy(&ran.stderr);
        assert!(text.contains("WRONG at "), "{view}: {text}");
        assert_eq!(ran.status.code(), code, "{view}: {text}");
    }
    assert!(!std::path::Path::new(output).exists());
    let written = irad(&[&["emit"], &which[..], &emit, &["--unchecked"]].concat())
        .output()
        .unwrap();
    assert_eq!(written.status.code(), Some(0));
    assert!(std::path::Path::new(output).exists());
}

/// A backward function that is right, and one that forgets a term.
#[test]
fn hand_written_backward_functions() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("layer.rs");
    fs::write(
        &source,
        "#[no_mangle] pub fn weigh(out: &mut [f64], w: &[f64], x: &[f64], scale: f64) {
             for i in 0..out.len() { out[i] = scale * w[i] * x[i].sin(); }
         }
         #[no_mangle] pub fn weigh_back(dw: &mut [f64], dx: &mut [f64], dout: &[f64], w: &[f64], x: &[f64], scale: f64) {
             for i in 0..dout.len() {
                 dw[i] += scale * x[i].sin() * dout[i];
                 dx[i] += scale * w[i] * x[i].cos() * dout[i];
             }
         }
         #[no_mangle] pub fn weigh_wrong(dw: &mut [f64], dx: &mut [f64], dout: &[f64], w: &[f64], x: &[f64], scale: f64) {
             for i in 0..dout.len() {
                 dw[i] += scale * x[i].sin() * dout[i];
                 dx[i] += w[i] * x[i].cos() * dout[i];
             }
         }",
    )
    .unwrap();
    let built = Command::new("rustc")
        .args(["--emit=llvm-ir", "--crate-type=lib", "-Copt-level=3"])
        .args(["-Cno-prepopulate-passes", "-Cpanic=abort"])
        .arg("-o")
        .arg(folder.path().join("layer.ll"))
        .arg(&source)
        .status()
        .unwrap();
    assert!(built.success());
    let run = |manual: &str| {
        let output = irad(&["check", "layer.ll", "--fn", "weigh", "--mode", "reverse"])
            .args(["--manual", manual, "--json"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let verdicts: Vec<(String, String)> = document["manual"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| {
                let word = |key: &str| part[key].as_str().unwrap().to_owned();
                (word("name"), word("verdict"))
            })
            .collect();
        (output.status.code(), verdicts)
    };
    let pair = |name: &str, verdict: &str| (name.to_owned(), verdict.to_owned());
    assert_eq!(
        run("weigh_back"),
        (Some(0), vec![pair("w", "agrees"), pair("x", "agrees")])
    );
    assert_eq!(
        run("weigh_wrong"),
        (Some(1), vec![pair("w", "agrees"), pair("x", "disagrees")])
    );
}

/// Of many outputs some are compared, and the others are outputs all the same: what is in their shadows is taken away.
#[test]
fn many_outputs_are_outputs() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("many.rs"),
        "pub fn layer(out: &mut [f64], x: &[f64], w: f64) -> f64 {
             for i in 0..x.len() { out[i] = (x[i] * w).tanh(); }
             out.iter().sum()
         }",
    )
    .unwrap();
    for length in ["255", "257", "300", "600"] {
        let lengths = format!("x={length},out={length}");
        let output = irad(&["check", "many.rs", "layer", "--mode", "reverse"])
            .args(["--len", &lengths, "--points", "4"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    }
}

/// What a constant pointer leads to is called all the same, and the derivative misses it.
#[test]
fn a_constant_pointer_to_a_function_is_doubted() {
    let text = transcript(&[
        "diff",
        "fixtures/numeric/functions.ll",
        "passed_pointer",
        "--activity",
        "f=Const",
    ]);
    check("doubt_constant_function", &head(&text));
}
