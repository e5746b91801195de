//! A function's slice gives what the whole module gives.

mod slicing;

use std::fs;
use std::process::{Command, Output};

use slicing::{compare, defined, irad, root, said, text};

fn text_of(output: &Output) -> String {
    text(&output.stderr)
}

/// What is counted is what the file holds, not what was read of it.
#[test]
fn what_is_counted_is_the_same_in_bitcode() {
    let dir = tempfile::tempdir().unwrap();
    let bitcode = dir.path().join("alloc_nested.bc");
    let bitcode = bitcode.to_str().unwrap();
    let text_file = "fixtures/alloc_nested.ll";
    let output = irad(&["opt", text_file, "--passes", "verify", "-o", bitcode]);
    assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
    let counted = |file: &str| {
        let output = irad(&["show", file, "--fn", "determinant", "--slice"]);
        assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
        let said = text(&output.stderr);
        let parts: Vec<&str> = said.trim().split(", ").take(2).collect();
        assert_eq!(parts.len(), 2, "{said}");
        parts.join(", ")
    };
    assert_eq!(counted(bitcode), counted(text_file));
}

/// A function that is too large to be inlined unless it is called from one place only, and one of two
/// callers.
fn with_two_callers(is_local: bool) -> String {
    let mut text = String::from(
        "define double @root(double %x) {\n  %y = call double @large(double %x)\n  ret double %y\n}\n\n",
    );
    text.push_str("define double @other(double %x) {\n  %y = call double @large(double %x)\n  ret double %y\n}\n\n");
    let linkage = if is_local { "internal " } else { "" };
    text.push_str(&format!("define {linkage}double @large(double %x) {{\n"));
    let mut last = "%x".to_owned();
    for at in 0..120 {
        text.push_str(&format!("  %v{at} = call double @step(double {last})\n"));
        last = format!("%v{at}");
    }
    text.push_str(&format!(
        "  ret double {last}\n}}\n\ndeclare double @step(double)\n"
    ));
    text
}

#[test]
fn a_caller_outside_is_not_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("two.ll");
    fs::write(&file, with_two_callers(true)).unwrap();
    let file = file.to_str().unwrap();
    let passes = ["passes", "--passes", "default<O2>", "--all"];
    compare(file, "root", &passes, 0);
    // It is told, too.
    let diff = [
        "diff",
        "--mode",
        "forward",
        "--inactive",
        "step",
        "--remarks",
    ];
    compare(file, "root", &diff, 0);
    let told = irad(&[&["diff", file, "--fn", "root"], &diff[1..]].concat());
    let note = "the rest of the module uses large, too";
    assert!(text_of(&told).contains(note), "{}", text_of(&told));
    let told = irad(
        &[
            &["diff", file, "--fn", "root", "--whole-program"],
            &diff[1..],
        ]
        .concat(),
    );
    assert!(!text_of(&told).contains(note), "{}", text_of(&told));
    let last = irad(&[
        "passes",
        file,
        "--fn",
        "root",
        "--passes",
        "default<O2>",
        "--blame",
        "--slice",
    ]);
    assert!(
        text(&last.stdout).contains("@large"),
        "{}",
        text(&last.stdout)
    );

    // Without the other caller it is inlined: the case is one where the number of callers matters.
    let alone = dir.path().join("one.ll");
    fs::write(
        &alone,
        with_two_callers(true).replace(
            "@other(double %x) {\n  %y = call double @large(double %x)\n  ret double %y",
            "@other(double %x) {\n  ret double %x",
        ),
    )
    .unwrap();
    let alone = alone.to_str().unwrap();
    compare(alone, "root", &passes, 0);
    let last = irad(&[
        "passes",
        alone,
        "--fn",
        "root",
        "--passes",
        "default<O2>",
        "--blame",
        "--slice",
    ]);
    assert!(
        !text(&last.stdout).contains("@large"),
        "{}",
        text(&last.stdout)
    );
}

