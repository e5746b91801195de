//! Remembers which requests a check has passed on, so that a guess that turned out right is no
//! warning any more.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use trace::{AdOptions, Remark, Severity, Task, Trace};

use crate::module::Module;

/// The reason to doubt that a remark is, whatever was checked on this machine: what is written down for
/// others must not depend on that.
pub fn doubt(remark: &Remark) -> Option<String> {
    let doubted = remark.checked || remark.severity == Severity::Warning;
    doubted.then(|| remark.kind.to_string())
}

/// The name of a request: the function with everything that it reaches, and how it is differentiated.
pub fn key(module: &Module, symbol: &str, ad: &AdOptions) -> String {
    let part = module.part(symbol);
    let mut hasher = DefaultHasher::new();
    part.sent().hash(&mut hasher);
    symbol.hash(&mut hasher);
    serde_json::to_string(ad)
        .expect("plain data")
        .hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Remembers that a check has passed. Where nothing can be remembered, the warning stays.
pub fn note(key: &str) {
    if let Some(folder) = folder()
        && fs::create_dir_all(&folder).is_ok()
    {
        let _ = fs::write(folder.join(key), "");
    }
}

/// Makes a note of the warning about guessed types where a check has passed on the same request.
pub fn weigh(trace: &mut Trace, module: &Module) {
    let Task::Differentiate { function, ad, .. } = &trace.request.task else {
        return;
    };
    if !trace.remarks.iter().any(|remark| remark.kind.is_guess()) {
        return;
    }
    let key = key(module, function, ad);
    if !folder().is_some_and(|folder| folder.join(key).is_file()) {
        return;
    }
    for remark in &mut trace.remarks {
        if remark.kind.is_guess() {
            remark.severity = Severity::Note;
            remark.checked = true;
        }
    }
}

fn folder() -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("irad").join("checked"))
}
