//! Every function of every fixture gives from its slice what it gives from the whole, and ends as it should.
//!
//! Each fixture is a test. By default it takes some of its functions, spread over all of them, and one of the
//! commands for each; `IRAD_TESTS=all` (`make test-all`) takes every function and every command.

#[path = "slicing/mod.rs"]
mod slicing;

use std::env;
use std::fs;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use slicing::{compare, defined, irad, root, text};

/// The folders of fixtures: one function in so many is taken at all, for the others are much alike; and by
/// default one file in so many.
const FOLDERS: [(&str, usize, usize); 3] = [
    ("fixtures", 1, 1),
    ("fixtures/refused", 13, 4),
    ("fixtures/numeric", 61, 9),
];

/// By default, one function of a file in so many, and at least one.
const STRIDE: usize = 17;

/// The commands, each with its mode.
const COMMANDS: [(&str, &[&str]); 3] = [
    ("reverse", &["diff", "--mode", "reverse", "--raw-names"]),
    ("", &["passes", "--passes", "default<O2>", "--all"]),
    ("forward", &["passes", "--mode", "forward", "--every"]),
];

/// Fixtures that are written as bitcode, from which LLVM reads a function alone.
const AS_BITCODE: [&str; 8] = [
    "alloc_nested",
    "autodiff_global",
    "closure",
    "debuginfo",
    "helpers",
    "mangled_v0",
    "matmul",
    "typed",
];

/// Functions that have no derivative: the exit code, the mode, the file and the symbol.
const CODES: &str = include_str!("slicing/codes.txt");

fn main() -> ExitCode {
    let is_all = env::var("IRAD_TESTS").is_ok_and(|tests| tests == "all");
    let mut trials = Vec::new();
    for (folder, every, files) in FOLDERS {
        let found = fixtures(folder);
        assert!(found.len() > 20, "{folder} has {} fixtures", found.len());
        for file in found {
            let at = place(&file);
            if is_all || at.is_multiple_of(files) {
                let sample = Sample { at, every, is_all };
                trials.push(Trial::test(file.clone(), move || {
                    sample.run(&file, &file, &COMMANDS);
                    Ok(())
                }));
            }
        }
    }
    for (at, name) in AS_BITCODE.into_iter().enumerate() {
        trials.push(Trial::test(format!("bitcode of {name}"), move || {
            let sample = Sample {
                at,
                every: 1,
                is_all,
            };
            let dir = tempfile::tempdir().unwrap();
            let file = format!("fixtures/{name}.ll");
            let bitcode = dir.path().join(format!("{name}.bc"));
            let bitcode = bitcode.to_str().unwrap();
            let output = irad(&["opt", &file, "--passes", "verify", "-o", bitcode]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            sample.run(bitcode, &file, &COMMANDS[..2]);
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A number that a file's name gives. Which functions are taken does not depend on what other files there are.
fn place(file: &str) -> usize {
    file.bytes()
        .fold(7, |sum, byte| (sum * 31 + usize::from(byte)) % 1_000_003)
}

/// The fixtures of a folder, in order.
fn fixtures(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".ll") || name.ends_with(".bc"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    files
}

/// Which of a file's functions are taken.
#[derive(Clone, Copy)]
struct Sample {
    /// A number of the file's own: it begins with another function and another command than others.
    at: usize,
    every: usize,
    is_all: bool,
}

impl Sample {
    /// Compares what the commands say of a file. `listed` is what the file is called in the list of codes.
    fn run(self, file: &str, listed: &str, commands: &[(&str, &[&str])]) {
        let functions = defined(file);
        let stride = if self.is_all {
            self.every
        } else {
            self.every.max(STRIDE)
        };
        let first = if self.is_all {
            0
        } else {
            self.at % functions.len().min(stride)
        };
        let chosen = functions.iter().skip(first).step_by(stride).enumerate();
        for (nth, function) in chosen {
            for (number, (mode, command)) in commands.iter().enumerate() {
                if self.is_all || (self.at + nth) % commands.len() == number {
                    compare(file, function, command, code(mode, listed, function));
                }
            }
        }
    }
}

/// The code that a function ends with.
fn code(mode: &str, file: &str, function: &str) -> i32 {
    let wanted = format!("{mode} {file} {function}");
    let mut lines = CODES.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find(|(_, rest)| *rest == wanted);
    found.map_or(0, |(code, _)| code.parse().unwrap())
}
