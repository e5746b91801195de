//! Compiles the C++ in `cpp/` against the LLVM that llvm-sys found.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The folder, and every file in it.
    println!("cargo::rerun-if-changed=cpp");
    let chosen: Vec<u32> = (22..=23)
        .filter(|major| env::var_os(format!("CARGO_FEATURE_LLVM_{major}")).is_some())
        .collect();
    let &[major] = &chosen[..] else {
        println!(
            "cargo::error=an engine has one LLVM: choose one of the features llvm-22 and llvm-23"
        );
        return ExitCode::FAILURE;
    };
    let Some(libdir) = env::var_os(format!("DEP_LLVM_{major}_LIBDIR")).map(PathBuf::from) else {
        println!(
            "cargo::error=LLVM {major} was not found: install llvm-{major}-dev (Debian, Ubuntu), or set LLVM_SYS_{major}1_PREFIX to where it is installed"
        );
        return ExitCode::FAILURE;
    };
    let entries = fs::read_dir("cpp").expect("the folder is part of this crate");
    let mut sources: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cpp"))
        .collect();
    sources.sort();
    // Debian's ccache stands in for each compiler under this name, and a file that did not change costs nothing. Any
    // clang will do: libraries without programs are compiled against with the one of LLVM 22.
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
        // What one LLVM calls deprecated is all that another one has.
        .flag_if_supported("-Wno-deprecated-declarations")
        .opt_level(2)
        .compile("irad_llvm_shim");
    ExitCode::SUCCESS
}
