//! `--help` says what there is.

use crate::run::{check, irad, stdout};

#[test]
fn help_of_every_command() {
    for command in [
        "",
        "diff",
        "passes",
        "explain",
        "explore",
        "report",
        "check",
        "locate",
        "profile",
        "tune",
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
        "terms",
        "toolchain",
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

/// One glossary, which the command and the README have in common.
#[test]
fn the_readme_has_the_terms() {
    let readme = include_str!("../../../../README.md");
    let terms = stdout(&irad(&["terms"]).output().unwrap());
    assert!(terms.lines().count() > 9);
    assert!(readme.contains(&terms), "{terms}");
    let help = stdout(&irad(&["help", "terms"]).output().unwrap());
    assert!(help.starts_with(&terms), "{help}");
}

#[test]
fn the_doctor_finds_nothing_wrong_here() {
    let output = irad(&["doctor"]).output().unwrap();
    assert!(output.status.success());
    let text = stdout(&output);
    assert!(text.contains("LLVM          22."), "{text}");
    let enzyme = text.lines().find(|line| line.starts_with("Enzyme "));
    // Its version, and where that comes from.
    assert!(
        enzyme.is_some_and(|line| line.contains('(') && line.contains("commit")),
        "{text}"
    );
}
