//! Links Enzyme's static archive, which the engine was linked from, into the library that a nightly loads.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::compiler::Compiler;
use super::error::NightlyError;
use crate::engine;

/// The major version of the LLVM that irad's Enzyme was made for.
pub const LLVM_MAJOR: &str = "22";

/// What rustc looks up in Enzyme's library (`enzyme_ffi` in its `rustc_codegen_llvm`).
const SYMBOLS: [&str; 24] = [
    "registerEnzymeAndPassPipeline",
    "EnzymeSetCLBool",
    "EnzymeSetCLString",
    "EnzymeNewTypeTree",
    "EnzymeNewTypeTreeCT",
    "EnzymeNewTypeTreeTR",
    "EnzymeFreeTypeTree",
    "EnzymeMergeTypeTree",
    "EnzymeTypeTreeOnlyEq",
    "EnzymeTypeTreeData0Eq",
    "EnzymeTypeTreeShiftIndiciesEq",
    "EnzymeTypeTreeInsertEq",
    "EnzymeTypeTreeToString",
    "EnzymeTypeTreeToStringFree",
    "EnzymePrintPerf",
    "EnzymePrintActivity",
    "EnzymePrintType",
    "EnzymeFunctionToAnalyze",
    "EnzymePrint",
    "EnzymeStrictAliasing",
    "EnzymeInline",
    "EnzymeMaxTypeDepth",
    "RustTypeRules",
    "looseTypeAnalysis",
];

/// What Enzyme needs of libstdc++ that the copy in rustc's LLVM lacks, because nothing there throws it.
const MISSING: &str = "\
__attribute__((noreturn)) void _ZSt28__throw_bad_array_new_lengthv(void) { __builtin_trap(); }
";

/// The name of the library that a compiler looks for.
pub fn file_name(compiler: &Compiler) -> String {
    format!("libEnzyme-{}.so", compiler.major())
}

/// Links the library into `folder`.
pub fn link(compiler: &Compiler, archive: &Path, folder: &Path) -> Result<PathBuf, NightlyError> {
    let llvm = library(compiler)?;
    let source = folder.join("missing.c");
    fs::write(&source, MISSING).map_err(NightlyError::io(&source))?;
    let out = folder.join(file_name(compiler));
    let driver = env::var_os("CC").map_or_else(|| PathBuf::from("cc"), PathBuf::from);
    // The C driver leaves libstdc++ out: two copies of it, each with exceptions and locales of its own, do not go
    // together, and rustc's LLVM has one inside.
    let mut cc = Command::new(&driver);
    cc.args(["-shared", "-fPIC", "-O1"])
        .arg(&source)
        .arg("-Wl,--whole-archive")
        .arg(archive)
        .arg("-Wl,--no-whole-archive")
        .arg(&llvm)
        .args(["-Wl,-z,defs", "-Wl,--build-id=none", "-o"])
        .arg(&out)
        .arg(format!(
            "-Wl,-rpath,{}",
            llvm.parent().unwrap_or(&llvm).display()
        ));
    cc.args(SYMBOLS.map(|symbol| format!("-Wl,--require-defined={symbol}")));
    let output = cc.output().map_err(NightlyError::run(&driver))?;
    let _ = fs::remove_file(&source);
    match output.status.success() {
        true => Ok(out),
        false => Err(NightlyError::Link {
            library: llvm,
            said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        }),
    }
}

/// The LLVM that the compiler loads. Beside it lies a script of the linker's that names it.
fn library(compiler: &Compiler) -> Result<PathBuf, NightlyError> {
    let folder = compiler.sysroot.join("lib");
    let entries = fs::read_dir(&folder).map_err(NightlyError::io(&folder))?;
    let mut found: Vec<(u64, PathBuf)> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("libLLVM"))
        .filter_map(|entry| Some((fs::metadata(entry.path()).ok()?.len(), entry.path())))
        .collect();
    found.sort();
    let largest = found.pop().map(|(_, path)| path);
    largest.ok_or(NightlyError::NoLibrary { folder })
}

/// Enzyme's static archive: what `IRAD_ENZYME` names, or one beside the engine, or in `lib/irad` beside the
/// engine's folder, or where the engine was built.
pub fn archive() -> Result<PathBuf, NightlyError> {
    let file = format!("libEnzymeStatic-{LLVM_MAJOR}.a");
    let tried = match env::var_os("IRAD_ENZYME") {
        Some(named) => vec![PathBuf::from(&named), PathBuf::from(&named).join(&file)],
        None => {
            let engine = engine::locate(None)?.path;
            let beside = engine.parent().unwrap_or(Path::new("."));
            let built = Command::new(&engine)
                .arg("--enzyme")
                .output()
                .map_err(NightlyError::run(&engine))?;
            let built = String::from_utf8_lossy(&built.stdout).trim().to_owned();
            vec![
                beside.join(&file),
                beside.join("../lib/irad").join(&file),
                PathBuf::from(built).join(&file),
            ]
        }
    };
    let found = tried.iter().find(|path| path.is_file()).cloned();
    found.ok_or(NightlyError::NoArchive { file, tried })
}
