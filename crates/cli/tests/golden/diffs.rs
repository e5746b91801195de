//! Every fixture's functions against their derivatives, in both modes.

use std::fs;

use crate::{check, head, irad, root, stdout, transcript};

/// Fixture and function of each golden.
const FUNCTIONS: [(&str, &str); 54] = [
    ("alloc_box.ll", "boxed_power"),
    ("alloc_box.ll", "boxed_square"),
    ("alloc_collect.ll", "log_sum_exp"),
    ("alloc_nested.ll", "activations"),
    ("alloc_nested.ll", "determinant"),
    ("alloc_push.ll", "logistic_orbit"),
    ("alloc_vec.ll", "sum_of_squares"),
    ("alloc_zeroed.ll", "prefix_energy"),
    ("array.ll", "rosenbrock"),
    ("autodiff_global.ll", "f"),
    ("autodiff_metadata.ll", "f"),
    ("bitcode.bc", "softplus"),
    ("branch.ll", "huber"),
    ("branch.ll", "leaky_relu"),
    ("clamp.ll", "cap"),
    ("clamp.ll", "cap_all"),
    ("clamp.ll", "smooth_step"),
    ("closure.ll", "mean_decay"),
    ("debuginfo.ll", "gate"),
    ("debuginfo.ll", "loss"),
    ("debuginfo.ll", "predict"),
    ("dot.ll", "dot"),
    ("gpt_attention.ll", "forward"),
    ("gpt_cross_entropy.ll", "forward"),
    ("gpt_encoder.ll", "forward"),
    ("gpt_gelu.ll", "forward"),
    ("gpt_layernorm.ll", "forward"),
    ("gpt_matmul.ll", "forward"),
    ("gpt_residual.ll", "forward"),
    ("helpers.ll", "loss"),
    ("iterators.ll", "distance"),
    ("mangled_legacy.ll", "two_circles"),
    ("mangled_v0.ll", "two_circles"),
    ("matmul.ll", "matmul"),
    ("model.ll", "loss"),
    ("newton.ll", "square_root"),
    ("nightly.ll", "f"),
    ("nightly.ll", "g"),
    ("nightly.ll", "h"),
    ("params.ll", "energy"),
    ("promise.ll", "apart"),
    ("recursion.ll", "horner"),
    ("scalar.ll", "cube"),
    ("scalar.ll", "log_cosine"),
    ("scalar.ll", "power"),
    ("scalar.ll", "sine_gaussian"),
    ("scalar.ll", "squash"),
    ("scale.ll", "scale"),
    ("shapes.ll", "pair"),
    ("shapes_debuginfo.ll", "option"),
    ("single.ll", "squared_norm"),
    ("softmax.ll", "cross_entropy"),
    ("typed.ll", "energy"),
    ("typed.ll", "save"),
];

/// Enzyme orders some of its work on these by address, which is the same from run to run but another
/// one in each build of the engine. What stands above the difference is the same in all.
const BY_ADDRESS: [(&str, &str, &str); 1] = [("alloc_push.ll", "logistic_orbit", "reverse")];

#[test]
fn every_fixture_in_both_modes() {
    for (file, function) in FUNCTIONS {
        for mode in ["forward", "reverse"] {
            let path = format!("fixtures/{file}");
            let mut text = transcript(&["diff", &path, "--fn", function, "--mode", mode]);
            if BY_ADDRESS.contains(&(file, function, mode)) {
                text = head(&text);
            }
            let stem = file.split('.').next().unwrap();
            check(&format!("diff_{stem}_{function}_{mode}"), &text);
        }
    }
}

