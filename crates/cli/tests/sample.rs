//! A few functions of a real crate, which is larger than any fixture, give the same from slice and whole.

#[path = "../../ad-pass/tests/real/mod.rs"]
mod real;

#[allow(dead_code, reason = "the other tests ask more of it")]
mod slicing;

use std::path::Path;

use slicing::{defined, said};

#[test]
fn a_handful_of_a_real_crates_functions_give_the_same_from_slice_and_whole() {
    let file = real::module("strsim");
    assert!(Path::new(&file).metadata().unwrap().len() > 1 << 20);
    let file = file.to_str().unwrap();
    let symbols = defined(file);
    let (mut count, mut derivatives) = (0, 0);
    for symbol in symbols.iter().map(String::as_str).skip(11).step_by(48) {
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
            let begin = [command, &["--slice"]].concat();
            let slice = said(&begin);
            let whole = said(&[command, &["--no-slice"]].concat());
            assert_eq!(slice, whole, "{command:?}");
            // What is differentiated may be refused, and what is optimised is not.
            let is_fine = match command.contains(&"default<O3>") {
                true => slice.code == Some(0),
                false => matches!(slice.code, Some(0 | 2 | 3)),
            };
            assert!(is_fine, "{begin:?}: {slice:?}");
            count += 1;
            derivatives += usize::from(command[0] == "diff" && slice.code == Some(0));
        }
    }
    assert!(count > 16 && derivatives > 3, "{derivatives} of {count}");
}
