//! Finds or builds `libEnzymeStatic-22.a` (or `-23`, as the features say) and tells cargo how to link it.
//!
//! Environment, all optional:
//! - `ENZYME_SYS_LIB_DIR`: link the `libEnzymeStatic-22.a` that lies there. Its headers must be those of
//!   the sources that the other two name.
//! - `ENZYME_SYS_SOURCE_DIR`: build the Enzyme checkout that lies there (its `enzyme/` folder).
//! - `LLVM_SYS_221_PREFIX`, `LLVM_SYS_231_PREFIX`: where that LLVM is installed (read by llvm-sys, which tells us).
//! - `CXX`, `CC`: compilers to use instead of LLVM's own clang.
//!
//! Without the first two, the sources inside the registry crate `diffsl` are built.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The major version of the LLVM that the features choose, which is part of Enzyme's library name.
const LLVM_MAJOR: &str = if cfg!(feature = "llvm-23") {
    "23"
} else {
    "22"
};
/// LLVM 23 calls deprecated what LLVM 22 has only. (A flag for both would have ccache compile everything again.)
const QUIET: &[&str] = match cfg!(feature = "llvm-23") {
    true => &["-DCMAKE_CXX_FLAGS=-Wno-deprecated-declarations"],
    false => &[],
};
/// What Enzyme's sources call otherwise than this LLVM does: a file (or a folder, for all in it), the words in it, and
/// those that are compiled in their place. Words that are gone are an error: Enzyme has come to know this LLVM.
const RENAMED: &[[&str; 3]] = match cfg!(feature = "llvm-23") {
    true => &[
        ["Enzyme/DiffeGradientUtils.cpp", AMD, "Triple::amdgpu"],
        ["Enzyme/Enzyme.cpp", AMD, "Triple::amdgpu"],
        ["Enzyme/EnzymeLogic.cpp", AMD, "Triple::amdgpu"],
        ["Enzyme/GradientUtils.cpp", AMD, "Triple::amdgpu"],
        // A block may have none yet.
        ["Enzyme", "getTerminator()", "getTerminatorOrNull()"],
        [
            "Enzyme/GradientUtils.cpp",
            "DebugLoc(cast<MDNode>(*opt))",
            "DebugLoc(cast<DILocation>(*opt))",
        ],
        [
            "Enzyme/Utils.cpp",
            "B.CreateIntrinsic(RetTy, ID, Args, FMFSource, Name)",
            "B.CreateIntrinsicWithoutFolding(RetTy, ID, Args, FMFSource, Name)",
        ],
        // The loops of the function that is made were asked for instructions of the one that it is made of. LLVM 22 found
        // none there; LLVM 23 numbers blocks, and finds another loop.
        [
            "Enzyme/GradientUtils.cpp",
            "const_cast<GradientUtils *>(this)->LI, origStart,",
            "*OrigLI, origStart,",
        ],
        // LLVM 23 takes no location where this one is used.
        [
            "Enzyme/GradientUtils.cpp",
            "auto dbgLoc =",
            "[[maybe_unused]] auto dbgLoc =",
        ],
        [
            "Enzyme/Enzyme.cpp",
            "Level.getSpeedupLevel()",
            "static_cast<unsigned>(Level)",
        ],
    ],
    false => &[],
};
/// LLVM 23 has one name for all of AMD's targets.
const AMD: &str = "Triple::amdgcn";
/// A compiler and its tools of this version will do for any LLVM that brings none.
const TOOLS_MAJOR: &str = "22";
/// The registry crate that carries Enzyme's sources.
const SOURCE_CRATE: &str = "diffsl";
/// The folder of the header that declares what this crate's C++ defines.
const BOUNDARY: &str = "../llvm-shim/cpp";
/// `GradientUtils::eraseFictiousPHIs()`, which `EnzymeLogic` calls at the end of each derivative, and what it
/// calls in its place: see `cpp/origins.cpp`.
const FINISH: [&str; 2] = [
    "_ZN13GradientUtils17eraseFictiousPHIsEv",
    "irad_enzyme_finish",
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=cpp");
    println!("cargo::rerun-if-changed={BOUNDARY}/boundary.h");
    for name in [
        "ENZYME_SYS_LIB_DIR",
        "ENZYME_SYS_SOURCE_DIR",
        "CC",
        "CXX",
        "PATH",
    ] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    match link() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

fn link() -> Result<(), String> {
    if cfg!(all(feature = "llvm-22", feature = "llvm-23")) {
        return Err(
            "an engine has one LLVM: choose one of the features llvm-22 and llvm-23".to_owned(),
        );
    }
    let archive = format!("libEnzymeStatic-{LLVM_MAJOR}.a");
    let (dir, source, version) = match env::var_os("ENZYME_SYS_LIB_DIR") {
        Some(dir) => {
            let dir = PathBuf::from(dir);
            if !dir.join(&archive).is_file() {
                return Err(format!(
                    "ENZYME_SYS_LIB_DIR is {}, where there is no {archive}: build Enzyme's target EnzymeStatic-{LLVM_MAJOR} there, or unset the variable to let it be built",
                    dir.display()
                ));
            }
            let source = locate_source()?;
            ask(&source)?;
            (dir, source, "unknown".to_owned())
        }
        None => {
            let source = locate_source()?;
            let dir = build(&source)?;
            ask(&source)?;
            let version = version_of(&source);
            (dir, source, version)
        }
    };
    println!("cargo::rerun-if-changed={}", dir.join(&archive).display());
    println!(
        "cargo::rustc-link-search=native={}",
        redirect(&dir.join(&archive))?.display()
    );
    println!("cargo::rustc-link-lib=static:+whole-archive=EnzymeStatic-{LLVM_MAJOR}");
    println!("cargo::rustc-link-lib=dylib=stdc++");
    println!("cargo::rustc-env=ENZYME_VERSION={version}");
    println!("cargo::rustc-env=ENZYME_ORIGIN={}", origin_of(&source));
    println!("cargo::rustc-env=ENZYME_LIB_DIR={}", dir.display());
    println!("cargo::rustc-env=ENZYME_SOURCES={}", source.display());
    Ok(())
}

/// The folder that holds Enzyme's `CMakeLists.txt`.
fn locate_source() -> Result<PathBuf, String> {
    if let Some(checkout) = env::var_os("ENZYME_SYS_SOURCE_DIR") {
        let checkout = PathBuf::from(checkout);
        let source = checkout.join("enzyme");
        if !source.join("CMakeLists.txt").is_file() {
            return Err(format!(
                "ENZYME_SYS_SOURCE_DIR is {}, where there is no enzyme/CMakeLists.txt: set it to the top of an Enzyme checkout",
                checkout.display()
            ));
        }
        println!("cargo::rerun-if-changed={}", source.display());
        return Ok(source);
    }
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(manifest.join("Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .map_err(|error| {
            format!(
                "cannot ask cargo where the crate {SOURCE_CRATE} lies, which carries Enzyme's sources ({}): run `cargo fetch --locked` with a network, or set ENZYME_SYS_SOURCE_DIR to an Enzyme checkout",
                one_line(&error.to_string())
            )
        })?;
    let source = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == SOURCE_CRATE)
        .and_then(|package| package.manifest_path.parent())
        .map(|dir| PathBuf::from(dir.as_std_path()).join("Enzyme/enzyme"))
        .filter(|source| source.join("CMakeLists.txt").is_file());
    source.ok_or_else(|| {
        format!(
            "the crate {SOURCE_CRATE} holds no Enzyme/enzyme/CMakeLists.txt: run `cargo fetch --locked`, or set ENZYME_SYS_SOURCE_DIR to an Enzyme checkout"
        )
    })
}

