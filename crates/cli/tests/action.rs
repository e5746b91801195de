//! The action for GitHub: what it runs, what it says, and how it ends; and what `make dist` packs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A folder with an archive of programs that hand over to those that were built for this test, and with a module.
fn prepared() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("irad-test/bin");
    fs::create_dir_all(&programs).unwrap();
    for (name, program) in [
        ("irad", env!("CARGO_BIN_EXE_irad")),
        ("cargo-irad", env!("CARGO_BIN_EXE_cargo-irad")),
    ] {
        let path = programs.join(name);
        let engine = env!("CARGO_BIN_EXE_irad-engine-22");
        let script =
            format!("#!/bin/sh\nIRAD_ENGINE={engine} IRAD_CONFIG= exec {program} \"$@\"\n");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let packed = Command::new("tar")
        .current_dir(folder.path())
        .args(["-czf", "irad.tar.gz", "irad-test"])
        .status();
    assert!(packed.unwrap().success());
    fs::copy(
        root().join("fixtures/model.ll"),
        folder.path().join("model.ll"),
    )
    .unwrap();
    folder
}

fn action(folder: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(root().join("action/run.sh"));
    command
        .current_dir(folder)
        .env("RUNNER_TEMP", folder)
        .env("GITHUB_PATH", folder.join("path"))
        .env("IRAD_ARCHIVE", "irad.tar.gz")
        .env("IRAD_CHECK_LIMIT", "60")
        .env("CI", "true");
    for (name, value) in variables {
        command.env(name, value);
    }
    command.output().unwrap()
}

#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

#[test]
fn derivatives_are_checked_line_by_line() {
    let folder = prepared();
    let checks = "model.ll loss --mode reverse\n\n  model.ll --fn 'model::loss' --mode forward\n";
    let both = [("IRAD_SNAP", "false"), ("IRAD_CHECK", checks)];
    let text = ended(&action(folder.path(), &both), 0);
    assert_eq!(text.matches("check passed: ").count(), 2, "{text}");
    let path = fs::read_to_string(folder.path().join("path")).unwrap();
    assert!(Path::new(path.trim()).join("irad").is_file(), "{path}");
    // Every line is run, and the highest code is the answer.
    let checks = "model.ll lost --mode reverse\nmodel.ll loss --mode reverse\n";
    let both = [("IRAD_SNAP", "false"), ("IRAD_CHECK", checks)];
    let text = ended(&action(folder.path(), &both), 2);
    assert!(text.contains("did you mean model::loss?"), "{text}");
    assert!(text.contains("check passed: "), "{text}");
}

#[test]
fn snapshots_are_checked_with_annotations() {
    let folder = prepared();
    let entry = "[[entry]]\nname = \"loss\"\ninput = \"model.ll\"\nfunction = \"loss\"\nmode = \"reverse\"\n";
    fs::write(folder.path().join("irad.toml"), entry).unwrap();
    let text = ended(
        &action(folder.path(), &[("IRAD_JUNIT", "snapshots.xml")]),
        1,
    );
    assert!(text.contains("::error "), "{text}");
    assert!(folder.path().join("snapshots.xml").is_file());
    let recorded = Command::new(env!("CARGO_BIN_EXE_irad"))
        .current_dir(folder.path())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .args(["snap", "record"])
        .output();
    ended(&recorded.unwrap(), 0);
    ended(&action(folder.path(), &[]), 0);
}

#[test]
fn an_archive_is_held_against_its_checksum() {
    let folder = prepared();
    let wrong = "0".repeat(64);
    let variables = [("IRAD_SNAP", "false"), ("IRAD_SHA256", wrong.as_str())];
    let text = ended(&action(folder.path(), &variables), 2);
    assert!(
        text.contains("is not the archive with the checksum"),
        "{text}"
    );
    assert!(!text.contains("irad 0."), "{text}");
}

#[test]
fn the_action_says_what_it_takes() {
    let read = |file: &str| fs::read_to_string(root().join(file)).unwrap();
    let (definition, script) = (read("action/action.yml"), read("action/run.sh"));
    for name in ["ARCHIVE", "SHA256", "SNAP", "CHECK", "FOLDER", "JUNIT"] {
        let name = format!("IRAD_{name}");
        assert!(
            definition.contains(&format!("{name}: ${{{{ inputs.")),
            "{name}"
        );
        assert!(script.contains(&name), "{name}");
    }
}

/// A program that needs a newer C library than it may is not packed.
#[test]
fn no_archive_is_made_of_what_would_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_irad")).parent().unwrap();
    let output = Command::new(root().join("scripts/dist/pack.sh"))
        .arg(programs)
        .arg(folder.path())
        .arg("2.2.5")
        .output();
    let text = ended(&output.unwrap(), 1);
    assert!(text.contains("dist: irad needs GLIBC_2."), "{text}");
    assert!(text.contains("and may need GLIBC_2.2.5 at most"), "{text}");
}
