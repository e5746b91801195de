//! The test binaries: cargo builds them and says where they are, and they say what tests they hold.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// One test binary.
pub struct Binary {
    /// As cargo shows it: `unittests src/lib.rs`, `tests/slice.rs`.
    pub title: String,
    /// Its crate and its name there, which stay when it is built anew.
    pub name: String,
    pub program: PathBuf,
    /// The folder of its crate, where cargo runs it.
    pub folder: PathBuf,
}

fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Builds the test binaries that `cargo test` would run.
pub fn build(arguments: &[String]) -> Result<Vec<Binary>, String> {
    let output = Command::new(cargo())
        .args(["test", "--no-run"])
        .arg("--message-format=json-render-diagnostics")
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err("the tests could not be built".to_owned());
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut found: Vec<Binary> = messages.filter_map(|message| of(&message)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        return Err("there is nothing to test".to_owned());
    }
    Ok(found)
}

/// The test binary that one of cargo's messages tells of.
fn of(message: &Value) -> Option<Binary> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let target = &message["target"];
    let source = Path::new(target["src_path"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
    let source = source.strip_prefix(folder).unwrap_or(source).display();
    let is_test = target["kind"][0] == "test";
    let package = folder.file_name()?.to_string_lossy();
    Some(Binary {
        title: format!("{}{source}", if is_test { "" } else { "unittests " }),
        name: format!("{package}/{source}"),
        program: message["executable"].as_str()?.into(),
        folder: folder.to_owned(),
    })
}

impl Binary {
    /// Runs it as cargo does.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .stdin(Stdio::null());
        command
    }

    /// The names of its tests.
    pub fn tests(&self) -> Result<Vec<String>, String> {
        let output = self
            .command()
            .args(["--list", "--format", "terse"])
            .output();
        let output = output.map_err(|error| format!("{} does not start: {error}", self.title))?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{} does not list its tests: {errors}", self.title));
        }
        let listed = String::from_utf8_lossy(&output.stdout);
        let names = listed
            .lines()
            .filter_map(|line| line.strip_suffix(": test"));
        Ok(names.map(str::to_owned).collect())
    }
}

/// Where cargo builds.
pub fn target_folder() -> Result<PathBuf, String> {
    let output = Command::new(cargo())
        .args(["metadata", "--no-deps", "--format-version=1"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo metadata says nothing: {error}"))?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder
        .ok_or("cargo metadata names no target folder")?
        .into())
}

/// Whether these arguments ask for some targets only, so that cargo leaves documentation out.
pub fn is_selective(arguments: &[String]) -> bool {
    let targets = [
        "--test",
        "--tests",
        "--lib",
        "--bin",
        "--bins",
        "--all-targets",
    ];
    arguments.iter().any(|one| {
        let flag = one.split('=').next().unwrap_or(one);
        targets.contains(&flag)
    })
}

/// Runs the examples in the documentation.
pub fn run_documentation(arguments: &[String]) -> Result<bool, String> {
    let status = Command::new(cargo())
        .args(["test", "--doc"])
        .args(arguments)
        .status()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    Ok(status.success())
}
