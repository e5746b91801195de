//! What Enzyme refuses, and what is doubtful though Enzyme accepts it: every cause that irad tells
//! apart has a fixture, and says its reasons as text and as JSON.

use std::fs;

use serde_json::Value;

use crate::{check, head, irad, root, stdout, transcript};

/// Fixture, function, mode, further flags, and the cause that is told.
const REFUSED: &[(&str, &str, &str, &[&str], &str)] = &[
    (
        "alloc_box",
        "boxed_square",
        "reverse",
        &["--prepare", "none"],
        "allocation",
    ),
    (
        "alloc_push",
        "logistic_orbit",
        "reverse",
        &["--prepare", "none"],
        "allocation",
    ),
    ("atomic", "add", "reverse", &[], "atomic"),
    ("atomic", "add_bits", "reverse", &[], "atomic"),
    ("bits", "inverse_root", "reverse", &[], "float_bits"),
    ("bits", "sum_of_bits", "reverse", &[], "float_bits"),
    ("black_box", "hidden", "reverse", &[], "inline_assembly"),
    ("chain", "loss", "forward", &[], "external_call"),
    ("chain", "loss", "reverse", &[], "external_call"),
    ("copy", "save", "reverse", &[], "unknown_type"),
    ("dyn_call", "scaled_area", "forward", &[], "indirect_call"),
    ("dyn_call", "scaled_area", "reverse", &[], "indirect_call"),
    ("external", "surface", "forward", &[], "external_call"),
    ("external", "surface", "reverse", &[], "external_call"),
    (
        "globals",
        "cube_by_library",
        "reverse",
        &[],
        "global_memory",
    ),
    ("hash_map", "looked_up", "reverse", &[], "pointer_value"),
    (
        "indirect",
        "table_or_square",
        "reverse",
        &[],
        "external_call",
    ),
    (
        "inline_asm",
        "three_halves",
        "forward",
        &[],
        "inline_assembly",
    ),
    (
        "inline_asm",
        "three_halves",
        "reverse",
        &[],
        "inline_assembly",
    ),
    ("libm", "angle", "reverse", &[], "math_library"),
    ("libm", "gamma_single", "reverse", &[], "math_library"),
    ("libm", "log_gamma_plain", "reverse", &[], "math_library"),
    ("libm", "neighbour", "forward", &[], "math_library"),
    ("libm", "neighbour", "reverse", &[], "math_library"),
    ("list", "evaluate", "reverse", &[], ""),
    ("mixed_select", "parabola", "reverse", &[], "mixed_activity"),
    ("mixed_struct", "product", "forward", &[], "mixed_activity"),
    ("mutex", "add", "reverse", &[], "atomic"),
    ("option", "root_or_zero", "reverse", &[], "mixed_activity"),
    ("packed", "area", "reverse", &[], "float_bits"),
    ("passenger", "hottest", "reverse", &[], "unknown_type"),
    ("payload", "log", "reverse", &[], "shared_bytes"),
    ("payload", "log_length", "reverse", &[], "shared_bytes"),
    ("print", "residual", "forward", &[], "printing"),
    ("print", "residual", "reverse", &[], "printing"),
    ("sort", "median", "reverse", &[], "unknown_type"),
    (
        "unoptimised",
        "pairs",
        "reverse",
        &["--prepare", "none"],
        "unoptimised",
    ),
    (
        "unwinding",
        "caught",
        "reverse",
        &["--prepare", "none"],
        "shared_bytes",
    ),
];

/// Accepted by Enzyme, and doubtful: fixture, function, mode, flags, and a word of the warning.
const DOUBTFUL: &[(&str, &str, &str, &[&str], &str)] = &[
    (
        "dyn_call",
        "scaled_area",
        "forward",
        &["--activity", "shape=Const"],
        "its methods",
    ),
    ("copy", "save", "reverse", &["--loose-types"], "guessed"),
    (
        "external",
        "surface",
        "reverse",
        &["--inactive", "lookup"],
        "--inactive says so",
    ),
    (
        "globals",
        "cube_by_library",
        "reverse",
        &["--enzyme", "globals-default-inactive=true"],
        "take for constant",
    ),
    ("globals", "cube_by_module", "reverse", &[], "is a global"),
    ("indirect", "twice", "reverse", &[], "through a pointer"),
    ("over_optimised", "relu_into", "forward", &[], "vectorised"),
    ("over_optimised", "relu_into", "reverse", &[], "vectorised"),
    ("pairs", "cloned", "reverse", &[], "lose their adjoints"),
    ("pairs", "growing", "reverse", &[], "lose their adjoints"),
    ("unwinding", "counted", "reverse", &[], "unwinds"),
];

