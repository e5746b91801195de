//! Rust sources as input: a file that rustc compiles, or a crate's folder that cargo builds.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::sync::Arc;

use ir_load::{Origin, Source};

use crate::build::{self, KEEP_EVERYTHING, Keeps};
use crate::error::Error;
use crate::made_of::MadeOf;
use crate::tools;

/// What a Rust file is compiled with: before rustc's own passes, with types, and with code for every
/// function.
const RUSTC: [&str; 17] = [
    "--edition",
    "2024",
    "--crate-type",
    "lib",
    "--emit=llvm-ir",
    "-C",
    "opt-level=3",
    "-C",
    "no-prepopulate-passes",
    "-C",
    "codegen-units=1",
    "-C",
    "panic=abort",
    "-C",
    "debuginfo=2",
    // Names of generic functions that spell their types out.
    "-C",
    "symbol-mangling-version=v0",
];

/// Reads IR, or makes it of a Rust file or a crate's folder first.
pub(crate) fn read(path: &Path) -> Result<(Source, Option<MadeOf>), Error> {
    if path.extension().is_some_and(|end| end == "rs") && path.is_file() {
        let made_of = MadeOf {
            sources: vec![path.to_owned()],
            features: Vec::new(),
        };
        return Ok((compiled(path)?, Some(made_of)));
    }
    if path.join("Cargo.toml").is_file() {
        let built = build::build(&[], path, Keeps::Everything)?;
        let made_of = MadeOf {
            sources: built.sources,
            features: built.features,
        };
        return Ok((Source::read(&built.modules[0])?, Some(made_of)));
    }
    Ok((Source::read(path)?, None))
}

fn compiled(path: &Path) -> Result<Source, Error> {
    let folder = env::temp_dir().join(format!("irad-{}", process::id()));
    let failed = |error: Option<std::io::Error>| Error::Rustc {
        origin: path.display().to_string(),
        error: error.map(Arc::new),
    };
    fs::create_dir_all(&folder).map_err(|error| failed(Some(error)))?;
    let made = rustc(path, &folder.join("made.ll"));
    // What is left behind is in nobody's way.
    let _ = fs::remove_dir_all(&folder);
    let bytes = made.map_err(failed)?;
    Ok(Source::new(Origin::File(path.to_owned()), bytes)?)
}

/// What rustc makes of a file; no error of the system's where it said itself why it made nothing.
fn rustc(path: &Path, out: &Path) -> Result<Vec<u8>, Option<std::io::Error>> {
    let status = Command::new(tools::rustc())
        .arg(path)
        .args(RUSTC)
        .args(KEEP_EVERYTHING)
        .arg("-o")
        .arg(out)
        .stdin(Stdio::null())
        .status()?;
    match status.success() {
        true => Ok(fs::read(out)?),
        false => Err(None),
    }
}