/// Compiles `cpp/explain.cpp` and `cpp/origins.cpp`, which ask what the C API does not tell, against Enzyme's
/// own headers.
fn ask(source: &Path) -> Result<(), String> {
    let llvm = llvm()?;
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .compiler(compiler("CXX", &llvm.with_file_name("bin"), "clang++")?)
        .file("cpp/explain.cpp")
        .file("cpp/origins.cpp")
        .file("cpp/counters.cpp")
        .file("cpp/sizes.cpp")
        .include(BOUNDARY)
        .include(source.join("Enzyme"))
        .include(llvm.with_file_name("include"))
        .flag("-fno-rtti")
        // Some of what `GradientUtils` knows is private.
        .flag("-fno-access-control")
        .flag("-w")
        .opt_level(2);
    build
        .try_compile("irad_enzyme_ask")
        .map_err(|error| format!("compiling what asks Enzyme failed: {error}"))
}

/// Copies the archive, and has one call in it come to us. Gives the folder of the copy.
fn redirect(archive: &Path) -> Result<PathBuf, String> {
    const MEMBER: &str = "EnzymeLogic.cpp.o";
    let bin = llvm()?.with_file_name("bin");
    let dir = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo")).join("redirected");
    let failed = |error: std::io::Error| format!("cannot write to {}: {error}", dir.display());
    fs::create_dir_all(&dir).map_err(failed)?;
    let copy = dir.join(archive.file_name().expect("a file"));
    fs::copy(archive, &copy).map_err(failed)?;
    let what = "taking a call out of Enzyme's archive";
    let llvm_ar = tool(&bin, "llvm-ar")?;
    let ar = |operation: &str| {
        let mut command = Command::new(&llvm_ar);
        command
            .arg(operation)
            .arg(&copy)
            .arg(MEMBER)
            .current_dir(&dir);
        run(command, what)
    };
    ar("x")?;
    let [from, to] = FINISH;
    let mut rename = Command::new(tool(&bin, "llvm-objcopy")?);
    rename
        .arg(format!("--redefine-sym={from}={to}"))
        .arg(MEMBER)
        .current_dir(&dir);
    run(rename, what)?;
    let object = fs::read(dir.join(MEMBER)).map_err(failed)?;
    if !object.windows(to.len()).any(|bytes| bytes == to.as_bytes()) {
        return Err(format!(
            "{MEMBER} in {} does not call {from}: see FINISH in enzyme-sys/build.rs",
            archive.display()
        ));
    }
    ar("r")?;
    Ok(dir)
}

