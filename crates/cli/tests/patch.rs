//! A patch is one for git, as it stands, and for what shows patches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn irad(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(arguments)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

#[test]
fn git_apply_turns_one_point_into_the_other() {
    for (file, function, mode, before, after) in [
        ("model.ll", "loss", "reverse", "prepared", "final"),
        (
            "softmax.ll",
            "cross_entropy",
            "reverse",
            "prepared",
            "final",
        ),
        (
            "softmax.ll",
            "cross_entropy",
            "forward",
            "input",
            "derivative",
        ),
        (
            "debuginfo.ll",
            "loss",
            "reverse",
            "preprocessed",
            "derivative",
        ),
        (
            "mangled_legacy.ll",
            "two_circles",
            "forward",
            "derivative",
            "final",
        ),
        (
            "mangled_v0.ll",
            "two_circles",
            "reverse",
            "prepared",
            "final",
        ),
        ("nightly.ll", "df_many", "forward", "prepared", "final"),
        ("scalar.ll", "cube", "reverse", "input", "final"),
    ] {
        let path = format!("fixtures/{file}");
        let common = [path.as_str(), "--fn", function, "--mode", mode];
        let show = |point: &str| {
            let arguments = [
                &["show"],
                &common[..],
                &["--raw-names", "--debug-info", "--metadata", "--at", point],
            ]
            .concat();
            irad(&arguments).stdout
        };
        let points = ["--before", before, "--after", after, "--format", "patch"];
        for context in ["0", "3", "100000"] {
            let arguments = [&["diff"], &common[..], &points, &["--context", context]].concat();
            let patch = irad(&arguments).stdout;
            let text = String::from_utf8(patch.clone()).unwrap();
            let name = text.lines().next().unwrap().strip_prefix("--- a/").unwrap();
            assert_eq!(text.lines().nth(1), Some(format!("+++ b/{name}").as_str()));
            let folder = tempfile::tempdir().unwrap();
            let target = folder.path().join(name);
            fs::write(&target, show(before)).unwrap();
            fs::write(folder.path().join("change.patch"), &patch).unwrap();
            let mut git = Command::new("git");
            git.args(["apply", "--whitespace=nowarn"])
                .args((context == "0").then_some("--unidiff-zero"))
                .arg("change.patch")
                // It is no checkout, and must not find one above it.
                .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap())
                .current_dir(folder.path());
            let applied = git.output().unwrap();
            let said = String::from_utf8_lossy(&applied.stderr);
            assert!(applied.status.success(), "{file} {context}: {said}");
            assert!(said.is_empty(), "{file} {context}: {said}");
            let (found, wanted) = (fs::read(&target).unwrap(), show(after));
            assert!(
                found == wanted,
                "{file} {function} {mode}, context {context}"
            );
        }
    }
}

#[test]
fn no_difference_is_an_empty_patch() {
    let same = [
        "diff",
        "fixtures/dot.ll",
        "fixtures/dot.ll",
        "--fn",
        "dot",
        "--format",
        "patch",
    ];
    assert!(irad(&same).stdout.is_empty());
}
