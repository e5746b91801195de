//! A crate that an entry names: built by cargo, and the module of it that has a function.

use std::path::{Path, PathBuf};

use session::build::{BuildError, Built, Keeps, build};
use session::load::load;
use session::module::Module;
use session::shell::quoted;
use trace::Limits;

use crate::entry::CrateInput;
use crate::error::Error;
use crate::file;

/// Builds the crate. What cargo says goes to standard error as it is.
pub fn built(input: &CrateInput) -> Result<Built, Error> {
    let folder = match input.path.is_dir() {
        true => input.path.as_path(),
        false => input.path.parent().unwrap_or(Path::new(".")),
    };
    if !folder.join("Cargo.toml").is_file() {
        return Err(Error::NoCrate {
            shown: input.shown.clone(),
        });
    }
    build(&cargo_flags(input), folder, Keeps::AsUsual).map_err(|error| match error {
        BuildError::Said => Error::Unbuilt {
            shown: input.shown.clone(),
        },
        error => Error::Build(error),
    })
}

/// The module that defines a function: of several codegen units one does.
pub fn module(built: &Built, function: &str, limits: Limits) -> Result<Module, Error> {
    let mut reason = None;
    for path in &built.modules {
        let module = load(
            &PathBuf::from(file::shown(path)),
            None,
            Some(function),
            limits,
        )?;
        match module.resolve(function) {
            Ok(_) => return Ok(module),
            Err(error) => reason = Some(error),
        }
    }
    Err(match reason {
        Some(error) => Error::Uncompiled {
            error,
            function: function.to_owned(),
            sources: built.sources.clone(),
            features: built.features.clone(),
        },
        None => Error::NoIr,
    })
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
