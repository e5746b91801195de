//! Engines stand side by side, and the one that fits a module is asked.
//!
//! What the front does is seen with engines that only greet or refuse. What LLVM 23 makes of derivatives is seen where
//! `irad-engine-23` is there (`make engine-23`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use trace::{Diagnosis, Event, Greeting, Kind};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A folder with a copy of irad and engines beside it.
struct Installed(tempfile::TempDir);

impl Installed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(env!("CARGO_BIN_EXE_irad"), folder.path().join("irad")).unwrap();
        Installed(folder)
    }

    /// An engine that answers with `bytes`, whatever it is asked.
    fn answering(self, name: &str, bytes: &[u8]) -> Self {
        let answer = self.0.path().join(format!("{name}.answer"));
        fs::write(&answer, bytes).unwrap();
        let path = self.0.path().join(name);
        // The channel is its standard input.
        fs::write(
            &path,
            format!("#!/bin/sh\ncat '{}' >&0\n", answer.display()),
        )
        .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// The real engine with LLVM 22.
    fn real(self) -> Self {
        std::os::unix::fs::symlink(
            env!("CARGO_BIN_EXE_irad-engine-22"),
            self.0.path().join("irad-engine-22"),
        )
        .unwrap();
        self
    }

    /// What irad says of a file: the exit code, and standard output and error.
    fn says(&self, arguments: &[&str]) -> (Option<i32>, String) {
        for _ in 0..100 {
            let output = Command::new(self.0.path().join("irad"))
                .args(arguments)
                .current_dir(ROOT)
                .env_remove("IRAD_ENGINE")
                .env("IRAD_CONFIG", "")
                .env("IRAD_CHECK_LIMIT", "60")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned()
                + &String::from_utf8_lossy(&output.stderr);
            // Another test's new process may hold the script open for writing until it runs its own.
            if !said.contains("Text file busy") {
                return (output.status.code(), said);
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("an engine stays busy");
    }
}

/// A greeting of another version of irad.
fn stranger(version: &str) -> Vec<u8> {
    let mut greeting = Greeting::new("99.0.0".to_owned());
    greeting.irad = version.to_owned();
    let mut bytes = Vec::new();
    trace::write_json(&mut bytes, &greeting).unwrap();
    bytes
}

/// What an engine says that cannot read the module.
fn unreadable() -> Vec<u8> {
    let mut bytes = Vec::new();
    trace::write_json(&mut bytes, &Greeting::new("22.9.9".to_owned())).unwrap();
    let diagnosis = Diagnosis::new(Kind::Parse, "expected something else");
    trace::write_event(&mut bytes, Event::Failed(diagnosis)).unwrap();
    bytes
}

const LOSS: [&str; 4] = ["--fn", "loss", "--mode", "reverse"];

fn diff<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    ["diff", file]
        .into_iter()
        .chain(LOSS)
        .chain(more.iter().copied())
        .collect()
}

#[test]
fn a_program_that_does_not_belong_to_this_one_is_told_in_a_line() {
    let installed = Installed::new().answering("irad-engine-22", &stranger("0.0.7"));
    let (code, said) = installed.says(&diff("fixtures/model.ll", &[]));
    assert_eq!(code, Some(4), "{said}");
    let first = said.lines().next().unwrap_or_default();
    assert!(
        first.starts_with(concat!(
            "error: irad is version ",
            env!("CARGO_PKG_VERSION")
        )) && first.contains("is version 0.0.7")
            && first.contains("irad-engine-22"),
        "{said}"
    );
    assert!(said.contains("build or install both together"), "{said}");

    // One from before there were greetings says nothing, and ends.
    let installed = Installed::new().answering("irad-engine-22", b"");
    let (code, said) = installed.says(&diff("fixtures/model.ll", &[]));
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("ended without a greeting"), "{said}");
}

#[test]
fn bitcode_names_the_engine_that_reads_it() {
    let installed = Installed::new()
        .answering("irad-engine-22", &stranger("0.0.22"))
        .answering("irad-engine-23", &stranger("0.0.23"));
    for (file, engine) in [
        ("fixtures/other_llvm/21.bc", "0.0.22"),
        ("fixtures/other_llvm/23.bc", "0.0.23"),
        ("fixtures/model.ll", "0.0.22"),
    ] {
        let (_, said) = installed.says(&diff(file, &[]));
        assert!(
            said.contains(&format!("is version {engine}")),
            "{file}: {said}"
        );
    }
    // What there is reads what came before it, and tries the rest.
    let newer = Installed::new().answering("irad-engine-23", &stranger("0.0.23"));
    let (_, said) = newer.says(&diff("fixtures/other_llvm/21.bc", &[]));
    assert!(said.contains("is version 0.0.23"), "{said}");
    let older = Installed::new().answering("irad-engine-22", &stranger("0.0.22"));
    let (_, said) = older.says(&diff("fixtures/other_llvm/23.bc", &[]));
    assert!(said.contains("is version 0.0.22"), "{said}");
}