#[test]
fn no_fixture_is_left_out() {
    for entry in fs::read_dir(root().join("fixtures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_module = name.ends_with(".ll") || name.ends_with(".bc");
        assert!(
            !is_module || FUNCTIONS.iter().any(|(file, _)| *file == name),
            "fixtures/{name} has no golden: name a function of it in FUNCTIONS"
        );
    }
}

#[test]
fn the_same_command_prints_the_same_bytes() {
    let arguments = [
        "diff",
        "fixtures/matmul.ll",
        "--fn",
        "matmul",
        "--mode",
        "reverse",
    ];
    let first = irad(&arguments).output().unwrap().stdout;
    for _ in 0..4 {
        assert_eq!(irad(&arguments).output().unwrap().stdout, first);
    }
}

#[test]
fn each_point_can_be_a_side() {
    for (before, after) in [
        ("input", "prepared"),
        ("prepared", "preprocessed"),
        ("preprocessed", "derivative"),
        ("derivative", "final"),
    ] {
        let text = transcript(&[
            "diff",
            "fixtures/branch.ll",
            "--fn",
            "huber",
            "--mode",
            "reverse",
            "--before",
            before,
            "--after",
            after,
        ]);
        check(&format!("point_{before}_{after}"), &text);
    }
}

#[test]
fn two_functions_of_a_module() {
    let text = transcript(&[
        "diff",
        "fixtures/scalar.ll",
        "--fn",
        "sine_gaussian",
        "--against",
        "squash",
    ]);
    check("against", &text);
}

#[test]
fn one_function_of_two_files() {
    let text = transcript(&[
        "diff",
        "fixtures/mangled_legacy.ll",
        "fixtures/mangled_v0.ll",
        "--fn",
        "two_circles",
        "--exit-code",
    ]);
    check("two_files", &text);
}

#[test]
fn a_function_against_itself_has_no_hunks() {
    for show in ["all", "real"] {
        let output = irad(&[
            "diff",
            "fixtures/matmul.ll",
            "fixtures/matmul.ll",
            "--fn",
            "matmul",
            "--exit-code",
            "--show",
            show,
        ])
        .output()
        .unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(!stdout(&output).contains("@@"));
    }
}

#[test]
fn the_exit_code_tells_of_a_difference_only_when_asked() {
    let arguments = [
        "diff",
        "fixtures/dot.ll",
        "--fn",
        "dot",
        "--mode",
        "reverse",
    ];
    assert_eq!(irad(&arguments).status().unwrap().code(), Some(0));
    let asked = [&arguments[..], &["--exit-code"]].concat();
    assert_eq!(irad(&asked).output().unwrap().status.code(), Some(1));
}

#[test]
fn a_patch_turns_the_text_before_into_the_text_after() {
    let whole = stdout(
        &irad(&[
            "diff",
            "fixtures/softmax.ll",
            "--fn",
            "cross_entropy",
            "--mode",
            "reverse",
            "--format",
            "patch",
            "--context",
            "100000",
        ])
        .output()
        .unwrap(),
    );
    let short = irad(&[
        "diff",
        "fixtures/softmax.ll",
        "--fn",
        "cross_entropy",
        "--mode",
        "reverse",
        "--format",
        "patch",
    ])
    .output()
    .unwrap();
    let body = |mark: char| -> String {
        whole
            .lines()
            .skip(3)
            .filter(|line| line.starts_with([' ', mark]) || line.is_empty())
            .map(|line| format!("{}\n", line.get(1..).unwrap_or("")))
            .collect()
    };
    let dir = tempfile::tempdir().unwrap();
    let (before, patch) = (dir.path().join("before"), dir.path().join("patch"));
    fs::write(&before, body('-')).unwrap();
    fs::write(&patch, &short.stdout).unwrap();
    // git is wherever a checkout is.
    let status = std::process::Command::new("git")
        .args([
            "apply",
            "--unidiff-zero",
            "--unsafe-paths",
            "-p0",
            "--directory",
        ])
        .arg(dir.path())
        .arg(rename_sides(&patch))
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
    assert_eq!(fs::read_to_string(&before).unwrap(), body('+'));
}

/// The same patch for a file that is called `before`.
fn rename_sides(patch: &std::path::Path) -> std::path::PathBuf {
    let text = fs::read_to_string(patch).unwrap();
    let renamed: String = text
        .lines()
        .map(|line| match line {
            line if line.starts_with("--- ") => "--- before\n".to_owned(),
            line if line.starts_with("+++ ") => "+++ before\n".to_owned(),
            line => format!("{line}\n"),
        })
        .collect();
    let path = patch.with_extension("renamed");
    fs::write(&path, renamed).unwrap();
    path
}

#[test]
fn json_has_everything_that_text_has() {
    let arguments = [
        "diff",
        "fixtures/model.ll",
        "--fn",
        "loss",
        "--mode",
        "forward",
        "--json",
    ];
    let text = transcript(&arguments);
    check("diff_json", &text);
}

#[test]
fn a_module_of_a_dump_is_found_by_its_function() {
    let text = transcript(&[
        "diff",
        "fixtures/dump.txt",
        "--fn",
        "huber",
        "--mode",
        "forward",
    ]);
    check("dump", &text);
    let from_first = irad(&["list", "fixtures/dump.txt"]).output().unwrap();
    assert!(stdout(&from_first).contains("newton::square_root"));
    let from_second = irad(&["list", "fixtures/dump.txt", "--module", "2"])
        .output()
        .unwrap();
    assert!(stdout(&from_second).contains("branch::huber"));
}

#[test]
fn lists_and_functions() {
    for file in ["model.ll", "helpers.ll", "mangled_v0.ll", "bitcode.bc"] {
        let text = transcript(&["list", &format!("fixtures/{file}")]);
        check(&format!("list_{}", file.split('.').next().unwrap()), &text);
    }
    check(
        "list_json",
        &transcript(&[
            "list",
            "fixtures/helpers.ll",
            "--json",
            "--all",
            "--sort",
            "instructions",
        ]),
    );
    check(
        "show",
        &transcript(&["show", "fixtures/helpers.ll", "--fn", "loss"]),
    );
    check(
        "show_raw",
        &transcript(&[
            "show",
            "fixtures/helpers.ll",
            "--fn",
            "helpers::loss",
            "--raw-names",
        ]),
    );
}
