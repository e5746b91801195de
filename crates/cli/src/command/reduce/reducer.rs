//! Runs llvm-reduce, which asks irad of each candidate whether it will do.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::wanted::{CASE, cannot};
use crate::failure::Failure;
use crate::output::Global;

/// Lets llvm-reduce make the case in a folder smaller, until nothing more can be taken away or time is up.
pub(super) fn reduce(
    reducer: &Path,
    folder: &TempDir,
    patience: u64,
    interrupted: &AtomicBool,
    global: &Global,
) -> Result<(), Failure> {
    let own = env::current_exe().map_err(|error| cannot("find", Path::new("irad"), &error))?;
    let limits = global.limits();
    let argument = |text: &str| format!("--test-arg={text}");
    let mut child = Command::new(reducer)
        .arg(format!("--test={}", own.display()))
        .args([
            argument("--timeout"),
            argument(&limits.seconds.min(10).to_string()),
            argument("--memory"),
            argument(&limits.memory_mib.to_string()),
            argument("still-fails"),
            argument(&folder.path().display().to_string()),
        ])
        .args(["-j", "2", "--abort-on-invalid-reduction=false", "-o"])
        .arg(folder.path().join("reduced.ll"))
        .arg(folder.path().join(CASE))
        .env("TMPDIR", folder.path())
        .current_dir(folder.path())
        // A group of its own, to be ended with the tests that it runs.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| cannot("run", reducer, &error))?;
    let deadline = Instant::now() + Duration::from_secs(patience);
    loop {
        match child.try_wait() {
            Ok(None) if interrupted.load(Ordering::Relaxed) || Instant::now() >= deadline => {
                return stop(&mut child);
            }
            Ok(None) => thread::sleep(Duration::from_millis(20)),
            // Whatever became of it, the smallest case that failed was kept.
            _ => return Ok(()),
        }
    }
}

fn stop(child: &mut Child) -> Result<(), Failure> {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;
    if let Ok(id) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
    }
    let _ = child.wait();
    Ok(())
}
