//! Every word of LLVM's messages that irad reads stands in the LLVM that is linked, and is read from what that says.

use std::fs;

use inkwell::context::Context;
use trace::llvm;

/// The shared library of LLVM that this process has loaded.
fn library() -> Vec<u8> {
    inkwell::support::get_llvm_version();
    let maps = fs::read_to_string("/proc/self/maps").expect("Linux has it");
    let path = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| {
            path.rsplit('/')
                .next()
                .is_some_and(|file| file.starts_with("libLLVM"))
        })
        .expect("tests are linked with LLVM's shared library (the feature dynamic-llvm)");
    fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_string_stands_in_the_library() {
    let library = library();
    let text = String::from_utf8_lossy(&library);
    // The compiler has taken this one apart; the test below reads it from what LLVM says.
    let searched = |string: &str| string != llvm::UNKNOWN_OPTION;
    let missing: Vec<_> = llvm::ALL
        .iter()
        .filter(|(_, string)| searched(string) && !text.contains(string))
        .collect();
    assert!(
        missing.is_empty(),
        "LLVM has these no more: look for what says the same now, and change crates/trace/src/llvm.rs: {missing:?}"
    );
}

#[test]
fn an_option_that_is_none_is_read_from_what_llvm_says() {
    let said = llvm_shim::parse_options(&["-no-such-option-at-all".to_owned()])
        .expect_err("there is no such option")
        .to_string();
    assert!(
        said.contains(&format!("{}-no-such-option-at-all", llvm::UNKNOWN_OPTION)),
        "{said}"
    );
    assert!(said.contains(llvm::NEAR_OPTION), "{said}");
}

#[test]
fn an_error_stands_behind_its_place() {
    let bytes = b"define void @f() {\n  nonsense\n}\n";
    let refused = ad_pass::load(&Context::create(), bytes, "input").expect_err("it is no IR");
    let place = refused.place.expect("LLVM says where");
    assert_eq!((place.line, place.column), (2, 3), "{refused:?}");
}
