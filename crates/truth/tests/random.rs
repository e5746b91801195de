//! Two hundred random functions in both modes, and some as rustc leaves them when it does not optimise, of `f32`, and made
//! to be difficult: `irad check` calls no derivative right that is wrong, and none wrong that is right. Most are small, so
//! that this takes little time; `make truth` takes more and larger ones.
//!
//! They are the same ones each time, and how long something takes decides nothing.

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

const SEED: &str = "1";
const FUNCTIONS: usize = 200;
/// A part of them is a test: several run at once.
const PART: usize = 25;
/// What may not be.
const NEVER: &str = "missed=0,alarms=0,not-built=0";
/// Others: what they are, how they are asked for, how many, and what may not be. Right derivatives of difficult functions
/// are called wrong now and then: at some points they are not finite, or the reference is no better.
const OTHERS: [(&str, &[&str], usize, &str); 4] = [
    ("unoptimised", &["--small", "--opt-level", "0"], 12, NEVER),
    (
        "little_optimised",
        &["--small", "--opt-level", "1"],
        12,
        NEVER,
    ),
    (
        "single_precision",
        &["--small", "--float", "f32"],
        12,
        NEVER,
    ),
    ("difficult", &["--difficult"], 12, "missed=0,not-built=0"),
];

fn main() -> ExitCode {
    let part = |from: usize| {
        let name = format!("functions_{from}_to_{}", from + PART - 1);
        Trial::test(name.clone(), move || {
            measure(&name, &["--small"], from, PART, NEVER)
        })
    };
    let other =
        |(name, flags, count, never): (&'static str, &'static [&str], usize, &'static str)| {
            Trial::test(name, move || measure(name, flags, 0, count, never))
        };
    let parts = (0..FUNCTIONS).step_by(PART).map(part);
    let trials = OTHERS.into_iter().map(other).chain(parts).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn measure(
    name: &str,
    flags: &[&str],
    from: usize,
    count: usize,
    never: &str,
) -> Result<(), Failed> {
    let truth = Path::new(env!("CARGO_BIN_EXE_truth"));
    let irad = truth.with_file_name("irad");
    if !irad.exists() {
        return Err(format!("{} was not built: test the workspace", irad.display()).into());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("random-{name}"));
    let (from, count) = (from.to_string(), count.to_string());
    let output = Command::new(truth)
        .args(["run", "--seed", SEED])
        .args(flags)
        .args(["--from", &from, "-n", &count])
        .args(["--jobs", "1", "--batch", &count])
        // A view's check does the same.
        .args(["--check", "--for emit --no-cross"])
        .args(["--at-most", never])
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
