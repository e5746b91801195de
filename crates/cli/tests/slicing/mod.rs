//! Runs a command on a slice and on the whole, and compares what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn irad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(arguments)
        .args(["--color", "never", "--pager", "never"])
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output()
        .unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command says.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub code: Option<i32>,
    /// Standard output, without times.
    pub shown: String,
    /// Standard error, without the flags that a command in it repeats.
    pub errors: String,
}

pub fn said(arguments: &[&str]) -> Said {
    let output = irad(arguments);
    let shown: Vec<String> = text(&output.stdout).lines().map(without_times).collect();
    let errors = text(&output.stderr);
    let words = errors.split_whitespace();
    let words = words.filter(|word| !matches!(*word, "--slice" | "--no-slice"));
    Said {
        code: output.status.code(),
        shown: shown.join("\n"),
        errors: words.collect::<Vec<_>>().join(" "),
    }
}

fn without_times(line: &str) -> String {
    let is_unit = |word: &str| matches!(word, "µs" | "ms" | "s");
    let words: Vec<&str> = line.split_whitespace().collect();
    if !words.iter().any(|word| is_unit(word)) {
        return line.to_owned();
    }
    let kept = words.iter().enumerate().filter(|&(at, word)| {
        !is_unit(word) && !words.get(at + 1).is_some_and(|next| is_unit(next))
    });
    kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
}

/// The symbols of the functions that a file defines.
pub fn defined(file: &str) -> Vec<String> {
    let output = irad(&["list", file, "--all", "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let functions = document["functions"].as_array().unwrap().iter();
    let defined = functions.filter(|one| one["defined"] == true);
    let symbols = defined.map(|one| one["symbol"].as_str().unwrap());
    let symbols: Vec<String> = symbols.map(str::to_owned).collect();
    assert!(!symbols.is_empty(), "{file} defines nothing");
    symbols
}

/// Both of one function: they are the same, and end with this code.
pub fn compare(file: &str, function: &str, command: &[&str], code: i32) {
    let begin = [&[command[0], file, "--fn", function], &command[1..]].concat();
    let slice = said(&[&begin[..], &["--slice"]].concat());
    let whole = said(&[&begin[..], &["--no-slice"]].concat());
    assert_eq!(slice, whole, "{begin:?}");
    assert_eq!(whole.code, Some(code), "{begin:?}: {}", whole.errors);
    // A failure has its reason, and what went well has something to show.
    let is_said = if code == 0 {
        !whole.shown.is_empty()
    } else {
        !whole.errors.is_empty()
    };
    assert!(is_said, "{begin:?} says nothing");
}
