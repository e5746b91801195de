//! Writes files whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::output::write_stdout;
use crate::report::Failure;

/// Writes the whole file or none of it; `-` is standard output. A link is followed, and what is no
/// ordinary file (a pipe, a device) is written to and stays what it is. `inputs` are not replaced.
pub fn write(path: &Path, bytes: &[u8], inputs: &[&Path]) -> Result<(), Failure> {
    if path == Path::new("-") {
        return write_stdout(bytes);
    }
    let path = check(path, inputs)?;
    let fail = |error: io::Error| failure(&path, &error);
    if path.exists() && !path.is_file() {
        return fs::write(&path, bytes).map_err(fail);
    }
    let mut partial = path.clone().into_os_string();
    partial.push(format!(".{}.partial", std::process::id()));
    fs::write(&partial, bytes)
        .and_then(|()| fs::rename(&partial, &path))
        .map_err(|error| {
            let _ = fs::remove_file(&partial);
            fail(error)
        })
}

/// Says now what writing there would run into later, and gives the path that is meant.
pub fn check(path: &Path, inputs: &[&Path]) -> Result<PathBuf, Failure> {
    if path == Path::new("-") {
        return Ok(path.to_owned());
    }
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    for input in inputs {
        if fs::canonicalize(input).is_ok_and(|input| input == real) {
            return Err(Failure::usage(
                "write",
                format!("{} is the input, and would be replaced", path.display()),
            )
            .help("name another file"));
        }
    }
    if real.is_dir() {
        return Err(
            Failure::usage("write", format!("{} is a folder", path.display()))
                .help("name a file in it"),
        );
    }
    let folder = real
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(Failure::usage(
            "write",
            format!(
                "cannot write {}: there is no folder {}",
                path.display(),
                folder.display()
            ),
        )),
        _ => Ok(real),
    }
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    Failure::usage("write", format!("cannot write {}: {error}", path.display()))
}
