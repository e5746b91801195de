//! LLVM's programs that irad runs where they are installed.

use std::env;
use std::path::PathBuf;

/// llvm-reduce: what `LLVM_REDUCE` names, else one in the path or where Debian puts it.
pub fn reducer() -> Option<PathBuf> {
    if let Some(path) = env::var_os("LLVM_REDUCE") {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?)
        .chain([PathBuf::from("/usr/lib/llvm-22/bin")])
        .collect();
    ["llvm-reduce-22", "llvm-reduce"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

/// The rustc that makes IR.
pub(crate) fn rustc() -> PathBuf {
    env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from)
}
