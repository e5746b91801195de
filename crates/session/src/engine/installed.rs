//! Which engines there are, and which of them fits a module. An engine has one LLVM, and is named for it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use ir_load::llvm_major;

use super::start_error::StartError;

/// An engine's executable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The major version of its LLVM; none where somebody chose it by its path.
    pub llvm: Option<u32>,
    /// Where it is.
    pub path: PathBuf,
}

/// Which LLVM a module is read by: its major version, once something tells.
#[derive(Debug, Default)]
pub struct Needs(AtomicU32);

impl Needs {
    /// That of a module that names it.
    pub fn new(llvm: Option<u32>) -> Self {
        Needs(AtomicU32::new(llvm.unwrap_or_default()))
    }

    /// The major version.
    pub fn llvm(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|&major| major != 0)
    }

    /// From now on it is this.
    pub(super) fn set(&self, llvm: u32) {
        self.0.store(llvm, Ordering::Relaxed);
    }
}

impl Clone for Needs {
    fn clone(&self) -> Self {
        Needs::new(self.llvm())
    }
}

/// What an engine's name begins with.
const NAME: &str = "irad-engine-";
/// The engine that is always built.
const USUAL: u32 = 22;

/// The engine that `IRAD_ENGINE` names. An empty name is none.
fn named() -> Option<PathBuf> {
    let name = env::var_os("IRAD_ENGINE")?;
    (!name.is_empty()).then(|| PathBuf::from(name))
}

/// The engines: the one that `IRAD_ENGINE` names and no other, or those beside this program, oldest LLVM first. The
/// folder is read once.
pub fn installed() -> Vec<Installed> {
    static FOUND: OnceLock<Vec<Installed>> = OnceLock::new();
    FOUND.get_or_init(find).clone()
}

fn find() -> Vec<Installed> {
    if let Some(path) = named() {
        let chosen = Installed { llvm: None, path };
        return match chosen.path.is_file() {
            true => vec![chosen],
            false => Vec::new(),
        };
    }
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<Installed> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let llvm = name.to_str()?.strip_prefix(NAME)?.parse().ok()?;
            let path = entry.path();
            path.is_file().then_some(Installed {
                llvm: Some(llvm),
                path,
            })
        })
        .collect();
    found.sort_by_key(|engine| engine.llvm);
    found
}

/// The engine for a module of this LLVM: its own, else the next one, which reads what came before it, else the
/// newest. A module that says nothing gets the usual one.
pub fn locate(llvm: Option<u32>) -> Result<Installed, StartError> {
    let mut engines = installed();
    let wanted = llvm.unwrap_or(USUAL);
    let fits = |engine: &Installed| engine.llvm.is_none_or(|llvm| llvm >= wanted);
    let at = engines.iter().position(fits);
    match at.or(engines.len().checked_sub(1)) {
        Some(at) => Ok(engines.swap_remove(at)),
        None => Err(StartError::Missing {
            path: named().unwrap_or_else(|| {
                let folder = folder().unwrap_or_default();
                folder.join(format!("{NAME}{USUAL}"))
            }),
        }),
    }
}

/// An engine with a newer LLVM than this one, if there is one: it may read what this one could not.
pub(super) fn newer(than: Option<u32>) -> Option<u32> {
    let used = locate(than).ok()?.llvm?;
    let newer = installed().into_iter().filter_map(|engine| engine.llvm);
    newer.filter(|&llvm| llvm > used).min()
}

/// The LLVM of the rustc that makes IR here, if more than one engine could read it.
pub fn of_rustc(rustc: &Path) -> Option<u32> {
    if installed().len() < 2 {
        return None;
    }
    let output = Command::new(rustc).arg("-vV").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    llvm_major(version)
}

/// The folder of this program.
fn folder() -> Option<PathBuf> {
    Some(env::current_exe().ok()?.parent().map(Path::to_owned)?)
}