#[test]
fn a_slice_is_saved_and_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("loss.ll");
    let out = out.to_str().unwrap();
    let output = irad(&[
        "show",
        "fixtures/debuginfo.ll",
        "--fn",
        "loss",
        "--slice",
        "-o",
        out,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("functions kept"),
        "{}",
        text(&output.stderr)
    );
    let printed = irad(&["show", "fixtures/debuginfo.ll", "--fn", "loss", "--slice"]);
    assert_eq!(printed.stdout, fs::read(out).unwrap());
    assert!(text(&printed.stdout).contains("\ndefine "));
    assert!(
        printed.stdout.len()
            < fs::read(root().join("fixtures/debuginfo.ll"))
                .unwrap()
                .len()
    );
    let again = irad(&["show", out, "--fn", "loss", "--slice"]);
    assert_eq!(again.stdout, printed.stdout);
    let diff = |file: &str| {
        let said = said(&["diff", file, "--fn", "loss", "--mode", "reverse"]);
        assert_eq!(said.code, Some(0), "{}", said.errors);
        said.shown
    };
    let titles = |text: String| text.replace("debuginfo.ll", "loss.ll");
    assert_eq!(diff(out), titles(diff("fixtures/debuginfo.ll")));
}

const CUT_OFF: &str = "\
define double @whole(double %x) #0 {
  %y = fmul double %x, %x, !dbg !4
  ret double %y
}

define double @half(double %x) #0 {
  %y = call double @whole(double %x)
  %z = fadd double %y, ";

