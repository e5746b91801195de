//! Compiles and runs a small program that shows what a compiler's Enzyme can do, and what it gets wrong.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::compiler::Compiler;
use super::error::NightlyError;

/// The program: without the standard library, because all of that would go through link-time optimisation.
const SOURCE: &str = include_str!("probe/main.rs");

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// True where elements that a generic function swaps get each other's derivatives. With rustc 1.97 each keeps
    /// its own: that is known to be wrong.
    pub swaps_right: bool,
}

/// Compiles the program in `folder` with `rustc`, which is the compiler's or stands for it, and runs it.
pub fn probe(compiler: &Compiler, rustc: &Path, folder: &Path) -> Result<Probed, NightlyError> {
    let source = folder.join("probe.rs");
    let program = folder.join("probe");
    fs::write(&source, SOURCE).map_err(NightlyError::io(&source))?;
    let compiled = Command::new(rustc)
        .args([
            "--edition",
            "2024",
            "-C",
            "opt-level=3",
            "-C",
            "panic=abort",
        ])
        .args(["-C", "lto=fat", "-Zautodiff=Enable", "-o"])
        .arg(&program)
        .arg(&source)
        .output()
        .map_err(NightlyError::run(rustc))?;
    let refused = |output: &Output| NightlyError::Probe {
        version: compiler.version.clone(),
        said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    };
    if !compiled.status.success() {
        return Err(refused(&compiled));
    }
    let ran = Command::new(&program)
        .output()
        .map_err(NightlyError::run(&program))?;
    let _ = fs::remove_file(&source);
    let _ = fs::remove_file(&program);
    if !ran.status.success() {
        return Err(refused(&ran));
    }
    let said = String::from_utf8_lossy(&ran.stdout);
    let line = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().to_owned()
    };
    for (what, name, right) in [
        ("the reverse derivative", "reverse", "12 27"),
        ("the forward derivative", "forward", "12"),
    ] {
        let found = line(name);
        if found != right {
            return Err(NightlyError::WrongProbe { what, found, right });
        }
    }
    Ok(Probed {
        swaps_right: line("swapped") == "4 3 2 1",
    })
}
