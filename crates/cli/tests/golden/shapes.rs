//! What irad takes parameters and results for, and what it lets them be.

use std::fs;

use crate::run::{check, irad, root, rows, transcript};

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

rows! {
    what_each_is_taken_for:
    shapes_reverse => ("shapes.ll", "reverse"),
    shapes_forward => ("shapes.ll", "forward"),
    shapes_debuginfo_reverse => ("shapes_debuginfo.ll", "reverse"),
    shapes_debuginfo_forward => ("shapes_debuginfo.ll", "forward"),
}

fn what_each_is_taken_for(name: &str, (fixture, mode): (&str, &str)) {
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
    check(name, &lines);
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

/// What an `enzyme_type` attribute says is used where nothing else says it, and told.
#[test]
fn attributes_say_what_memory_holds() {
    let text = fs::read_to_string(root().join("fixtures/refused/copy.ll")).unwrap();
    let stated = |ty: &str| {
        let attribute = format!(" \"enzyme_type\"=\"{ty}\"");
        text.lines()
            .map(
                |line| match line.starts_with("define") && line.contains("4save") {
                    true => line
                        .replace(" %out.0", &format!("{attribute} %out.0"))
                        .replace(" %x.0", &format!("{attribute} %x.0")),
                    false => line.to_owned(),
                },
            )
            .collect::<Vec<String>>()
            .join("\n")
    };
    let dir = tempfile::tempdir().unwrap();
    let run = |ty: &str| {
        let file = dir.path().join("copy.ll");
        fs::write(&file, stated(ty)).unwrap();
        let file = file.to_str().unwrap();
        let arguments = [
            "diff",
            file,
            "--fn",
            "save",
            "--mode",
            "reverse",
            "--remarks",
        ];
        irad(&arguments).output().unwrap()
    };
    let output = run("{[-1]:Pointer, [-1,-1]:Float@double}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(
        errors.contains("is in its enzyme_type attribute"),
        "{errors}"
    );
    // Nonsense is said to be some, and Enzyme refuses as it does without.
    let output = run("{[-1]:Pointer, [-1,-1]:Double}");
    assert_eq!(output.status.code(), Some(3));
}

/// Debug info of another function's shape is not used, and that is said.
#[test]
fn debug_info_that_does_not_fit_is_noted() {
    let text = fs::read_to_string(root().join("fixtures/shapes_debuginfo.ll")).unwrap();
    let type_of = |name: &str| {
        let name = format!("DISubprogram(name: \"{name}\", linkageName: \"_ZN6shapes");
        let line = text.lines().find(|line| line.contains(&name)).unwrap();
        let after = line.split("type: ").nth(1).unwrap();
        let ty = after.split(',').next().unwrap().to_owned();
        (line.to_owned(), format!("type: {ty},"))
    };
    let ((line, own), (_, other)) = (type_of("pair"), type_of("raw"));
    let wrong = text.replace(&line, &line.replace(&own, &other));
    assert_ne!(wrong, text);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wrong.ll");
    fs::write(&file, wrong).unwrap();
    let file = file.to_str().unwrap();
    let arguments = [
        "diff",
        file,
        "--fn",
        "pair",
        "--mode",
        "reverse",
        "--remarks",
    ];
    let output = irad(&arguments).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("note: the debug info does not fit what the function is by now"),
        "{errors}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("pair(x: (f64, f64) Active)"), "{text}");
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
