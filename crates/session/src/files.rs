//! Writes files whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a file was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// It is what was read.
    #[error("{} is the input, and would be replaced", path.display())]
    IsInput {
        /// The file.
        path: PathBuf,
    },
    /// It is a folder.
    #[error("{} is a folder", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Its folder is not there.
    #[error("cannot write {}: there is no folder {}", path.display(), folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The system says why.
    #[error("cannot write {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        error: Arc<io::Error>,
    },
}

/// Writes the whole file or none of it. A link is followed, and what is no ordinary file (a pipe, a
/// device) is written to and stays what it is. `inputs` are not replaced.
pub fn write(path: &Path, bytes: &[u8], inputs: &[&Path]) -> Result<(), WriteError> {
    let path = check(path, inputs)?;
    let fail = |error: io::Error| WriteError::Io {
        path: path.clone(),
        error: Arc::new(error),
    };
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

/// Says now what writing there would run into later, and gives the path that is meant; `-`, which is
/// standard output, is always good.
pub fn check(path: &Path, inputs: &[&Path]) -> Result<PathBuf, WriteError> {
    if path == Path::new("-") {
        return Ok(path.to_owned());
    }
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_input = |input: &&Path| fs::canonicalize(input).is_ok_and(|input| input == real);
    if inputs.iter().any(is_input) {
        return Err(WriteError::IsInput {
            path: path.to_owned(),
        });
    }
    if real.is_dir() {
        return Err(WriteError::IsFolder {
            path: path.to_owned(),
        });
    }
    let folder = real
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(WriteError::NoFolder {
            path: path.to_owned(),
            folder: folder.to_owned(),
        }),
        _ => Ok(real),
    }
}