/// The folder of LLVM's libraries.
fn llvm() -> Result<PathBuf, String> {
    env::var_os(format!("DEP_LLVM_{LLVM_MAJOR}_LIBDIR"))
        .map(PathBuf::from)
        .filter(|dir| dir.join("cmake/llvm/LLVMConfig.cmake").is_file())
        .ok_or_else(|| {
            format!("LLVM {LLVM_MAJOR} with its development files was not found: install llvm-{LLVM_MAJOR}-dev (Debian, Ubuntu), or set LLVM_SYS_{LLVM_MAJOR}1_PREFIX to where it is installed")
        })
}

/// Builds the one target that is needed and returns the folder of the archive.
fn build(source: &Path) -> Result<PathBuf, String> {
    let llvm = llvm()?;
    let cmake = find("cmake").ok_or("cmake was not found: install cmake, which builds Enzyme")?;
    let ninja = find("ninja")
        .ok_or("ninja was not found: install ninja-build (Debian, Ubuntu), which builds Enzyme")?;
    let bin = llvm.with_file_name("bin");
    let cc = compiler("CC", &bin, "clang")?;
    let cxx = compiler("CXX", &bin, "clang++")?;

    let build = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo")).join("enzyme");
    fs::create_dir_all(&build)
        .map_err(|error| format!("cannot create {}: {error}", build.display()))?;
    check_signatures(&cxx, source, &llvm)?;
    let renamed = renamed(source, &build.join("source"))?;
    let source = renamed.as_deref().unwrap_or(source);

    let mut configure = Command::new(cmake);
    configure
        .args(["-G", "Ninja", "-S"])
        .arg(source)
        .arg("-B")
        .arg(&build)
        .arg(define("CMAKE_MAKE_PROGRAM", &ninja))
        .arg(define("CMAKE_C_COMPILER", &cc))
        .arg(define("CMAKE_CXX_COMPILER", &cxx))
        .arg(define("LLVM_DIR", &llvm.join("cmake/llvm")))
        .args([
            // Release is `-O2` without NDEBUG here: assertions stay on, and the engine can report them.
            "-DCMAKE_BUILD_TYPE=Release",
            "-DENZYME_CLANG=OFF",
            "-DENZYME_STATIC_LIB=ON",
            "-DENZYME_BC_LOADER=OFF",
            // Enzyme's `export(PACKAGE)` would otherwise leave a file in the home directory.
            "-DCMAKE_EXPORT_NO_PACKAGE_REGISTRY=ON",
        ])
        .args(QUIET);
    match find("ccache") {
        // The launcher's own environment is part of the command, so that ninja runs it as well.
        Some(ccache) => {
            let launcher = format!(
                "{};-E;env;CCACHE_BASEDIR={};CCACHE_NOHASHDIR=1;{}",
                find("cmake").expect("found above").display(),
                build.display(),
                ccache.display()
            );
            configure
                .arg(format!("-DCMAKE_C_COMPILER_LAUNCHER={launcher}"))
                .arg(format!("-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}"));
        }
        None => println!(
            "cargo::warning=ccache was not found: every clean checkout will compile Enzyme again (several minutes)"
        ),
    }
    run(configure, "configuring Enzyme with cmake")?;

    let mut compile = Command::new(ninja);
    compile
        .arg("-C")
        .arg(&build)
        .arg(format!("EnzymeStatic-{LLVM_MAJOR}"));
    if let Some(jobs) = env::var_os("NUM_JOBS") {
        compile.arg("-j").arg(jobs);
    }
    run(compile, "building Enzyme with ninja")?;
    Ok(build.join("Enzyme"))
}

