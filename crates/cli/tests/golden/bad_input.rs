//! Bad input gets one clear error: what, where, and what next.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::run::{check, irad, root, rows, transcript};

rows! {
    has_its_error:
    no_file => &["diff", "nowhere.ll", "--fn", "loss", "--mode", "reverse"],
    directory => &["diff", "fixtures", "--fn", "loss", "--mode", "reverse"],
    directory_without_ir => &["list", "crates"],
    empty => &["diff", "fixtures/errors/empty.ll", "--fn", "loss", "--mode", "reverse"],
    not_ir => &["diff", "fixtures/errors/not_ir.ll", "--fn", "loss", "--mode", "reverse"],
    broken => &["diff", "fixtures/errors/broken.ll", "--fn", "square_root", "--mode", "reverse"],
    truncated_bitcode => &["diff", "fixtures/errors/truncated.bc", "--fn", "softplus", "--mode", "reverse"],
    future_bitcode => &["diff", "fixtures/errors/future.bc", "--fn", "softplus", "--mode", "reverse"],
    typed_pointers => &["diff", "fixtures/errors/typed_pointers.ll", "--fn", "sum", "--mode", "forward"],
    unknown_function => &["diff", "fixtures/scalar.ll", "--fn", "sine_gausian", "--mode", "reverse"],
    unknown_function_far_off => &["show", "fixtures/model.ll", "--fn", "zzzzzz"],
    ambiguous => &["diff", "fixtures/errors/ambiguous.ll", "--fn", "loss", "--mode", "reverse"],
    declaration => &["diff", "fixtures/errors/declaration.ll", "--fn", "missing", "--mode", "reverse"],
    no_floats => &["diff", "fixtures/errors/no_floats.ll", "--fn", "gcd", "--mode", "reverse"],
    no_derivative => &["diff", "fixtures/errors/declaration.ll", "--fn", "twice", "--mode", "reverse"],
    other_mode => &["diff", "fixtures/autodiff_global.ll", "--fn", "df_reverse", "--mode", "forward"],
    nothing_to_compare => &["diff", "fixtures/model.ll", "--fn", "loss"],
    mode_and_two_files => &["diff", "fixtures/model.ll", "fixtures/dot.ll", "--fn", "loss", "--mode", "reverse"],
    no_such_point => &[
        "diff", "fixtures/autodiff_global.ll", "--fn", "f", "--mode", "reverse", "--before", "preprocessed",
    ],
    no_such_theme => &["show", "fixtures/model.ll", "--fn", "loss", "--theme", "Mauve"],
    no_such_module => &["list", "fixtures/dump.txt", "--module", "7"],
    bad_pipeline => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--prepare", "default<O2>,sorra",
    ],
    bad_mode => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "sideways"],
    sig_syntax => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--sig", "(w: &[f64]"],
    sig_contradicts => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--sig",
        "(w: &[f32], x: &[f64], y: f64) -> f64",
    ],
    sig_too_long => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--sig",
        "(w: &[f64], x: &[f64], y: f64, z: f64) -> f64",
    ],
    activity_of_memory => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--activity", "x=Active"],
    activity_of_a_value => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--activity", "y=Duplicated",
    ],
    activity_of_an_integer => &[
        "diff", "fixtures/matmul.ll", "--fn", "matmul", "--mode", "reverse", "--activity", "rows=Active",
    ],
    activity_of_a_result_in_memory => &[
        "diff", "fixtures/shapes.ll", "--fn", "large_result", "--mode", "reverse", "--activity", "return=Active",
    ],
    activity_of_reverse_in_forward => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "forward", "--activity", "w=Duplicated",
    ],
    activity_of_nothing => &[
        "diff", "fixtures/shapes.ll", "--fn", "mutable", "--mode", "reverse", "--activity", "return=Active",
    ],
    activity_dualv_of_an_array => &[
        "diff", "fixtures/array.ll", "--fn", "rosenbrock", "--mode", "forward", "--activity", "x=Dualv",
    ],
    activity_twice => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--activity", "w=Const,0=Duplicated",
    ],
    activity_against_wrt => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--wrt", "w", "--activity", "y=Active",
    ],
    wrt_twice => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--wrt", "w,0"],
    sig_of_a_pair_contradicts => &[
        "diff", "fixtures/shapes.ll", "--fn", "mixed_pair", "--mode", "reverse", "--sig", "(x: (f64, f64)) -> f64",
    ],
    sig_of_the_result_contradicts => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--sig",
        "(w: &[f64], x: &[f64], y: f64) -> f32",
    ],
    width_in_reverse => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--width", "2"],
    width_of_nothing => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "forward", "--width", "0"],
    width_absurd => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "forward", "--width", "100000"],
    split_in_forward => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "forward", "--split"],
    activity_of_the_other_mode => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--activity", "y=Dual",
    ],
    activity_unknown => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--activity", "y=Lively"],
    wrt_unknown => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--wrt", "q"],
    enzyme_option_unknown => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--enzyme", "strict-alaising=true",
    ],
    enzyme_option_without_value => &[
        "diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--enzyme", "strict-aliasing",
    ],
    inactive_unknown => &["diff", "fixtures/model.ll", "--fn", "loss", "--mode", "reverse", "--inactive", "cosine"],
    error_json => &["diff", "fixtures/errors/broken.ll", "--fn", "square_root", "--mode", "reverse", "--json"],
}

