//! Links the objects that `derive.sh` has irad emit, and says where their declarations are.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=GPT_DERIVED");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let derived = match env::var_os("GPT_DERIVED") {
        Some(path) => here.join(path),
        None => here.join("target/derived"),
    };
    for name in ["translated", "idiomatic"] {
        let object = derived.join(format!("{name}.o"));
        println!("cargo::rerun-if-changed={}", object.display());
        println!(
            "cargo::rerun-if-changed={}",
            derived.join(format!("{name}.rs")).display()
        );
        if !object.is_file() {
            println!(
                "cargo::error={} is missing: run examples/gpt/derive.sh, which has irad make it",
                object.display()
            );
            return ExitCode::FAILURE;
        }
        println!("cargo::rustc-link-arg={}", object.display());
    }
    println!("cargo::rustc-env=GPT_DERIVED={}", derived.display());
    ExitCode::SUCCESS
}