/// A copy of the sources in which [`RENAMED`] is done, if there is something to rename.
fn renamed(source: &Path, copy: &Path) -> Result<Option<PathBuf>, String> {
    if RENAMED.is_empty() {
        return Ok(None);
    }
    let failed = |error: std::io::Error| format!("cannot copy to {}: {error}", copy.display());
    copy_folder(source, copy).map_err(failed)?;
    for [place, from, to] in RENAMED {
        if !rename(&copy.join(place), from, to).map_err(failed)? {
            return Err(format!(
                "{} does not say {from:?} any more: see RENAMED in enzyme-sys/build.rs",
                source.join(place).display()
            ));
        }
    }
    Ok(Some(copy.to_owned()))
}

/// Replaces words in a file, or in all files of a folder; false where they stand nowhere.
fn rename(place: &Path, from: &str, to: &str) -> std::io::Result<bool> {
    if place.is_dir() {
        let mut any = false;
        for entry in fs::read_dir(place)? {
            any |= rename(&entry?.path(), from, to)?;
        }
        return Ok(any);
    }
    let bytes = fs::read(place)?;
    let Some(text) = std::str::from_utf8(&bytes)
        .ok()
        .filter(|text| text.contains(from))
    else {
        return Ok(false);
    };
    fs::write(place, text.replace(from, to))?;
    Ok(true)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type()?.is_dir() {
            true => copy_folder(&path, &copy)?,
            false => drop(fs::copy(&path, &copy)?),
        }
    }
    Ok(())
}

/// Compiles `cpp/signatures.cpp` against the header of the sources that are built, so that a
/// changed C API is an error of the build and not of some later call.
fn check_signatures(cxx: &Path, source: &Path, llvm: &Path) -> Result<(), String> {
    let mut check = Command::new(cxx);
    check
        .args(["-std=c++17", "-fsyntax-only", "-w", "-I"])
        .arg(source.join("Enzyme"))
        .arg("-I")
        .arg(llvm.with_file_name("include"))
        .arg(
            PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"))
                .join("cpp/signatures.cpp"),
        );
    run(
        check,
        "comparing this crate's declarations with Enzyme's CApi.h",
    )
}