#[test]
fn text_that_one_engine_cannot_read_goes_to_a_newer_one() {
    let installed = Installed::new()
        .answering("irad-engine-22", &unreadable())
        .answering("irad-engine-23", &stranger("0.0.23"));
    let (_, said) = installed.says(&diff("fixtures/model.ll", &[]));
    assert!(said.contains("is version 0.0.23"), "{said}");
    // Where that cannot read it either, the first one's word stands.
    let installed = Installed::new()
        .answering("irad-engine-22", &unreadable())
        .answering("irad-engine-23", &unreadable());
    let (code, said) = installed.says(&diff("fixtures/model.ll", &[]));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("expected something else"), "{said}");
}

#[test]
fn without_the_newer_engine_the_remedy_is_named() {
    let installed = Installed::new().real();
    let (code, said) = installed.says(&diff("fixtures/other_llvm/23.bc", &[]));
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("LLVM23.1.1 wrote it, and this engine has LLVM 22")
            && said.contains("make engine-23"),
        "{said}"
    );
}

#[test]
fn what_llvm_21_wrote_is_read_as_text_and_as_bitcode() {
    let installed = Installed::new().real();
    for file in ["fixtures/other_llvm/21.ll", "fixtures/other_llvm/21.bc"] {
        for mode in ["reverse", "forward"] {
            let (code, said) = installed.says(&["check", file, "--fn", "loss", "--mode", mode]);
            assert_eq!(code, Some(0), "{file}: {said}");
            assert!(said.contains("check passed"), "{file}: {said}");
        }
        let (code, said) = installed.says(&["diff", file, "--fn", "loss", "--mode", "reverse"]);
        assert_eq!(code, Some(0), "{file}: {said}");
        assert!(said.contains("checked      right"), "{file}: {said}");
        let (code, said) = installed.says(&["list", file]);
        assert_eq!(code, Some(0), "{file}: {said}");
        assert!(
            said.contains("fn loss(w: &[f64; 3], x: &[f64; 3], y: f64) -> f64"),
            "{file}: {said}"
        );
    }
}

#[test]
fn two_saved_runs_are_compared() {
    let installed = Installed::new().real();
    let says = |arguments: &[&str]| installed.says(arguments);
    let (code, said) = says(&["diff", "talk/kept.trace", "talk/noalias.trace"]);
    assert_eq!(code, Some(0), "{said}");
    for side in ["--- kept.trace", "+++ noalias.trace", " · final", "@@"] {
        assert!(said.contains(side), "{side}: {said}");
    }
    let (code, said) = says(&["diff", "talk/kept.trace", "talk/kept.trace", "--exit-code"]);
    assert_eq!(code, Some(0), "{said}");
    for (arguments, words) in [
        (
            ["diff", "talk/kept.trace", "fixtures/model.ll"],
            "model.ll is none",
        ),
        (
            ["diff", "talk/kept.trace", "--against=f"],
            "which holds one run",
        ),
    ] {
        let (code, said) = says(&arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn llvm_23_differentiates_what_it_wrote() {
    let engine = Path::new(env!("CARGO_BIN_EXE_irad-engine-22")).with_file_name("irad-engine-23");
    if !engine.is_file() {
        println!("there is no irad-engine-23: make engine-23 builds one");
        return;
    }
    let installed = Installed::new().real();
    std::os::unix::fs::symlink(&engine, installed.0.path().join("irad-engine-23")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let saved = |name: &str| folder.path().join(name).display().to_string();
    for (file, llvm, trace) in [
        ("fixtures/other_llvm/23.bc", "23.", saved("23.trace")),
        ("fixtures/other_llvm/21.bc", "22.", saved("22.trace")),
    ] {
        for mode in ["reverse", "forward"] {
            let (code, said) = installed.says(&["check", file, "--fn", "loss", "--mode", mode]);
            assert_eq!(code, Some(0), "{file}: {said}");
        }
        let mut passes = vec!["passes", file];
        passes.extend(LOSS);
        passes.extend(["--save", &trace]);
        let (code, said) = installed.says(&passes);
        assert_eq!(code, Some(0), "{file}: {said}");
        let (_, said) = installed.says(&["diff", &trace, "--json"]);
        let document: serde_json::Value = serde_json::from_str(&said).unwrap();
        let made_by = document["toolchain"]["llvm"].as_str().unwrap();
        assert!(made_by.starts_with(llvm), "{made_by}");
    }
    // What an upgrade of the compiler does to a derivative.
    let (code, said) = installed.says(&["diff", &saved("22.trace"), &saved("23.trace")]);
    assert_eq!(code, Some(0), "{said}");
    for side in ["--- 22.trace", "+++ 23.trace"] {
        assert!(said.contains(side), "{side}: {said}");
    }
    let (_, said) = installed.says(&["doctor", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(
        document["other_engines"][0]["llvm"]
            .as_str()
            .unwrap()
            .starts_with("23."),
        "{said}"
    );
}
