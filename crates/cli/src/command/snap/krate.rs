//! A crate that an entry names: built by cargo, and the module of it that has a function.

use std::path::{Path, PathBuf};

use super::config::CrateInput;
use crate::advice::quoted;
use crate::build::{BuildError, Built, build};
use crate::input::{self, Module};
use crate::output::Global;
use crate::report::Failure;
use crate::uncompiled;

/// Builds the crate. What cargo says goes to standard error as it is.
pub fn built(input: &CrateInput) -> Result<Built, Failure> {
    let folder = match input.path.is_dir() {
        true => input.path.as_path(),
        false => input.path.parent().unwrap_or(Path::new(".")),
    };
    if !folder.join("Cargo.toml").is_file() {
        return Err(
            Failure::usage("open", format!("there is no crate at {}", input.shown))
                .help("a crate is named by the folder of its Cargo.toml"),
        );
    }
    build(&cargo_flags(input), folder).map_err(|error| match error {
        BuildError::Failure(failure) => *failure,
        BuildError::Said => {
            Failure::usage("build", format!("cargo could not build {}", input.shown))
                .help("standard error has cargo's own words")
        }
    })
}

/// The module that defines a function: of several codegen units one does.
pub fn module(built: &Built, function: &str, global: &Global) -> Result<Module, Failure> {
    let load = |path: &PathBuf| {
        let shown = PathBuf::from(super::file::shown(path));
        input::load(&shown, None, Some(function), global)
    };
    let mut reason = None;
    for path in &built.modules {
        let module = load(path)?;
        match module.resolve(function) {
            Ok(_) => return Ok(module),
            Err(failure) => reason = Some(failure),
        }
    }
    let reason = reason.unwrap_or_else(|| Failure::usage("no_ir", "cargo left no IR"));
    Err(uncompiled::explain(reason, function, &built.sources))
}

fn cargo_flags(input: &CrateInput) -> Vec<String> {
    let mut flags = Vec::new();
    let mut flag = |name: &str, value: &str| {
        flags.push(format!("--{name}"));
        flags.push(value.to_owned());
    };
    if let Some(package) = &input.package {
        flag("package", package);
    }
    if !input.features.is_empty() {
        flag("features", &input.features.join(","));
    }
    if let Some(profile) = &input.profile {
        flag("profile", profile);
    }
    match input.target.as_deref().map(|target| target.split_once(' ')) {
        Some(Some((kind, name))) => flag(kind, name.trim()),
        Some(None) => flags.extend(input.target.iter().map(|kind| format!("--{kind}"))),
        None => {}
    }
    if input.all_features {
        flags.push("--all-features".to_owned());
    }
    if input.no_default_features {
        flags.push("--no-default-features".to_owned());
    }
    flags
}

/// The flags of `irad snap` that say which crate is meant.
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

/// The flags of `cargo irad` that say the same.
pub fn for_cargo(input: &CrateInput) -> String {
    let manifest = Path::new(&input.shown).join("Cargo.toml");
    let mut out = format!(
        " --manifest-path {}",
        quoted(&manifest.display().to_string())
    );
    for flag in cargo_flags(input) {
        out.push_str(&format!(" {}", quoted(&flag)));
    }
    out
}
