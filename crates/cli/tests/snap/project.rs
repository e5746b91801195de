//! A project of two snapshots in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The top of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Variables that change what a check does.
pub const VARIABLES: [&str; 11] = [
    "CI",
    "TF_BUILD",
    "INSTA_UPDATE",
    "INSTA_WORKSPACE_ROOT",
    "INSTA_PENDING_DIR",
    "GITHUB_WORKSPACE",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "PAGER",
];

/// A folder with an `irad.toml` and modules.
pub struct Project(pub TempDir);

/// Two entries, one of them with everything at its default.
pub const TWO: &str = r#"
[[entry]]
name = "cube"
input = "ir/scalar.ll"
function = "cube"
mode = "reverse"

[[entry]]
name = "square root"
description = "Newton's method"
input = "ir/newton.ll"
function = "newton::square_root"
mode = "forward"
activities = { a = "Dual", return = "DualOnly" }
stage = ["prepared", "final"]
"#;

impl Project {
    /// With two fixtures and this configuration.
    pub fn new(config: &str) -> Self {
        let project = Project(TempDir::new().unwrap());
        fs::create_dir(project.path("ir")).unwrap();
        for name in ["scalar.ll", "newton.ll"] {
            let from = root().join("fixtures").join(name);
            fs::copy(from, project.path("ir").join(name)).unwrap();
        }
        project.write("irad.toml", config);
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The program in this folder, told to look at nothing but its arguments.
    pub fn irad(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
        command
            .arg("snap")
            .args(arguments)
            .current_dir(self.0.path())
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"));
        for name in VARIABLES {
            command.env_remove(name);
        }
        command
    }

    /// Runs it and gives exit code, standard output and standard error.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        said(self.irad(arguments).output().unwrap())
    }

    /// Records both entries of [`TWO`].
    pub fn recorded() -> Self {
        let project = Project::new(TWO);
        let (code, out, errors) = project.run(&["record"]);
        assert_eq!(code, 0, "{out}{errors}");
        project
    }

    /// Makes cube's source say something else.
    pub fn change_cube(&self) {
        let text = self.read("ir/scalar.ll");
        let start = text.find("@_ZN6scalar4cube").unwrap();
        let at = start + text[start..].find("i32 3)").unwrap();
        let changed = format!("{}i32 4){}", &text[..at], &text[at + 6..]);
        self.write("ir/scalar.ll", &changed);
    }
}

pub fn said(output: Output) -> (i32, String, String) {
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

/// A snapshot without its header.
pub fn body(text: &str) -> &str {
    let (_, rest) = text.split_once("\n---\n").unwrap();
    rest
}