fn command<'a>(path: &'a str, function: &'a str, mode: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut command = vec!["diff", path, "--fn", function, "--mode", mode];
    command.extend(more);
    command
}

/// What allocates is accepted as a rule; these are refused where it is not prepared.
fn path_of(file: &str) -> String {
    match file.starts_with("alloc_") {
        true => format!("fixtures/{file}.ll"),
        false => format!("fixtures/refused/{file}.ll"),
    }
}

#[test]
fn each_refusal_says_its_reasons() {
    for (file, function, mode, more, cause) in REFUSED {
        let path = path_of(file);
        let mut arguments = command(&path, function, mode, more);
        let name = format!("refused_{file}_{function}_{mode}");
        check(&name, &transcript(&arguments));

        arguments.push("--json");
        let output = irad(&arguments).output().unwrap();
        let text = stdout(&output);
        let document: Value = serde_json::from_str(&text).unwrap();
        let told = &document["error"]["diagnosis"]["cause"];
        assert_eq!(told.as_str().unwrap_or(""), *cause, "{name}");
        check(&format!("{name}_json"), &text);
    }
}

#[test]
fn each_doubt_stands_above_the_result() {
    for (file, function, mode, more, word) in DOUBTFUL {
        let path = format!("fixtures/refused/{file}.ll");
        let mut arguments = command(&path, function, mode, more);
        let name = format!("doubtful_{file}_{function}_{mode}");
        let text = transcript(&arguments);
        let head = head(&text);
        let flat = head.replace("\n  ", " ");
        assert!(flat.contains("warning: ") && flat.contains(word), "{text}");
        check(&name, &head);

        arguments.push("--json");
        let output = irad(&arguments).output().unwrap();
        let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let remarks = document["remarks"].as_array().unwrap();
        let warned = remarks.iter().any(|remark| {
            remark["severity"] == "warning" && remark["message"].as_str().unwrap().contains(word)
        });
        assert!(warned, "{name}: {remarks:?}");
    }
}

/// What reverse mode gets wrong in silence is warned of, and what helps against it is not.
#[test]
fn memory_that_is_written_over_is_doubted() {
    const LOOP: &str = "another round of it writes over";
    const MOVE: &str = "moved onto itself";
    for (file, function, word) in [
        ("stencils", "from_next", Some(LOOP)),
        ("stencils", "from_previous", Some(LOOP)),
        ("stencils", "sweep", Some(LOOP)),
        ("stencils", "linear_sweep", None),
        ("stencils", "out_of_place", None),
        ("stencils", "carried", None),
        ("in_place", "square_repeatedly", None),
        ("nbody", "leapfrog", None),
        ("swaps", "shift_left", Some(MOVE)),
        ("swaps", "shift_left_by_loop", None),
        ("swaps", "diffuse", None),
    ] {
        let path = format!("fixtures/numeric/{file}.ll");
        let name = format!("{file}::{function}");
        for mode in ["reverse", "forward"] {
            let output = irad(&["show", &path, "--fn", &name, "--mode", mode])
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(0), "{name}");
            let errors = String::from_utf8_lossy(&output.stderr);
            for kind in [LOOP, MOVE] {
                let wanted = word == Some(kind) && mode == "reverse";
                assert_eq!(errors.contains(kind), wanted, "{name} {mode}: {errors}");
            }
        }
    }
}

#[test]
fn no_fixture_is_left_out() {
    // Accepted without a doubt; they show that the cause is none.
    const ACCEPTED: &[&str] = &["relu", "volatile"];
    for entry in fs::read_dir(root().join("fixtures/refused")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".ll");
        let named = REFUSED
            .iter()
            .chain(DOUBTFUL)
            .any(|(file, ..)| *file == name);
        assert!(
            named || ACCEPTED.contains(&name),
            "fixtures/refused/{name}.ll has no golden"
        );
    }
}

#[test]
fn what_is_suggested_can_be_pasted() {
    let path = "fixtures/refused/external.ll";
    let arguments = [
        "diff", path, "--fn", "surface", "--mode", "reverse", "--json",
    ];
    let output = irad(&arguments).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tries = document["error"]["diagnosis"]["tries"].as_array().unwrap();
    assert!(tries.iter().any(|attempt| attempt["accepted"] == true));
    for attempt in tries {
        let command = attempt["command"].as_str().unwrap();
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let output = irad(&words).output().unwrap();
        assert_eq!(
            output.status.success(),
            attempt["accepted"] == true,
            "{command}"
        );
    }
}