#[test]
fn a_file_that_is_cut_off_elsewhere_works_with_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cut.ll");
    fs::write(&file, CUT_OFF).unwrap();
    let file = file.to_str().unwrap();
    let output = irad(&["diff", file, "--fn", "whole", "--mode", "reverse"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let warning = text(&output.stderr);
    assert!(
        warning.contains("cut off in the middle of half, which begins in line 6"),
        "{warning}"
    );
    assert!(text(&output.stdout).contains("diffewhole"));

    // Where it is needed LLVM says what it misses, in a line of the file.
    let output = irad(&["diff", file, "--fn", "half", "--mode", "reverse"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("cut.ll:8:"),
        "{}",
        text(&output.stderr)
    );
}

/// Nobody waits for all of a module to be read without knowing why.
#[test]
fn a_function_that_cannot_be_taken_out_of_bitcode_is_an_error() {
    let with = |slicing: &[&str]| {
        let command = ["diff", "fixtures/bitcode.bc", "--mode", "reverse"];
        Command::new(env!("CARGO_BIN_EXE_irad"))
            .args(command)
            .args(["--fn", &defined("fixtures/bitcode.bc")[0]])
            .args(slicing)
            .current_dir(root())
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .env("IRAD_ENGINE_FAULT", "segfault@extract")
            .output()
            .unwrap()
    };
    let whole = with(&["--no-slice"]);
    assert_eq!(whole.status.code(), Some(0), "{}", text(&whole.stderr));
    let part = with(&["--slice"]);
    let said = text(&part.stderr);
    assert_eq!(part.status.code(), Some(4), "{said}");
    assert!(said.contains("--no-slice"), "{said}");
    assert!(part.stdout.is_empty());
}

#[test]
fn a_function_whose_name_is_no_text_is_cut_out() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("name.ll");
    let function = "define double @\"\\FFx\"(double %x) {\n  ret double %x\n}\n";
    fs::write(&file, function).unwrap();
    let output = irad(&[
        "show",
        file.to_str().unwrap(),
        "--fn",
        "\u{fffd}x",
        "--slice",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with(function));
}

/// A file that ends where a function does: nothing is open, and yet there is something missing.
#[test]
fn a_file_that_is_cut_off_between_functions_says_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let whole = fs::read_to_string(root().join("fixtures/debuginfo.ll")).unwrap();
    let write = |name: &str, text: &str| {
        let file = dir.path().join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let end = |nth: usize| whole.match_indices("\n}\n").nth(nth).unwrap().0 + 3;
    let slicings = [&["--slice"][..], &["--no-slice"], &[]];

    // Metadata is missing: LLVM says so, in a line of the file.
    let file = write("no-metadata.ll", &whole[..end(2)]);
    for slicing in slicings {
        let mut arguments = vec!["diff", &file, "--fn", "loss", "--mode", "reverse"];
        arguments.extend(slicing);
        let output = irad(&arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let place = said.rsplit("no-metadata.ll:").next().unwrap();
        let line: usize = place.split(':').next().unwrap().parse().unwrap();
        let line = whole.lines().nth(line - 1).unwrap();
        let (_, missing) = said.split_once("use of undefined metadata '").unwrap();
        let missing = missing.split('\'').next().unwrap();
        assert!(line.contains(missing), "{line} has {missing}: {said}");
        assert!(said.contains("cut off"), "{said}");
    }

    // A function is missing.
    let file = write("no-function.ll", &whole[..end(1)]);
    let output = irad(&[
        "diff", &file, "--fn", "loss", "--mode", "reverse", "--slice",
    ]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("use of undefined"), "{said}");

    // Attributes alone are missing, of which LLVM says nothing.
    let functions = "\
define double @f(double %x) #0 {
  %y = fmul double %x, %x
  ret double %y
}

define double @g(double %x) {
  %y = call double @f(double %x) #1
  ret double %y
}
";
    let groups = "\nattributes #0 = { noinline }\nattributes #1 = { nounwind }\n";
    let file = write("no-attributes.ll", functions);
    let complete = write("complete.ll", &format!("{functions}{groups}"));
    let half = write(
        "half.ll",
        &format!(
            "{functions}{}",
            &groups[..groups.rfind("attributes").unwrap()]
        ),
    );
    for slicing in slicings {
        let said = |file: &str| {
            let mut arguments = vec!["diff", file, "--fn", "g", "--mode", "reverse"];
            arguments.extend(slicing);
            let output = irad(&arguments);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            text(&output.stderr)
        };
        let of_all = said(&file);
        assert!(
            of_all.contains("lacks attribute groups that it refers to (#0 in line 1, and 1 more)"),
            "{of_all}"
        );
        let of_half = said(&half);
        assert!(of_half.contains("(#1 in line 7)"), "{of_half}");
        assert!(!said(&complete).contains("attribute groups"));
    }
    let shown = irad(&["show", &file, "--fn", "f", "--slice"]);
    assert!(text(&shown.stderr).contains("#0 in line 1"));
    // A number in a string or a comment is no reference.
    let odd = write(
        "odd.ll",
        "; #4\n@s = constant [3 x i8] c\" #5\"\ndefine void @f() { ; #6\n  ret void\n}\n",
    );
    let shown = irad(&["show", &odd, "--fn", "f"]);
    assert!(!text(&shown.stderr).contains("attribute groups"));
}

#[test]
fn errors_are_where_the_file_has_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("wrong.ll");
    let mut module = String::new();
    for at in 0..50 {
        module.push_str(&format!(
            "define void @unneeded{at}() {{\n  ret void\n}}\n\n"
        ));
    }
    module.push_str("define void @f() { ret void } define double @g(double %x) {\n  %y = fadd double %x, %nowhere\n  ret double %y\n}\n");
    fs::write(&file, &module).unwrap();
    let file = file.to_str().unwrap();
    for slicing in [&["--slice"], &["--no-slice"]] {
        let mut arguments = vec!["diff", file, "--fn", "g", "--mode", "reverse"];
        arguments.extend(slicing);
        let output = irad(&arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).contains("wrong.ll:202:24"),
            "{}",
            text(&output.stderr)
        );
    }
}
