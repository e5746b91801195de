//! A few functions of a real crate, which is larger than any fixture, give the same from slice and whole.

#[path = "../../ad-pass/tests/real/mod.rs"]
mod real;

use std::path::Path;
use std::process::Command;

/// What a command says on both streams, and its exit code. What names the command itself, how long it took
/// and which number LLVM gave a node of metadata is left out.
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
    let words: String = words
        .lines()
        .filter(|line| !line.starts_with("note: LLVM was given"))
        .collect();
    let mut parts = words.split('!');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push('!');
        kept.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    let code = output.status.code();
    format!("{code:?}\n{kept}\n{}", text(&output.stdout))
}

/// Where control comes to a block from several others, Enzyme's reverse pass asks which way it came, and
/// numbers the ways in the order of its blocks' addresses, which are others in a slice.
fn has_numbered_ways(said: &str) -> bool {
    said.lines().any(|line| {
        let line = line.trim_start_matches(['+', '-', ' ', '~']);
        let is_number = ["store i8 ", "store i1 "].iter().any(|store| {
            line.strip_prefix(store)
                .is_some_and(|value| !value.starts_with('%'))
        });
        is_number && line.contains("!invariant.group")
    })
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
        .map(|symbol| symbol.trim_end_matches(['"', ',']))
        .collect();
    let (mut count, mut derivatives) = (0, 0);
    for symbol in symbols.iter().skip(11).step_by(48) {
        for mode in ["forward", "reverse"] {
            let command = ["diff", file, "--fn", symbol, "--mode", mode];
            let slice = said(&command, Some("--slice"));
            if mode == "reverse" && has_numbered_ways(&slice) {
                continue;
            }
            assert_eq!(
                slice,
                said(&command, Some("--no-slice")),
                "{symbol}, {mode}"
            );
            count += 1;
            derivatives += usize::from(slice.starts_with("Some(0)"));
        }
    }
    assert!(count > 8 && derivatives > 3, "{derivatives} of {count}");
}
