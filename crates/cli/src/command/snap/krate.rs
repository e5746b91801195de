//! Builds a crate that an entry names, for its IR.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::config::CrateInput;
use super::file::shown;
use crate::advice::quoted;
use crate::output::Global;
use crate::report::Failure;

/// Builds the crate and gives the path of its IR. What cargo says goes to standard error as it is.
pub fn build(input: &CrateInput, _global: &Global) -> Result<PathBuf, Failure> {
    let manifest = match input.path.is_dir() {
        true => input.path.join("Cargo.toml"),
        false => input.path.clone(),
    };
    if !manifest.is_file() {
        return Err(
            Failure::usage("open", format!("there is no crate at {}", input.shown))
                .note(format!("looked for {}", shown(&manifest)))
                .help("crate = names the folder of a Cargo.toml"),
        );
    }
    let output = cargo(input, &manifest)
        .output()
        .map_err(|error| Failure::usage("cargo", format!("cargo cannot be started: {error}")))?;
    if !output.status.success() {
        return Err(
            Failure::usage("build", format!("cargo could not build {}", input.shown))
                .help("its own words stand above"),
        );
    }
    ir_of(&String::from_utf8_lossy(&output.stdout), input)
}

fn cargo(input: &CrateInput, manifest: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["rustc", "--message-format", "json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(manifest)
        .args(["--profile", input.profile.as_deref().unwrap_or("release")]);
    if let Some(package) = &input.package {
        command.args(["--package", package]);
    }
    for word in input
        .target
        .as_deref()
        .unwrap_or("lib")
        .split_whitespace()
        .enumerate()
    {
        match word {
            (0, kind) => command.arg(format!("--{kind}")),
            (_, name) => command.arg(name),
        };
    }
    if !input.features.is_empty() {
        command.args(["--features", &input.features.join(",")]);
    }
    if input.all_features {
        command.arg("--all-features");
    }
    if input.no_default_features {
        command.arg("--no-default-features");
    }
    command
        // Other flags than the project's own builds have would throw their results away.
        .arg("--target-dir")
        .arg(target_folder(manifest))
        .args(["--", "--emit=llvm-ir", "-C", "opt-level=3"])
        .args(["-C", "no-prepopulate-passes", "-C", "codegen-units=1"])
        .args(["-C", "panic=abort", "-C", "debuginfo=2"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    command
}

fn target_folder(manifest: &Path) -> PathBuf {
    let folder = manifest.parent().unwrap_or(Path::new("."));
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => PathBuf::from(target).join("irad"),
        None => folder.join("target").join("irad"),
    }
}

/// The IR beside the last artifact that cargo names.
fn ir_of(messages: &str, input: &CrateInput) -> Result<PathBuf, Failure> {
    let missing = || {
        Failure::usage(
            "build",
            format!("cargo built {}, and left no IR", input.shown),
        )
    };
    let artifact = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .rfind(|message| message["reason"] == "compiler-artifact")
        .ok_or_else(missing)?;
    let name = artifact["target"]["name"]
        .as_str()
        .unwrap_or_default()
        .replace('-', "_");
    let files = artifact["filenames"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut found: Vec<(std::time::SystemTime, PathBuf)> = files
        .iter()
        .filter_map(|file| Path::new(file.as_str()?).parent().map(Path::to_owned))
        .flat_map(|folder| [folder.join("deps"), folder])
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| {
            let file = entry.file_name().to_string_lossy().into_owned();
            file.ends_with(".ll")
                && file
                    .strip_prefix(&name)
                    .is_some_and(|rest| rest.starts_with(['-', '.']))
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path).ok_or_else(missing)
}

/// The flags that say which crate is meant.
pub fn flags(input: &CrateInput) -> String {
    let mut out = format!(" --crate {}", quoted(&input.shown));
    let mut flag = |name: &str, value: &str| out.push_str(&format!(" {name} {}", quoted(value)));
    if let Some(package) = &input.package {
        flag("--package", package);
    }
    if let Some(target) = &input.target {
        flag("--target", target);
    }
    if !input.features.is_empty() {
        flag("--features", &input.features.join(","));
    }
    if let Some(profile) = &input.profile {
        flag("--profile", profile);
    }
    if input.all_features {
        out.push_str(" --all-features");
    }
    if input.no_default_features {
        out.push_str(" --no-default-features");
    }
    out
}
