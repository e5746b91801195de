//! What holds for the repository as a whole.

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn fixtures_are_up_to_date_with_their_sources() {
    let output = Command::new(root().join("scripts/fixtures.sh"))
        .arg("--check")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn irad_links_no_llvm_and_its_engine_does() {
    let libraries = |program: &str| {
        let output = Command::new("ldd").arg(program).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let front = libraries(env!("CARGO_BIN_EXE_irad"));
    assert!(
        !front.contains("LLVM") && !front.contains("stdc++"),
        "{front}"
    );
    assert!(libraries(env!("CARGO_BIN_EXE_irad-engine-22")).contains("libLLVM"));
}

#[test]
fn the_crates_in_front_do_not_depend_on_llvm() {
    let tree = |package: &str, features: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--offline", "--edges", "normal,build"])
            .args(["--prefix", "none", "-p", package])
            .args(features)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let forbidden = ["llvm-sys", "inkwell", "enzyme-sys", "llvm-shim", "ad-pass"];
    for (package, features) in [
        ("trace", &[][..]),
        ("ir-load", &[]),
        ("diff-view", &[]),
        ("view-model", &[]),
        ("explore", &[]),
        ("irad", &["--no-default-features"]),
    ] {
        let tree = tree(package, features);
        assert!(tree.starts_with(package), "{tree}");
        for name in forbidden {
            let found = tree.lines().any(|line| line.starts_with(name));
            assert!(!found, "{package} depends on {name}:\n{tree}");
        }
    }
    // The same look does find it where it is.
    assert!(tree("ad-pass", &[]).contains("inkwell"));
}
