//! A few functions of a real crate, which is larger than any fixture, give the same from slice and whole.

#[path = "../../ad-pass/tests/real/mod.rs"]
mod real;

use std::path::Path;
use std::process::Command;

/// What a command says on both streams, and its exit code. What names the command itself and how long
/// something took is left out.
fn said(arguments: &[&str], slicing: Option<&str>) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(arguments)
        .args(slicing)
        .args(["--color", "never", "--pager", "never"])
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let words = text(&output.stderr).replace(slicing.unwrap_or("\0"), "");
    let timed = |word: &str| ["µs", "ms", "s"].contains(&word);
    let without_times = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let kept = words.iter().enumerate().filter(|&(at, word)| {
            !timed(word) && !words.get(at + 1).is_some_and(|next| timed(next))
        });
        kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    };
    let shown: Vec<String> = text(&output.stdout).lines().map(without_times).collect();
    format!("{:?}\n{words}\n{}", output.status.code(), shown.join("\n"))
}

#[test]
fn a_handful_of_a_real_crates_functions_give_the_same_from_slice_and_whole() {
    let file = real::module("strsim");
    assert!(Path::new(&file).metadata().unwrap().len() > 1 << 20);
    let file = file.to_str().unwrap();
    let listed = said(&["list", file, "--json"], None);
    let symbols: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("\"symbol\": \""))
        .filter_map(|symbol| symbol.split('"').next())
        .collect();
    let (mut count, mut derivatives) = (0, 0);
    for symbol in symbols.iter().skip(11).step_by(48) {
        for command in [
            &["diff", file, "--fn", symbol, "--mode", "forward"][..],
            &["diff", file, "--fn", symbol, "--mode", "reverse"],
            &["passes", file, "--fn", symbol, "--mode", "reverse"],
            &[
                "passes",
                file,
                "--fn",
                symbol,
                "--passes",
                "default<O3>",
                "--every",
            ],
        ] {
            let slice = said(command, Some("--slice"));
            assert_eq!(slice, said(command, Some("--no-slice")), "{command:?}");
            count += 1;
            derivatives += usize::from(command[0] == "diff" && slice.starts_with("Some(0)"));
        }
    }
    assert!(count > 16 && derivatives > 3, "{derivatives} of {count}");
}