fn has_its_error(name: &str, arguments: &[&str]) {
    check(&format!("error_{name}"), &transcript(arguments));
}

#[test]
fn standard_input_is_a_file_too() {
    let ir = fs::read(root().join("fixtures/errors/broken.ll")).unwrap();
    let mut child = irad(&["diff", "-", "--fn", "square_root", "--mode", "reverse"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&ir).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("standard input:21:11"), "{errors}");
}

/// An engine that is a shell script, to see what becomes of its ending.
fn with_engine(script: &str, arguments: &[&str]) -> (Option<i32>, String) {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let engine = dir.path().join("engine");
    fs::write(&engine, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&engine, fs::Permissions::from_mode(0o755)).unwrap();
    let diff = "diff fixtures/model.ll --fn loss --mode reverse";
    let whole: Vec<&str> = diff.split(' ').chain(arguments.iter().copied()).collect();
    for _ in 0..100 {
        let output = irad(&whole).env("IRAD_ENGINE", &engine).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        // Another test's new process may hold the script open for writing until it runs its own.
        if !errors.contains("Text file busy") {
            return (output.status.code(), errors);
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} stays busy", engine.display());
}

#[test]
fn an_engine_that_ends_badly_is_exit_code_4() {
    let (code, errors) = with_engine("echo 'Assertion failed: x' >&2; kill -ABRT $$", &[]);
    assert_eq!(code, Some(4));
    assert!(
        errors.contains("crashed in stage start (abort)"),
        "{errors}"
    );
    assert!(errors.contains("Assertion failed: x"), "{errors}");

    let (code, errors) = with_engine("exec sleep 100", &["--timeout", "1"]);
    assert_eq!(code, Some(4));
    assert!(errors.contains("stopped after 1 seconds"), "{errors}");

    let (code, errors) = with_engine("printf '\\377\\0\\0\\0half' >&0", &[]);
    assert_eq!(code, Some(4));
    assert!(errors.contains("in the middle of a frame"), "{errors}");

    let (code, errors) = with_engine("echo 'LLVM ERROR: out of memory' >&2; exit 1", &[]);
    assert_eq!(code, Some(4));
    assert!(errors.contains("ran out of memory"), "{errors}");
}

#[test]
fn the_real_engines_limits_hold() {
    let output = irad(&[
        "diff",
        "fixtures/model.ll",
        "--fn",
        "loss",
        "--mode",
        "reverse",
        "--memory",
        "60",
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(4));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("60 MiB"), "{errors}");
}

#[test]
fn a_closed_pipe_is_silent() {
    let mut child = irad(&[
        "diff",
        "fixtures/matmul.ll",
        "--fn",
        "matmul",
        "--mode",
        "reverse",
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn what_is_no_file_stays_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let base = [
        "passes",
        "fixtures/scalar.ll",
        "--fn",
        "cube",
        "--mode",
        "reverse",
        "--save",
    ];
    let save = |path: &str| irad(&[&base[..], &[path]].concat()).output().unwrap();

    let output = save("/dev/full");
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("cannot write /dev/full"), "{errors}");
    assert!(
        fs::metadata("/dev/full")
            .unwrap()
            .file_type()
            .is_char_device()
    );

    // A link leads to its file, and stays a link.
    let (file, link) = (dir.path().join("file"), dir.path().join("link"));
    fs::write(&file, "old").unwrap();
    symlink(&file, &link).unwrap();
    assert!(save(link.to_str().unwrap()).status.success());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&file).unwrap().contains("irad_trace"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn the_input_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("case.ll");
    fs::copy(root().join("fixtures/refused/external.ll"), &file).unwrap();
    let before = fs::read(&file).unwrap();
    let path = file.to_str().unwrap();
    for arguments in [
        [
            "passes",
            path,
            "--fn",
            "surface",
            "--mode",
            "forward",
            "--inactive",
            "lookup",
            "--save",
            path,
        ],
        [
            "reduce",
            path,
            "--fn",
            "surface",
            "--mode",
            "reverse",
            "--patience",
            "9",
            "-o",
            path,
        ],
    ] {
        let output = irad(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            errors.contains("is the input, and would be replaced"),
            "{errors}"
        );
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn json_is_one_document_whatever_happens() {
    let file = "fixtures/refused/atomic.ll";
    let base = [
        "passes", file, "--fn", "add_bits", "--mode", "reverse", "--json",
    ];
    for more in [&[][..], &["--blame"]] {
        let output = irad(&[&base[..], more].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{more:?}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["code"], 4, "{more:?}");
    }
}

#[test]
fn a_value_that_an_option_does_not_take_is_named() {
    for value in [
        "strict-aliasing=maybe",
        "runtime-activity=maybe",
        "max-int-offset=x",
    ] {
        let base = [
            "diff",
            "fixtures/model.ll",
            "--fn",
            "loss",
            "--mode",
            "reverse",
            "--enzyme",
        ];
        let output = irad(&[&base[..], &[value]].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let errors = String::from_utf8_lossy(&output.stderr);
        let key = value.split('=').next().unwrap();
        assert!(errors.contains(key), "{errors}");
        assert!(errors.contains("true or false"), "{errors}");
    }
}
