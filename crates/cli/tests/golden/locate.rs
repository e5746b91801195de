//! What `irad locate` and `irad explain --values` print.

use crate::run::{check, transcript};

const WRONG: [&str; 7] = [
    "locate",
    "fixtures/numeric/stencils.ll",
    "--fn",
    "from_next",
    "--mode",
    "reverse",
    "--faithful",
];

/// Numbers with so many digits differ from one processor to the next.
fn rounded(text: &str) -> String {
    let number = regex::Regex::new(r"-?\d+\.\d{9,}(e-?\d+)?").unwrap();
    number.replace_all(text, "N").into_owned()
}

fn wrong_at(columns: &str) {
    let arguments = [&WRONG[..], &["--columns", columns]].concat();
    check(
        &format!("locate_wrong_{columns}"),
        &rounded(&transcript(&arguments)),
    );
}

#[test]
fn a_wrong_derivative_in_80_columns() {
    wrong_at("80");
}

#[test]
fn a_wrong_derivative_in_160_columns() {
    wrong_at("160");
}

#[test]
fn a_wrong_derivative_in_60_columns() {
    wrong_at("60");
}

#[test]
fn a_right_derivative() {
    let text = transcript(&[
        "locate",
        "fixtures/model.ll",
        "--fn",
        "loss",
        "--mode",
        "forward",
    ]);
    check("locate_right", &rounded(&text));
}

#[test]
fn values_on_lines() {
    for (mode, columns) in [("reverse", "100"), ("forward", "60")] {
        let text = transcript(&[
            "explain",
            "fixtures/model.ll",
            "--fn",
            "loss",
            "--mode",
            mode,
            "--values",
            "--iteration",
            "last",
            "--no-check",
            "--columns",
            columns,
        ]);
        check(&format!("explain_values_{mode}"), &rounded(&text));
    }
}

/// The first number that is not finite is marked.
#[test]
fn what_is_not_finite_is_marked() {
    let text = transcript(&[
        "explain",
        "fixtures/numeric/options.ll",
        "--fn",
        "root_or_minus",
        "--mode",
        "reverse",
        "--faithful",
        "--values",
        "--range",
        "x=-1..-1",
        "--no-check",
        "--columns",
        "100",
    ]);
    check("explain_values_not_finite", &rounded(&text));
}
