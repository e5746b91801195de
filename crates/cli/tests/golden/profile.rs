//! What `irad profile` and `irad tune` print.

use crate::run::{check, transcript};

fn profile(name: &str, file: &str, function: &str, more: &[&str]) {
    let arguments = [
        &[
            "profile",
            file,
            "--fn",
            function,
            "--mode",
            "reverse",
            "--no-times",
        ],
        more,
    ]
    .concat();
    check(&format!("profile_{name}"), &transcript(&arguments));
}

const DEBUG_INFO: &str = "fixtures/debuginfo.ll";

#[test]
fn lines_of_the_source() {
    for columns in ["60", "80", "160"] {
        let more = ["--columns", columns];
        profile(&format!("lines_{columns}"), DEBUG_INFO, "loss", &more);
    }
}

#[test]
fn lines_of_the_ir() {
    let more = ["--columns", "80", "--ir"];
    profile("ir", DEBUG_INFO, "loss", &more);
}

#[test]
fn a_module_without_debug_info() {
    profile(
        "no_debug_info",
        "fixtures/model.ll",
        "loss",
        &["--columns", "80"],
    );
}

#[test]
fn growth() {
    let more = [
        "--columns",
        "80",
        "--sweep",
        "x=10,100,1000",
        "--lines",
        "0",
    ];
    profile("growth", "fixtures/alloc_vec.ll", "sum_of_squares", &more);
}

#[test]
fn what_cannot_be_swept() {
    for (name, sweep) in [
        ("falls", "w=10,5"),
        ("alone", "w=10"),
        ("name", "v=10,20"),
        ("fixed", "w=10,20"),
    ] {
        profile(
            &format!("sweep_{name}"),
            DEBUG_INFO,
            "loss",
            &["--sweep", sweep],
        );
    }
}

#[test]
fn what_makes_a_derivative_cheaper() {
    for (function, columns) in [("apart", "60"), ("apart", "120"), ("twice", "100")] {
        let arguments = [
            "tune",
            "fixtures/promise.ll",
            "--fn",
            function,
            "--mode",
            "reverse",
            "--no-times",
            "--source",
            "--columns",
            columns,
        ];
        check(
            &format!("tune_{function}_{columns}"),
            &transcript(&arguments),
        );
    }
}
