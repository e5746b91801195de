//! Entries whose IR comes out of a crate.

use std::fs;
use std::path::Path;

use crate::project::{Project, body, root};

const CONFIG: &str = r#"
[[entry]]
name = "energy"
crate = "work"
package = "my-model"
function = "energy"
mode = "reverse"

[[entry]]
name = "energy scaled"
crate = "work"
package = "my-model"
target = "lib"
features = ["scaled"]
function = "my_model::energy"
mode = "reverse"
"#;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
}

#[test]
fn a_crate_is_built_and_its_functions_are_kept() {
    let project = Project::new(CONFIG);
    copy(&root().join("fixtures/workspace"), &project.path("work"));
    let (code, out, errors) = project.run(&["record"]);
    assert_eq!(code, 0, "{out}{errors}");
    let plain = project.read("snapshots/energy.snap");
    let scaled = project.read("snapshots/energy_scaled.snap");
    assert!(plain.contains("    crate: work\n"), "{plain}");
    assert!(
        scaled.contains("    features:\n      - scaled\n"),
        "{scaled}"
    );
    assert_ne!(body(&plain), body(&scaled));
    let expression =
        "cargo irad show --manifest-path work/Cargo.toml --package my-model -- --fn energy";
    assert!(plain.contains(expression), "{plain}");
    assert_eq!(project.run(&["check"]).0, 0);

    // The crate's source says something else.
    let source = "work/model/src/lib.rs";
    project.write(
        source,
        &project
            .read(source)
            .replace("{ 3.0 } else { 2.0 }", "{ 3.0 } else { 4.0 }"),
    );
    let (code, out, _) = project.run(&["check"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("1 same, 1 changed"), "{out}");

    // What rustc leaves out is explained, and a build that fails is said to.
    let flags = [
        "check",
        "--crate",
        "work",
        "--package",
        "my-model",
        "--mode",
        "reverse",
    ];
    let (code, _, errors) = project.run(&[&flags[..], &["--fn", "generic"]].concat());
    assert_eq!(code, 2);
    assert!(errors.contains("generic"), "{errors}");
    project.write(source, "pub fn energy(");
    let (code, out, errors) = project.run(&["check"]);
    assert_eq!(code, 2);
    assert!(
        errors.contains("this file contains an unclosed delimiter"),
        "{errors}"
    );
    assert!(errors.contains("cargo could not build work"), "{errors}");
    assert!(out.contains("2 failed"), "{out}");
    let (code, _, errors) = project.run(&[
        "check", "--crate", "nowhere", "--fn", "f", "--mode", "reverse",
    ]);
    assert_eq!(code, 2);
    assert!(errors.contains("there is no crate at nowhere"), "{errors}");
}
