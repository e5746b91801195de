//! Says how an engine is linked when LLVM is part of it.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let has = |feature: &str| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    let is_linux = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    let major = match (has("ENGINE"), has("ENGINE_23")) {
        (_, true) => 23,
        (true, false) => 22,
        (false, false) => return,
    };
    if has("DYNAMIC_LLVM") || !is_linux {
        return;
    }
    // The engine has its own end for what LLVM calls unreachable, and that comes first.
    println!("cargo::rustc-link-arg-bin=irad-engine-{major}=-Wl,--allow-multiple-definition");
    // At addresses that are known now there is nothing to relocate at every start. The engine has its
    // addresses not randomised in any case, so that LLVM orders things alike in every run.
    println!("cargo::rustc-link-arg-bin=irad-engine-{major}=-no-pie");
}
