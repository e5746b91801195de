//! A test file with a `main` of its own makes a trial of each test. `#[test]` would be taken there, and never run.

use std::fs;
use std::path::Path;

#[test]
fn what_has_no_harness_has_no_attribute() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut count = 0;
    for entry in fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(text) = fs::read_to_string(folder.join("Cargo.toml")) else {
            continue;
        };
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        let tests = manifest.get("test").and_then(|tests| tests.as_array());
        for test in tests.into_iter().flatten() {
            if test.get("harness").and_then(|harness| harness.as_bool()) != Some(false) {
                continue;
            }
            let name = test["name"].as_str().unwrap();
            let file = folder.join(format!("tests/{name}.rs"));
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("#[test]"), "{}", file.display());
            assert!(text.contains("libtest_mimic::run("), "{}", file.display());
            count += 1;
        }
    }
    assert!(count > 3, "{count} files");
}
