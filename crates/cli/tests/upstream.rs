//! The modules in `docs/upstream`: Enzyme alone is wrong about each, or refuses it, and irad is right.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn modules() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/upstream")).unwrap();
    let mut modules: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ll"))
        .collect();
    modules.sort();
    modules
}

/// How the command in the first line of a module ends, without the flags in `but`.
fn check(module: &Path, but: &str) -> (Option<i32>, String) {
    let text = fs::read_to_string(module).unwrap();
    let command = text.lines().next().unwrap().strip_prefix("; irad ");
    let command = command.unwrap_or_else(|| panic!("{module:?} begins with no command"));
    assert!(command.contains("--faithful"), "{command}");
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(command.split(' ').filter(|word| *word != but))
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap();
    let told = format!(
        "{command}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code(), told)
}

#[test]
fn enzyme_alone_is_wrong_and_irad_is_right() {
    let modules = modules();
    assert!(modules.len() >= 3, "{modules:?}");
    for module in modules {
        let (alone, told) = check(&module, "");
        let refused = ["sizes.ll"].iter().any(|name| module.ends_with(name));
        let expected = if refused { 3 } else { 1 };
        assert_eq!(alone, Some(expected), "Enzyme has learnt better?\n{told}");
        let (repaired, told) = check(&module, "--faithful");
        assert_eq!(repaired, Some(0), "{told}");
    }
}

#[test]
fn each_module_has_its_description() {
    for module in modules() {
        let description = module.with_extension("md");
        let text = fs::read_to_string(&description).unwrap();
        let name = module.file_name().unwrap().to_str().unwrap();
        assert!(text.contains(&format!("`{name}`")), "{description:?}");
        for part in [
            "**Cause.**",
            "**What would mend it.**",
            "**What irad does.**",
        ] {
            assert!(text.contains(part), "{description:?} lacks {part}");
        }
    }
}
