//! Compiles the C++ shim against the LLVM that llvm-sys found.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=src/shim.cpp");
    println!("cargo::rerun-if-changed=src/shared.h");
    println!("cargo::rerun-if-changed=src/carried.cpp");
    println!("cargo::rerun-if-changed=src/guard.cpp");
    println!("cargo::rerun-if-changed=src/isolate.cpp");
    println!("cargo::rerun-if-changed=src/lazy.cpp");
    println!("cargo::rerun-if-changed=src/numbers.cpp");
    println!("cargo::rerun-if-changed=src/order.cpp");
    println!("cargo::rerun-if-changed=src/roles.cpp");
    println!("cargo::rerun-if-changed=src/roles.h");
    println!("cargo::rerun-if-changed=src/shield.cpp");
    println!("cargo::rerun-if-changed=src/unchanged.h");
    let Some(libdir) = env::var_os("DEP_LLVM_22_LIBDIR").map(PathBuf::from) else {
        println!(
            "cargo::error=LLVM 22 was not found: install llvm-22-dev (Debian, Ubuntu), or set LLVM_SYS_221_PREFIX to where it is installed"
        );
        return ExitCode::FAILURE;
    };
    let clang = libdir.with_file_name("bin").join("clang++");
    let mut shim = cc::Build::new();
    if env::var_os("CXX").is_none() && clang.is_file() {
        shim.compiler(clang);
    }
    shim.cpp(true)
        .std("c++17")
        .file("src/shim.cpp")
        .file("src/carried.cpp")
        .file("src/guard.cpp")
        .file("src/isolate.cpp")
        .file("src/lazy.cpp")
        .file("src/numbers.cpp")
        .file("src/order.cpp")
        .file("src/roles.cpp")
        .file("src/shield.cpp")
        .include(libdir.with_file_name("include"))
        // LLVM is built without run-time type information, and subclasses must agree with it.
        .flag("-fno-rtti")
        .flag("-fno-exceptions")
        .flag_if_supported("-Wno-unused-parameter")
        .opt_level(2)
        .compile("irad_llvm_shim");
    ExitCode::SUCCESS
}
