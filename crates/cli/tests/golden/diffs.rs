//! Every fixture's functions against their derivatives, in both modes.

use std::fs;
use std::path::Path;

use crate::run::{check, irad, root, rows, stdout, transcript};

rows! {
    in_both_modes, FUNCTIONS: [(&str, &str)]:
    alloc_box_boxed_power => ("alloc_box.ll", "boxed_power"),
    alloc_box_boxed_square => ("alloc_box.ll", "boxed_square"),
    alloc_collect_log_sum_exp => ("alloc_collect.ll", "log_sum_exp"),
    alloc_nested_activations => ("alloc_nested.ll", "activations"),
    alloc_nested_determinant => ("alloc_nested.ll", "determinant"),
    alloc_push_logistic_orbit => ("alloc_push.ll", "logistic_orbit"),
    alloc_vec_sum_of_squares => ("alloc_vec.ll", "sum_of_squares"),
    alloc_zeroed_prefix_energy => ("alloc_zeroed.ll", "prefix_energy"),
    array_rosenbrock => ("array.ll", "rosenbrock"),
    autodiff_global_f => ("autodiff_global.ll", "f"),
    autodiff_metadata_f => ("autodiff_metadata.ll", "f"),
    bitcode_softplus => ("bitcode.bc", "softplus"),
    branch_huber => ("branch.ll", "huber"),
    branch_leaky_relu => ("branch.ll", "leaky_relu"),
    clamp_cap => ("clamp.ll", "cap"),
    clamp_cap_all => ("clamp.ll", "cap_all"),
    clamp_smooth_step => ("clamp.ll", "smooth_step"),
    closure_mean_decay => ("closure.ll", "mean_decay"),
    debuginfo_gate => ("debuginfo.ll", "gate"),
    debuginfo_loss => ("debuginfo.ll", "loss"),
    debuginfo_predict => ("debuginfo.ll", "predict"),
    dot_dot => ("dot.ll", "dot"),
    gpt_attention_forward => ("gpt_attention.ll", "forward"),
    gpt_cross_entropy_forward => ("gpt_cross_entropy.ll", "forward"),
    gpt_encoder_forward => ("gpt_encoder.ll", "forward"),
    gpt_gelu_forward => ("gpt_gelu.ll", "forward"),
    gpt_layernorm_forward => ("gpt_layernorm.ll", "forward"),
    gpt_matmul_forward => ("gpt_matmul.ll", "forward"),
    gpt_residual_forward => ("gpt_residual.ll", "forward"),
    helpers_loss => ("helpers.ll", "loss"),
    iterators_distance => ("iterators.ll", "distance"),
    mangled_legacy_two_circles => ("mangled_legacy.ll", "two_circles"),
    mangled_v0_two_circles => ("mangled_v0.ll", "two_circles"),
    matmul_matmul => ("matmul.ll", "matmul"),
    model_loss => ("model.ll", "loss"),
    neuron_loss => ("neuron.ll", "loss"),
    newton_square_root => ("newton.ll", "square_root"),
    nightly_f => ("nightly.ll", "f"),
    nightly_g => ("nightly.ll", "g"),
    nightly_h => ("nightly.ll", "h"),
    params_energy => ("params.ll", "energy"),
    promise_apart => ("promise.ll", "apart"),
    disjoint_apart => ("disjoint.ll", "apart"),
    recursion_horner => ("recursion.ll", "horner"),
    scalar_cube => ("scalar.ll", "cube"),
    scalar_log_cosine => ("scalar.ll", "log_cosine"),
    scalar_power => ("scalar.ll", "power"),
    scalar_sine_gaussian => ("scalar.ll", "sine_gaussian"),
    scalar_squash => ("scalar.ll", "squash"),
    scale_scale => ("scale.ll", "scale"),
    shapes_pair => ("shapes.ll", "pair"),
    shapes_debuginfo_option => ("shapes_debuginfo.ll", "option"),
    single_squared_norm => ("single.ll", "squared_norm"),
    softmax_cross_entropy => ("softmax.ll", "cross_entropy"),
    typed_energy => ("typed.ll", "energy"),
    typed_save => ("typed.ll", "save"),
}

