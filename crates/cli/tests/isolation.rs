//! Whatever the engine does, irad ends in order: within its time, with a reason, with exit code 4,
//! and without leaving a process or a file behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A copy of the engine that no other test runs, so that its processes can be told apart, and a
/// folder for temporary files that must be empty in the end.
struct Place {
    folder: TempDir,
    engine: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = folder.path().join("irad-engine");
        fs::copy(env!("CARGO_BIN_EXE_irad-engine-22"), &engine).unwrap();
        fs::set_permissions(&engine, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Place { folder, engine }
    }

    fn irad(&self, command: &str, fault: &str, more: &[&str]) -> Command {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut irad = Command::new(env!("CARGO_BIN_EXE_irad"));
        irad.args([
            command,
            "fixtures/model.ll",
            "--fn",
            "loss",
            "--mode",
            "reverse",
        ])
        .args(more)
        .current_dir(root)
        .env("IRAD_ENGINE", &self.engine)
        .env("IRAD_ENGINE_FAULT", fault)
        .env("TMPDIR", self.folder.path().join("tmp"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
        irad
    }

    /// Processes that run this place's engine.
    fn engines(&self) -> Vec<PathBuf> {
        fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .map(|entry| entry.path())
            .filter(|process| {
                fs::read_link(process.join("exe")).is_ok_and(|exe| exe == self.engine)
            })
            .collect()
    }

    /// Nothing is left behind. The kernel may need a moment to end what it was told to end.
    fn is_clean(&self) -> bool {
        let patience = Instant::now() + Duration::from_secs(2);
        while !self.engines().is_empty() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(10));
        }
        let files = fs::read_dir(self.folder.path().join("tmp")).unwrap();
        self.engines().is_empty() && files.count() == 0
    }
}

/// The fault, and what irad must say of it. Those that never end are stopped after two seconds; the
/// others have time enough, however busy the machine is.
const FAULTS: [(&str, &str); 12] = [
    ("assertion", "Enzyme broke off: asked to"),
    ("unreachable", "Enzyme broke off: asked to"),
    ("fatal", "LLVM gave up: asked to"),
    ("segfault", "crashed in stage enzyme (segmentation fault)"),
    ("abort", "crashed in stage enzyme (abort)"),
    ("stack", "ran out of stack, in stage enzyme"),
    ("memory", "ran out of memory (1024 MiB), in stage enzyme"),
    ("loop", "stopped after 2 seconds, in stage enzyme"),
    ("noise", "stopped after 2 seconds, in stage enzyme"),
    ("half", "the stream ended in the middle of a frame"),
    ("silence", "crashed in stage enzyme (exit code 0)"),
    ("panic", "its last words: asked to"),
];

#[test]
fn each_fault_is_an_error_in_order() {
    let place = Place::new();
    for (fault, words) in FAULTS {
        let endless = words.contains("stopped after 2 seconds");
        let seconds = if endless { "2" } else { "120" };
        let limits = ["--timeout", seconds, "--memory", "1024"];
        let output = place.irad("diff", fault, &limits).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let flat = errors.replace("\n ", " ");
        assert_eq!(output.status.code(), Some(4), "{fault}: {errors}");
        assert!(flat.contains(words), "{fault}: {errors}");
        assert!(errors.contains("= help: "), "{fault}: {errors}");
        assert!(errors.len() < 4000, "{fault}: {errors}");
        assert!(place.is_clean(), "{fault} left something behind");
    }
}

/// The engine that made a derivative checks it, and tells all of it before.
#[test]
fn a_check_that_does_not_end_well_costs_no_view_its_derivative() {
    let place = Place::new();
    for (fault, seconds, words) in [
        ("segfault@compile", "120", "crashed in stage compile"),
        ("stack@compile", "120", "ran out of stack, in stage compile"),
        ("loop@compile", "1", "it takes longer than 1 second"),
        ("half@run", "120", "the engine crashed in stage run"),
    ] {
        for command in ["diff", "passes", "explain"] {
            let output = place
                .irad(command, fault, &["--check-limit", seconds])
                .output()
                .unwrap();
            let shown = String::from_utf8_lossy(&output.stdout);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{fault}: {errors}");
            let verdict = shown
                .lines()
                .find(|line| line.starts_with("not checked"))
                .unwrap_or_else(|| panic!("{command}, {fault}: {shown}"));
            assert!(verdict.contains(words), "{command}, {fault}: {verdict}");
            assert!(shown.lines().count() > 20, "{command}, {fault}: {shown}");
            assert!(place.is_clean(), "{command}, {fault} left something behind");
        }
    }
}

#[test]
fn what_is_known_is_shown_first() {
    let place = Place::new();
    let output = place
        .irad("passes", "segfault@cleanup", &[])
        .output()
        .unwrap();
    let (shown, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(4), "{errors}");
    assert!(shown.contains("reverse model::loss("), "{shown}");
    assert!(shown.contains("prepare/SROA/1"), "{shown}");
    assert!(shown.contains("enzyme/derivative/1"), "{shown}");
    assert!(errors.contains("crashed in stage cleanup"), "{errors}");
    assert!(
        errors.contains("the derivative was there before"),
        "{errors}"
    );
}

#[test]
fn errors_are_json_where_json_is_asked_for() {
    let place = Place::new();
    for fault in ["segfault", "assertion"] {
        let output = place.irad("diff", fault, &["--json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["code"], 4);
    }
}

/// Waits until the engine runs, sends irad alone a signal, and sees whether both end.
fn interrupted(signal: &str) -> Option<i32> {
    let place = Place::new();
    let mut child = place
        .irad("diff", "loop", &["--timeout", "60"])
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(20);
    while place.engines().is_empty() {
        assert!(Instant::now() < patience, "the engine did not start");
        thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(sent.success());
    let status = child.wait().unwrap();
    assert!(place.is_clean(), "{signal} left something behind");
    status.signal()
}

#[test]
fn an_interrupt_ends_both() {
    assert_eq!(interrupted("-INT"), Some(2));
    assert_eq!(interrupted("-TERM"), Some(15));
    // Even where irad can do nothing about it any more.
    assert_eq!(interrupted("-KILL"), Some(9));
}

#[test]
fn the_kernel_holds_the_engine_to_its_limits() {
    let place = Place::new();
    let mut child = place
        .irad(
            "diff",
            "loop",
            &["--timeout", "7", "--memory", "512", "--no-check"],
        )
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(20);
    let limits = loop {
        let found = place.engines().first().cloned();
        let text = found.and_then(|process| fs::read_to_string(process.join("limits")).ok());
        match text.filter(|text| text.contains(&(512 << 20).to_string())) {
            Some(text) => break text,
            None => assert!(Instant::now() < patience, "the limits were never set"),
        }
        thread::sleep(Duration::from_millis(5));
    };
    let line = |name: &str| {
        limits
            .lines()
            .find(|l| l.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(line("Max address space").contains(&(512 << 20).to_string()));
    assert!(line("Max cpu time").contains(" 8 "));
    assert!(line("Max core file size").contains(" 0 "));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(place.is_clean());
}
