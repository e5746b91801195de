//! What irad takes parameters and results for, and what it lets them be.

use crate::{check, irad, transcript};

/// Every function of `shapes.rs`.
const SHAPES: [&str; 21] = [
    "pair",
    "point",
    "mixed_pair",
    "two_pairs",
    "triple",
    "by_value",
    "by_reference",
    "array_by_value",
    "large_result",
    "pair_result",
    "option",
    "option_reference",
    "raw",
    "vector",
    "mutable",
    "array_reference",
    "scalar_reference",
    "rows",
    "captured_value",
    "captured_pointer",
    "object",
];

#[test]
fn what_each_shape_is_taken_for() {
    for (fixture, name) in [
        ("shapes.ll", "shapes"),
        ("shapes_debuginfo.ll", "shapes_debuginfo"),
    ] {
        for mode in ["reverse", "forward"] {
            let mut lines = String::new();
            for function in SHAPES {
                let path = format!("fixtures/{fixture}");
                let text = transcript(&["diff", &path, "--fn", function, "--mode", mode]);
                // The command, and its first line but for a warning.
                let first = text.lines().find(|line| {
                    line.starts_with(mode) || line.starts_with("error") || line.contains("! error")
                });
                lines.push_str(first.unwrap_or(&text));
                lines.push('\n');
            }
            check(&format!("{name}_{mode}"), &lines);
        }
    }
}

/// What the flags make of a derivative's signature, and of what stands above it.
#[test]
fn widths_splits_and_primals() {
    let base = ["diff", "fixtures/dot.ll", "--fn", "dot", "--mode"];
    let cases: [(&str, &[&str]); 5] = [
        (
            "dualv",
            &["forward", "--width", "2", "--activity", "a=Dualv,b=Const"],
        ),
        ("width", &["forward", "--width", "3"]),
        (
            "width_alone",
            &["forward", "--width", "3", "--return-primal=false"],
        ),
        ("primal_not_returned", &["reverse", "--return-primal=false"]),
        ("prepare_rustc", &["reverse", "--prepare", "rustc"]),
    ];
    for (name, more) in cases {
        check(
            &format!("how_{name}"),
            &transcript(&[&base[..], more].concat()),
        );
    }
    // With more than one thing on it, a tape is ordered by addresses, which are other ones in each
    // build of the engine.
    let mut split = vec!["diff", "fixtures/single.ll", "--fn", "squared_norm"];
    split.extend(["--mode", "reverse", "--split"]);
    check("how_split", &transcript(&split));
    let json = transcript(&[&split[..], &["--json"]].concat());
    assert!(json.contains("\"augmented\": {"), "{json}");
    let mut show = split.clone();
    show[0] = "show";
    check("how_split_show", &transcript(&show));
}

#[test]
fn types_are_told_with_their_sources() {
    for (name, more) in [
        ("uses", &["fixtures/model.ll", "--fn", "loss"][..]),
        (
            "stated",
            &[
                "fixtures/model.ll",
                "--fn",
                "loss",
                "--sig",
                "(w: &[f64], x: &[f64], y: f64) -> f64",
            ],
        ),
        (
            "debug_info",
            &["fixtures/shapes_debuginfo.ll", "--fn", "option"],
        ),
    ] {
        let output = irad(&[&["diff", "--mode", "reverse", "--remarks"], more].concat())
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let notes: String = errors
            .lines()
            .filter(|line| line.contains("its type, "))
            .map(|line| format!("{line}\n"))
            .collect();
        check(&format!("types_{name}"), &notes);
    }
}
