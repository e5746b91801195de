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
    // Its functions are of text, and have no derivatives. Those of the largest fixture do.
    let fixture = "fixtures/numeric/inputs.ll";
    let of_text = defined(file).into_iter().skip(11).step_by(48);
    let of_floats = defined(fixture).into_iter();
    let of_floats = of_floats.filter(|symbol| symbol.contains("6inputs"));
    let samples = of_text
        .map(|symbol| (file, symbol))
        .chain(of_floats.step_by(12).map(|symbol| (fixture, symbol)));
    let (mut count, mut derivatives) = (0, 0);
    for (file, symbol) in samples {
        let symbol = symbol.as_str();
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
