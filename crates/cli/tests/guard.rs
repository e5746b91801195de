//! Code of a module can compute and print while it is checked, and nothing else.
//!
//! The functions of `guarded/escape.rs` try what they must not do. Nothing of it happens, and irad says what it was.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::killpg;
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with a file that must not change, and a socket at which somebody listens.
struct Place {
    folder: TempDir,
    listener: UnixListener,
}

/// The compiled functions. Every test is a process; the first compiles for all.
fn escape() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guarded/escape.rs");
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("escape.ll");
    let changed = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    if changed(&made) > changed(&source) {
        return made;
    }
    let own = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let built = Command::new("rustc")
        .args(["--edition=2024", "--emit=llvm-ir", "--crate-type=lib"])
        .args(["-Copt-level=3", "-Cno-prepopulate-passes", "-Cpanic=abort"])
        .arg("-o")
        .arg(own.path())
        .arg(source)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{words}");
    own.persist(&made).unwrap();
    made
}

/// What is in the file that must not change.
const KEPT: &str = "kept as it is";

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        listener.set_nonblocking(true).unwrap();
        fs::write(folder.path().join("kept"), KEPT).unwrap();
        Place { folder, listener }
    }

    /// `irad check` of a function, as the leader of a group of processes: what signals its group signals that.
    fn check(&self, act: &str, more: &[&str]) -> Command {
        let mut irad = Command::new(env!("CARGO_BIN_EXE_irad"));
        irad.arg("check")
            .arg(escape())
            .args(["--fn", &format!("try_{act}"), "--mode", "reverse"])
            .args(["--inactive", &format!("act_{act}")])
            .args(more)
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .current_dir(self.folder.path())
            .process_group(0);
        irad
    }

    fn made(&self) -> PathBuf {
        self.folder.path().join("made")
    }

    /// Nothing has got through.
    fn is_untouched(&self) {
        assert!(!self.made().exists(), "something was created");
        let kept = fs::read_to_string(self.folder.path().join("kept")).unwrap();
        assert_eq!(kept, KEPT);
        let heard = self.listener.accept().map(|_| ());
        assert_eq!(heard.unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(Place::new)
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Runs a function that must be stopped, and gives what irad says.
fn stopped(act: &str) -> String {
    let output = place().check(act, &[]).output().unwrap();
    let text = text(&output);
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains("error: not checked: "), "{text}");
    assert!(text.contains("--unguarded"), "{text}");
    place().is_untouched();
    text
}

/// A test of one act: what irad says of it.
macro_rules! stops {
    ($($name:ident says $words:literal;)*) => {
        $(
            #[test]
            fn $name() {
                let text = stopped(stringify!($name));
                assert!(text.contains($words), "{text}");
            }
        )*
    };
}

stops! {
    open says "the function wants to open a file (openat)";
    open_raw says "the function wants to open a file (open)";
    openat_raw says "the function wants to open a file (openat)";
    fopen says "the function wants to open a file (openat)";
    create says "the function wants to create a file (creat)";
    create_raw says "the function wants to create a file (creat)";
    mkdir says "the function wants to create a file (mkdir)";
    unlink says "the function wants to change files (unlink)";
    unlink_raw says "the function wants to change files (unlink)";
    connect says "the function wants to open a connection (socket)";
    connect_raw says "the function wants to open a connection (socket)";
    fork says "the function wants to start a process or a thread (clone)";
    fork_raw says "the function wants to start a process or a thread (fork)";
    clone_raw says "the function wants to start a process or a thread (clone)";
    clone3_raw says "the function wants to start a process or a thread (clone3)";
    system says "the function wants to start a process or a thread (clone";
    exec_raw says "the function wants to run a program (execve)";
    signal_parent says "the function wants to send a signal (kill)";
    signal_group says "the function wants to send a signal (kill)";
    signal_group_raw says "the function wants to send a signal (kill)";
    trace_parent says "the function wants to reach into a process (ptrace)";
    trace_me says "the function wants to reach into a process (ptrace)";
    peek says "the function wants to reach into a process (process_vm_readv)";
    every_descriptor says "the function wants to write to a file (write)";
    descriptors_above says "the function wants to write to a file (write)";
    answer says "the function ended the process, or wrote over what irad computed";
    executable says "the function wants to make memory executable or map a file (mmap)";
    executable_later says "the function wants to make memory executable or map a file (mprotect)";
    executable_raw says "the function wants to make memory executable or map a file (mmap)";
    pkey_raw says "the function wants to make memory executable or map a file (pkey_mprotect)";
    memfd_raw says "the function wants to share memory with other processes (memfd_create)";
    ring_raw says "the function wants to read and write files (io_uring_setup)";
    handler says "the function wants to create a file (creat)";
    handler_only says "the function wants to handle signals (rt_sigaction)";
    blocked says "the function wants to create a file (creat)";
    old_way says "the function calls the system in a way that hides what it wants";
    x32 says "the function wants to make the system call 1073741909";
    end says "the function ended the process, or wrote over what irad computed";
}

/// What a function prints is reported as what it printed, and the check goes on.
#[test]
fn what_is_printed_is_told() {
    let output = place().check("print", &["--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let notes = document["notes"].as_array().unwrap();
    let note = notes
        .iter()
        .filter_map(Value::as_str)
        .find(|note| note.starts_with("the function printed \"hello from inside\""));
    assert!(
        note.is_some_and(|note| note.ends_with(" lines in all)")),
        "{notes:?}"
    );
    assert_eq!(document["passed"], true);
}

/// What is printed without end ends nowhere, and costs no more than a megabyte.
#[test]
fn a_flood_is_cut_off() {
    let output = place().check("flood", &["--points", "1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("the function printed \"xxxx"));
}

/// A function that is trusted does what it likes.
#[test]
fn the_guard_can_be_lifted() {
    let place = Place::new();
    let output = place.check("create", &["--unguarded"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(place.made().exists());
    assert!(text(&output).contains("check passed"));
}

/// A view of a file that came from a stranger is safe, and says why it does not check.
#[test]
fn nothing_gets_through_in_a_view() {
    let place = Place::new();
    let view = |command: &str, more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_irad"))
            .arg(command)
            .arg(escape())
            .args(["--fn", "try_create", "--mode", "reverse"])
            .args(["--inactive", "act_create", "--check-limit", "60"])
            .args(more)
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .current_dir(place.folder.path())
            .output()
            .unwrap()
    };
    for (command, more) in [
        ("diff", &[][..]),
        ("passes", &[]),
        ("explain", &[]),
        ("emit", &["-o", "out.ll"]),
    ] {
        let output = view(command, more);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(0), "{command}: {text}");
        assert!(
            text.contains("the function wants to create a file (creat)"),
            "{command}: {text}"
        );
        place.is_untouched();
    }
    let output = view("emit", &["-o", "out.ll", "--unguarded"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(place.made().exists());
}

/// Where the kernel cannot close the door, nothing runs unless somebody asks for it.
#[test]
fn nothing_runs_where_no_door_closes() {
    let place = Place::new();
    let output = place
        .check("create", &[])
        .env("IRAD_ENGINE_FAULT", "door@guard")
        .output()
        .unwrap();
    let words = text(&output);
    assert_eq!(output.status.code(), Some(5), "{words}");
    assert!(
        words.contains(
            "error: not checked: nothing here can keep the function from doing more than to compute"
        ),
        "{words}"
    );
    assert!(words.contains("--unguarded"), "{words}");
    place.is_untouched();
    let output = place
        .check("create", &["--unguarded"])
        .env("IRAD_ENGINE_FAULT", "door@guard")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(place.made().exists());
}

/// `irad doctor` says whether the door closes here.
#[test]
fn doctor_tries_the_guard() {
    let doctor = |fault: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_irad"))
            .args(["doctor", "--json"])
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .env("IRAD_ENGINE_FAULT", fault)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(doctor("")["guard"], true);
    let without = doctor("door@guard");
    assert_eq!(without["guard"], false);
    assert!(
        without["problems"]
            .to_string()
            .contains("irad check needs --unguarded here"),
        "{without}"
    );
}

/// One that never ends, and that no alarm wakes, ends with irad.
#[test]
fn nothing_is_left_running() {
    let started = Instant::now();
    let child = place()
        .check("stay", &["--timeout", "1"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    assert!(started.elapsed() < Duration::from_secs(20));
    let patience = Instant::now() + Duration::from_secs(10);
    // All of the group are gone when there is nobody to signal.
    while killpg(group, None).is_ok() {
        assert!(Instant::now() < patience, "something runs on");
        thread::sleep(Duration::from_millis(20));
    }
}