fn compiler(variable: &str, bin: &Path, name: &str) -> Result<PathBuf, String> {
    if let Some(chosen) = env::var_os(variable) {
        return find(&chosen.to_string_lossy())
            .ok_or_else(|| format!("{variable} is {chosen:?}, which is not a program"));
    }
    tool(bin, name).map_err(|missing| {
        format!("{missing}, or set {variable} to another C++ compiler for Enzyme")
    })
}

/// One of LLVM's programs: its own, or another version's.
fn tool(bin: &Path, name: &str) -> Result<PathBuf, String> {
    let own = bin.join(name);
    if own.is_file() {
        return Ok(own);
    }
    [LLVM_MAJOR, TOOLS_MAJOR]
        .iter()
        .find_map(|major| find(&format!("{name}-{major}")))
        .ok_or_else(|| {
            format!("{name} was not found: install llvm-{TOOLS_MAJOR} and clang-{TOOLS_MAJOR} (Debian, Ubuntu)")
        })
}

/// Where a program lies: as given when it is a path, else on `PATH`.
fn find(program: &str) -> Option<PathBuf> {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return path.is_file().then(|| path.to_owned());
    }
    env::split_paths(&env::var_os("PATH")?)
        .map(|dir| dir.join(program))
        .find(|candidate| candidate.is_file())
}

fn define(name: &str, value: &Path) -> String {
    format!("-D{name}={}", value.display())
}

/// Runs a command; on failure its whole output goes to the build log and its gist to the error.
fn run(mut command: Command, what: &str) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{what}: cannot run {:?}: {error}", command.get_program()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    eprintln!("{text}");
    let gist = text
        .lines()
        .find(|line| line.contains("error:") || line.contains("Error"))
        .unwrap_or("no message");
    Err(format!(
        "{what} failed ({}): {}; the whole output is above",
        output.status,
        one_line(gist)
    ))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the sources come from, and at which commit: a registry crate notes its own repository's, a checkout has one.
fn origin_of(source: &Path) -> String {
    let short = |commit: &str| commit.chars().take(12).collect::<String>();
    for folder in source.ancestors() {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some(version) = name.strip_prefix(&format!("{SOURCE_CRATE}-")) else {
            continue;
        };
        let noted = fs::read_to_string(folder.join(".cargo_vcs_info.json")).unwrap_or_default();
        let commit = noted.split("\"sha1\":").nth(1);
        let commit = commit.and_then(|rest| rest.split('"').nth(1));
        return match commit {
            Some(commit) => format!(
                "the crate {SOURCE_CRATE} {version}, as its commit {} has it",
                short(commit)
            ),
            None => format!("the crate {SOURCE_CRATE} {version}"),
        };
    }
    let asked = Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(source)
        .output();
    match asked {
        Ok(output) if output.status.success() => {
            let commit = String::from_utf8_lossy(&output.stdout);
            format!("a checkout at commit {}", short(commit.trim()))
        }
        _ => format!("{}, of which no commit is known", source.display()),
    }
}

/// Enzyme's version as its `CMakeLists.txt` states it.
fn version_of(source: &Path) -> String {
    let text = fs::read_to_string(source.join("CMakeLists.txt")).unwrap_or_default();
    let part = |name: &str| {
        let start = text.find(&format!("ENZYME_{name}_VERSION "))?;
        let rest = &text[start..];
        let value = rest.split_whitespace().nth(1)?;
        value.strip_suffix(')').map(str::to_owned)
    };
    match (part("MAJOR"), part("MINOR"), part("PATCH")) {
        (Some(major), Some(minor), Some(patch)) => format!("{major}.{minor}.{patch}"),
        _ => "unknown".to_owned(),
    }
}
