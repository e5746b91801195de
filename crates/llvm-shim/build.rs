//! Compiles the C++ in `cpp/` against the LLVM that llvm-sys found.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The folder, and every file in it.
    println!("cargo::rerun-if-changed=cpp");
    let Some(libdir) = env::var_os("DEP_LLVM_22_LIBDIR").map(PathBuf::from) else {
        println!(
            "cargo::error=LLVM 22 was not found: install llvm-22-dev (Debian, Ubuntu), or set LLVM_SYS_221_PREFIX to where it is installed"
        );
        return ExitCode::FAILURE;
    };
    let entries = fs::read_dir("cpp").expect("the folder is part of this crate");
    let mut sources: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cpp"))
        .collect();
    sources.sort();
    // Debian's ccache stands in for each compiler under this name, and a file that did not change costs nothing.
    let cached = PathBuf::from("/usr/lib/ccache/clang++-22");
    let clang = libdir.with_file_name("bin").join("clang++");
    let mut shim = cc::Build::new();
    if env::var_os("CXX").is_none()
        && let Some(compiler) = [cached, clang].into_iter().find(|path| path.is_file())
    {
        shim.compiler(compiler);
    }
    shim.cpp(true)
        .std("c++17")
        .files(sources)
        .include(libdir.with_file_name("include"))
        // LLVM is built without run-time type information, and subclasses must agree with it.
        .flag("-fno-rtti")
        .flag("-fno-exceptions")
        .flag_if_supported("-Wno-unused-parameter")
        .opt_level(2)
        .compile("irad_llvm_shim");
    ExitCode::SUCCESS
}