/// The differences that are kept whole, for people to read: one of each kind. Of the others a summary is.
const WHOLE: [&str; 14] = [
    "alloc_vec_sum_of_squares_reverse",
    "bitcode_softplus_reverse",
    "branch_huber_reverse",
    "debuginfo_loss_reverse",
    "dot_dot_forward",
    "dot_dot_reverse",
    "gpt_gelu_forward_reverse",
    "mangled_v0_two_circles_forward",
    "matmul_matmul_reverse",
    "model_loss_forward",
    "model_loss_reverse",
    "nightly_g_forward",
    "recursion_horner_reverse",
    "typed_energy_reverse",
];

/// Enzyme orders some of its work on these by address, which is the same from run to run but another
/// one in each build of the engine. What stands above the difference is the same in all.
const BY_ADDRESS: [&str; 1] = ["alloc_push_logistic_orbit_reverse"];

fn in_both_modes(name: &str, (file, function): (&str, &str)) {
    for mode in ["forward", "reverse"] {
        let path = format!("fixtures/{file}");
        let arguments = [&path, "--fn", function, "--mode", mode];
        let text = transcript(&[&["diff"], &arguments[..]].concat());
        assert!(text.ends_with("--- exit 0\n"), "{text}");
        let name = format!("{name}_{mode}");
        if WHOLE.contains(&name.as_str()) {
            check(&format!("diff_{name}"), &text);
            continue;
        }
        let (above, _) = text.split_once("@@").expect("a derivative differs");
        let end = text.find("--- stderr\n").or(text.find("--- exit"));
        let mut summary = above.to_owned();
        if !BY_ADDRESS.contains(&name.as_str()) {
            summary.push_str(&counts(&root().join(path), function, mode));
        }
        summary.push_str(&text[end.unwrap()..]);
        check(&format!("summary_{name}"), &summary);
    }
}

/// What `irad snap` records of the derivative: its counts, and the length and the digest of its normal form,
/// by which a change is noticed. `irad diff` shows it.
fn counts(file: &Path, function: &str, mode: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let entry = |name: &str, content: &str| {
        format!(
            "[[entry]]\nname = \"{name}\"\ninput = {file:?}\nfunction = \"{function}\"\nmode = \"{mode}\"\n\
             content = \"{content}\"\nstage = [\"prepared\", \"final\"]\n\n"
        )
    };
    let entries = entry("counts", "summary") + &entry("form", "ir");
    fs::write(dir.path().join("irad.toml"), entries).unwrap();
    let mut record = irad(&["snap", "record"]);
    for name in [
        "CI",
        "INSTA_UPDATE",
        "INSTA_WORKSPACE_ROOT",
        "INSTA_FORCE_PASS",
    ] {
        record.env_remove(name);
    }
    let output = record.current_dir(dir.path()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let read = |name: &str| {
        let file = dir.path().join("snapshots").join(name);
        let text = fs::read_to_string(file).unwrap();
        let (_, rest) = text.split_once("---\n").unwrap();
        let (header, body) = rest.split_once("\n---\n").unwrap();
        (header.to_owned(), body.to_owned())
    };
    let (header, _) = read("form.snap");
    let form: Vec<&str> = header
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("lines: ") || line.starts_with("digest: "))
        .collect();
    assert_eq!(form.len(), 2, "{header}");
    format!("{}{}\n", read("counts.snap").1, form.join("\n"))
}

#[test]
fn no_fixture_is_left_out() {
    for name in WHOLE.iter().chain(&BY_ADDRESS) {
        let (row, mode) = name.rsplit_once('_').unwrap();
        assert!(matches!(mode, "forward" | "reverse"), "{name}");
        assert!(FUNCTIONS.iter().any(|(known, _)| *known == row), "{name}");
    }
    for entry in fs::read_dir(root().join("fixtures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_module = name.ends_with(".ll") || name.ends_with(".bc");
        assert!(
            !is_module || FUNCTIONS.iter().any(|(_, (file, _))| *file == name),
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
    let run = || {
        let output = irad(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        stdout(&output)
    };
    let first = run();
    assert!(first.contains("diffe<matmul::matmul>"), "{first}");
    for _ in 0..4 {
        assert_eq!(run(), first);
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
        let text = stdout(&output);
        assert!(text.contains("matmul") && !text.contains("@@"), "{text}");
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
    assert!(stdout(&from_first).contains(" square_root  double"));
    let from_second = irad(&["list", "fixtures/dump.txt", "--module", "2"])
        .output()
        .unwrap();
    assert!(stdout(&from_second).contains(" huber  double"));
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
