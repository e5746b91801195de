//! Seventy-five random functions in both modes: `irad check` calls no derivative right that is wrong, and none wrong
//! that is right. The functions are small, so that this takes little time; `make truth` takes more and larger ones.
//!
//! They are the same ones each time, and how long something takes decides nothing.

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

const SEED: &str = "1";
const FUNCTIONS: usize = 75;
/// A part of them is a test: several run at once.
const PART: usize = 25;

fn main() -> ExitCode {
    let part = |from: usize| {
        let name = format!("functions_{from}_to_{}", from + PART - 1);
        Trial::test(name, move || measure(from))
    };
    let trials = (0..FUNCTIONS).step_by(PART).map(part).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn measure(from: usize) -> Result<(), Failed> {
    let truth = Path::new(env!("CARGO_BIN_EXE_truth"));
    let irad = truth.with_file_name("irad");
    if !irad.exists() {
        return Err(format!("{} was not built: test the workspace", irad.display()).into());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("random-{from}"));
    let (from, part) = (from.to_string(), PART.to_string());
    let output = Command::new(truth)
        .args(["run", "--small", "--seed", SEED])
        .args(["--from", &from, "-n", &part])
        .args(["--jobs", "1", "--batch", &part])
        // A view's check does the same.
        .args(["--check", "--for emit --no-cross"])
        .args(["--at-most", "missed=0,alarms=0,not-built=0"])
        .args(["--at-least", "right=10"])
        .arg("--irad")
        .arg(&irad)
        .arg("--folder")
        .arg(&folder)
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let (said, error) = (&output.stdout, &output.stderr);
    let words = [said, error].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    Err(words.concat().into())
}
