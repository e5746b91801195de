//! `--help` says what there is.

use crate::run::{check, irad, stdout};

#[test]
fn help_of_every_command() {
    for command in [
        "",
        "diff",
        "passes",
        "explain",
        "check",
        "emit",
        "survey",
        "reduce",
        "list",
        "show",
        "opt",
        "doctor",
        "cargo",
        "completions",
        "man",
        "snap",
    ] {
        let mut arguments = vec!["--help"];
        if !command.is_empty() {
            arguments.insert(0, command);
        }
        let output = irad(&arguments).output().unwrap();
        assert!(output.status.success());
        let name = if command.is_empty() { "irad" } else { command };
        check(&format!("help_{name}"), &stdout(&output));
    }
}

#[test]
fn the_doctor_finds_nothing_wrong_here() {
    let output = irad(&["doctor"]).output().unwrap();
    assert!(output.status.success());
    let text = stdout(&output);
    assert!(text.contains("LLVM          22."), "{text}");
    assert!(text.contains("Enzyme"), "{text}");
}
