//! The IR of a real crate, one that `Cargo.lock` names already.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file with the crate's IR, as rustc emits it with debug info and without its own passes.
pub fn module(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let output = Command::new(cargo)
        .args(["rustc", "--release", "--locked", "--offline", "--lib"])
        .args(["--message-format", "json", "-p", name, "--"])
        .args([
            "--emit=llvm-ir",
            "-C",
            "debuginfo=2",
            "-C",
            "codegen-units=1",
        ])
        .args(["-C", "no-prepopulate-passes", "-C", "panic=abort"])
        .current_dir(&root)
        // The tests' own folder may be locked by whoever runs them.
        .env("CARGO_TARGET_DIR", root.join("target/sample"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "{name} cannot be compiled");
    // The hash of this build is in the name of the library that cargo says it made.
    let said = String::from_utf8(output.stdout).unwrap();
    let start = format!("lib{}-", name.replace('-', "_"));
    let library = said
        .split('"')
        .filter(|word| word.ends_with(".rlib") || word.ends_with(".rmeta"))
        .find_map(|word| Some(&word[word.rfind(&start)? + 3..]))
        .unwrap_or_else(|| panic!("no library in {said}"));
    let text = Path::new(library).with_extension("ll");
    let text = root.join("target/sample/release/deps").join(text);
    assert!(text.is_file(), "{} is not there", text.display());
    text
}
