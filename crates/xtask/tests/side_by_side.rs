//! The runner tells what failed, in the words of `cargo test`, and ends accordingly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = "\
[package]
name = \"small\"
version = \"0.1.0\"
edition = \"2024\"

[workspace]
";

const LIBRARY: &str = "\
#[cfg(test)]
mod tests {
    #[test]
    fn passes() {}

    #[test]
    #[ignore = \"it lacks something\"]
    fn lacks_something() {}
}
";

const TESTS: &str = "\
#[test]
fn passes_too() {}

#[test]
fn fails() {
    panic!(\"the reason of it\");
}

#[test]
fn ends_the_process() {
    eprintln!(\"its last words\");
    std::process::abort();
}
";

/// A package with tests of every kind.
fn package(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for part in ["src", "tests"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    fs::write(folder.join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(folder.join("src/lib.rs"), LIBRARY).unwrap();
    fs::write(folder.join("tests/three.rs"), TESTS).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text)
}

#[test]
fn what_fails_is_told_with_all_that_it_said() {
    let folder = package("fails");
    let (code, text) = run(&folder, &["--offline"]);
    assert_eq!(code, Some(101), "{text}");
    for words in [
        "Running unittests src/lib.rs (",
        "running 2 tests\ntest tests::lacks_something ... ignored\ntest tests::passes ... ok\n",
        "test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in ",
        "Running tests/three.rs (",
        "running 3 tests\ntest ends_the_process ... FAILED\ntest fails ... FAILED\ntest passes_too ... ok\n",
        "the reason of it",
        "its last words",
        "signal: 6",
        "test result: FAILED. 1 passed; 2 failed; 0 ignored;",
        "\nslowest tests:\n",
        "\nfailed tests:\n    fails/tests/three.rs ends_the_process\n    fails/tests/three.rs fails\n",
    ] {
        assert!(text.contains(words), "{words}\n---\n{text}");
    }
}

#[test]
fn a_part_can_be_chosen_and_what_cannot_be_built_is_a_failure() {
    let folder = package("part");
    let (code, text) = run(&folder, &["--offline", "--", "passes"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("test passes_too ... ok"), "{text}");
    assert!(
        !text.contains("FAILED") && !text.contains("test fails"),
        "{text}"
    );
    fs::write(folder.join("src/lib.rs"), "nonsense").unwrap();
    assert_eq!(run(&folder, &["--offline"]).0, Some(101));
}
