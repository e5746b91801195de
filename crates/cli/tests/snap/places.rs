//! The same source gives the same body, wherever and however it is compiled.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::project::{Project, body, root};

/// Fixture and function. Loops, allocations, closures, generic callees, calls that stay, tables.
const FUNCTIONS: [(&str, &str); 8] = [
    ("model", "loss"),
    ("iterators", "distance"),
    ("closure", "mean_decay"),
    ("alloc_nested", "determinant"),
    ("debuginfo", "loss"),
    ("mangled", "two_circles"),
    ("matmul", "matmul"),
    ("params", "energy"),
];

/// What irad asks its users for.
const FLAGS: [&str; 13] = [
    "--edition=2024",
    "--crate-type=lib",
    "--emit=llvm-ir",
    "-C",
    "opt-level=3",
    "-C",
    "no-prepopulate-passes",
    "-C",
    "codegen-units=1",
    "-C",
    "panic=abort",
    "--cap-lints",
    "allow",
];

fn compile(toolchain: Option<&str>, folder: &Path, source: &str, out: &Path, more: &[&str]) {
    let mut rustc = Command::new("rustc");
    if let Some(toolchain) = toolchain {
        rustc.arg(format!("+{toolchain}"));
    }
    rustc
        .args(FLAGS)
        .args(more)
        .arg(source)
        .arg("-o")
        .arg(out)
        .current_dir(folder);
    let output = rustc.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{rustc:?}: {errors}");
}

/// The body of one function's derivative in one module.
fn derivative(project: &Project, module: &Path, function: &str) -> String {
    let path = module.to_str().unwrap();
    let flags = ["--fn", function, "--mode", "reverse", "--name", "one"];
    let mut arguments = vec!["record", path];
    arguments.extend(flags);
    let (code, out, errors) = project.run(&arguments);
    assert_eq!(code, 0, "{out}{errors}");
    let text = project.read("snapshots/one.snap");
    body(&text).to_owned()
}

#[test]
fn checkouts_debug_info_and_mangling_leave_no_trace() {
    let project = Project::new("");
    let (here, there) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let deep = there.path().join("another/checkout/of/it");
    fs::create_dir_all(&deep).unwrap();
    for (name, function) in FUNCTIONS {
        let source = format!("{name}.rs");
        for folder in [here.path(), &deep] {
            let from = root().join("fixtures/src").join(&source);
            fs::copy(from, folder.join(&source)).unwrap();
        }
        let out = here.path().join("out.ll");
        compile(None, here.path(), &source, &out, &["-C", "debuginfo=0"]);
        let expected = derivative(&project, &out, function);
        assert!(expected.contains(&format!("::{function}")), "{expected}");
        for (words, folder, more) in [
            ("debug info", here.path(), &["-C", "debuginfo=2"][..]),
            (
                "the other mangling",
                here.path(),
                &["-C", "symbol-mangling-version=v0"],
            ),
            (
                "another checkout",
                deep.as_path(),
                &["-C", "metadata=of-another-crate"],
            ),
            (
                "all of it",
                deep.as_path(),
                &["-C", "debuginfo=2", "-C", "symbol-mangling-version=v0"],
            ),
        ] {
            let absolute = folder.join(&source);
            compile(None, folder, absolute.to_str().unwrap(), &out, more);
            let found = derivative(&project, &out, function);
            assert!(
                found == expected,
                "{name} with {words}:\n{found}\n{expected}"
            );
        }
        for part in ["17h", "_ZN", "_R", "/tmp", "rustc version", ".rs"] {
            // `__rustc::…` is how Rust's allocator is called.
            assert!(
                !expected.replace("__rustc", "").contains(part),
                "{part} in {expected}"
            );
        }
    }
}

/// Another compiler gives the same body where it emits the same IR. Skipped where there is no nightly,
/// and says so: the mangling that it has is part of the test above.
#[test]
fn another_compiler_leaves_no_trace_in_what_is_the_same() {
    let has_nightly = Command::new("rustc")
        .args(["+nightly", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !has_nightly {
        eprintln!("there is no nightly compiler here to compare with");
        return;
    }
    let project = Project::new("");
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out.ll");
    for (name, function) in FUNCTIONS {
        let source = root().join("fixtures/src").join(format!("{name}.rs"));
        let source = source.to_str().unwrap();
        compile(None, folder.path(), source, &out, &[]);
        let stable = derivative(&project, &out, function);
        compile(Some("nightly"), folder.path(), source, &out, &[]);
        let nightly = derivative(&project, &out, function);
        assert!(stable == nightly, "{name}:\n{stable}\n{nightly}");
    }
    // The header says which compiler it was.
    let header = project.read("snapshots/one.snap");
    assert!(header.contains("-nightly"), "{header}");
    let module = out.to_str().unwrap();
    let (code, out, _) = project.run(&[
        "check", module, "--fn", "energy", "--mode", "reverse", "--name", "one", "--json",
    ]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn the_versions_that_moved_are_named() {
    let project = Project::recorded();
    let path = "snapshots/cube.snap";
    let text = project.read(path);
    let older = text.replace("rustc version 1.95.0 (", "rustc version 1.94.0 (");
    assert_ne!(text, older);
    project.write(path, &older);
    // A header alone is no difference.
    assert_eq!(project.run(&["check"]).0, 0);
    project.change_cube();
    let (code, out, _) = project.run(&["check"]);
    assert_eq!(code, 1);
    assert!(out.contains("\nrustc 1.94.0 ("), "{out}");
    assert!(out.contains(" → 1.95.0 ("), "{out}");
}
