//! A nightly compiler: where it is, and what it was made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::NightlyError;

/// One.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiler {
    /// What the user calls it: a toolchain's name, or its folder.
    pub name: String,
    /// The program.
    pub rustc: PathBuf,
    /// The folder of its libraries and of the standard library.
    pub sysroot: PathBuf,
    /// What it calls itself.
    pub version: String,
    /// The commit that it was made of.
    pub commit: String,
    /// The target that it was made for.
    pub host: String,
    /// The version of its LLVM.
    pub llvm: String,
}

impl Compiler {
    /// The compiler of one of rustup's toolchains, or of a folder that holds one.
    pub fn find(name: &str) -> Result<Self, NightlyError> {
        let rustc = match is_folder(name) {
            true => Path::new(name).join("bin/rustc"),
            false => of_rustup(name)?,
        };
        let said = output(Command::new(&rustc).arg("-vV"), &rustc)?;
        let field = |key: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim().to_owned())
        };
        let version = said.lines().next().unwrap_or_default().to_owned();
        let commit = field("commit-hash:").filter(|commit| commit != "unknown");
        let sysroot = output(Command::new(&rustc).args(["--print", "sysroot"]), &rustc)?;
        let compiler = Compiler {
            name: name.to_owned(),
            sysroot: PathBuf::from(sysroot.trim()),
            commit: commit.ok_or_else(|| NightlyError::NoCommit {
                rustc: rustc.clone(),
            })?,
            host: field("host:").unwrap_or_default(),
            llvm: field("LLVM version:").unwrap_or_default(),
            version,
            rustc,
        };
        let release = field("release:").unwrap_or_default();
        match release.contains("nightly") || release.contains("dev") {
            true => Ok(compiler),
            false => Err(NightlyError::Stable {
                version: compiler.version,
            }),
        }
    }

    /// True where it is named by its folder, which rustup need not know.
    pub fn is_folder(&self) -> bool {
        is_folder(&self.name)
    }

    /// The toolchain's cargo.
    pub fn cargo(&self) -> PathBuf {
        self.rustc.with_file_name("cargo")
    }

    /// Where libraries for its own target lie in a sysroot.
    pub fn libraries(&self, sysroot: &Path) -> PathBuf {
        sysroot.join("lib/rustlib").join(&self.host).join("lib")
    }

    /// The major version of its LLVM, which the name of Enzyme's library ends with.
    pub fn major(&self) -> &str {
        self.llvm.split('.').next().unwrap_or_default()
    }
}

fn is_folder(name: &str) -> bool {
    name.contains('/')
}

fn of_rustup(name: &str) -> Result<PathBuf, NightlyError> {
    let mut rustup = Command::new("rustup");
    rustup.args(["which", "--toolchain", name, "rustc"]);
    let output = rustup.output().map_err(NightlyError::run("rustup"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    match output.status.success() {
        true => Ok(PathBuf::from(said.trim())),
        false => Err(NightlyError::NoToolchain {
            name: name.to_owned(),
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }),
    }
}

fn output(command: &mut Command, program: &Path) -> Result<String, NightlyError> {
    let output = command.output().map_err(NightlyError::run(program))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
