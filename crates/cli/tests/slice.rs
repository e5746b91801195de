//! A function's slice gives what the whole module gives.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn irad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(arguments)
        .args(["--color", "never", "--pager", "never"])
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command says, on both streams, and its exit code. Times are left out of it.
fn said(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = irad(arguments);
    let is_unit = |word: &str| matches!(word, "µs" | "ms" | "s");
    let without_times: Vec<String> = text(&output.stdout)
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            if !words.iter().any(|word| is_unit(word)) {
                return line.to_owned();
            }
            let kept = words.iter().enumerate().filter(|&(at, word)| {
                !is_unit(word) && !words.get(at + 1).is_some_and(|next| is_unit(next))
            });
            kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
        })
        .collect();
    (
        output.status.code(),
        without_times.join("\n"),
        without_flags(&text(&output.stderr)),
    )
}

/// Without the flags that a command in it repeats.
fn without_flags(errors: &str) -> String {
    let words = errors.split_whitespace();
    let words = words.filter(|word| !matches!(*word, "--slice" | "--no-slice"));
    words.collect::<Vec<_>>().join(" ")
}

fn defined(file: &str) -> Vec<String> {
    let listed = text(&irad(&["list", file, "--json"]).stdout);
    listed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("\"symbol\": \""))
        .map(|symbol| symbol.trim_end_matches(['"', ',']).to_owned())
        .collect()
}

/// Both, of one function.
fn compare(file: &str, function: &str, command: &[&str]) {
    let mut arguments = vec![command[0], file, "--fn", function];
    arguments.extend(&command[1..]);
    arguments.push("--slice");
    let slice = said(&arguments);
    arguments.pop();
    arguments.push("--no-slice");
    let whole = said(&arguments);
    assert_eq!(slice, whole, "{arguments:?}");
}

/// The fixtures of a folder, in order.
fn fixtures(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".ll") || name.ends_with(".bc"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    files
}

#[test]
fn fixtures_give_the_same_from_slice_and_whole() {
    let mut functions = Vec::new();
    // The others are many, and their functions much alike.
    for (folder, every) in [
        ("fixtures", 1),
        ("fixtures/refused", 13),
        ("fixtures/numeric", 61),
    ] {
        for file in fixtures(folder) {
            let defined = defined(&file);
            let some = defined.into_iter().step_by(every);
            functions.extend(some.map(|function| (file.clone(), function)));
        }
    }
    assert!(functions.len() > 400, "{}", functions.len());
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((file, function)) = functions.get(next.fetch_add(1, Ordering::Relaxed)) {
            for command in [
                &["diff", "--mode", "reverse", "--raw-names"][..],
                &["passes", "--passes", "default<O2>", "--all"],
                &["passes", "--mode", "forward", "--every"],
            ] {
                compare(file, function, command);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
}

/// The same of bitcode, from which LLVM reads a function alone.
#[test]
fn bitcode_gives_the_same_from_slice_and_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut count = 0;
    for file in [
        "alloc_nested",
        "closure",
        "debuginfo",
        "helpers",
        "mangled_v0",
        "matmul",
        "typed",
        "autodiff_global",
    ] {
        let text = format!("fixtures/{file}.ll");
        let out = dir.path().join(format!("{file}.bc"));
        let bitcode = out.to_str().unwrap();
        let output = irad(&["opt", &text, "--passes", "verify", "-o", bitcode]);
        assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
        for function in defined(&text) {
            let command = ["diff", "--mode", "reverse", "--raw-names"];
            compare(bitcode, &function, &command);
            let command = ["passes", "--passes", "default<O2>", "--all"];
            compare(bitcode, &function, &command);
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
    // What is counted is what the file holds, not what was read of it.
    let bitcode = dir.path().join("alloc_nested.bc");
    let bitcode = bitcode.to_str().unwrap();
    let said = |file: &str| {
        let output = irad(&["show", file, "--fn", "determinant", "--slice"]);
        let said = text(&output.stderr);
        let parts: Vec<&str> = said.trim().split(", ").take(2).collect();
        parts.join(", ")
    };
    assert_eq!(said(bitcode), said("fixtures/alloc_nested.ll"));
}

fn text_of(output: &Output) -> String {
    text(&output.stderr)
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
    compare(file, "root", &passes);
    // It is told, too.
    let diff = [
        "diff",
        "--mode",
        "forward",
        "--inactive",
        "step",
        "--remarks",
    ];
    compare(file, "root", &diff);
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
    compare(alone, "root", &passes);
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
    assert!(
        printed.stdout.len()
            < fs::read(root().join("fixtures/debuginfo.ll"))
                .unwrap()
                .len()
    );
    let again = irad(&["show", out, "--fn", "loss", "--slice"]);
    assert_eq!(again.stdout, printed.stdout);
    let diff = |file: &str| said(&["diff", file, "--fn", "loss", "--mode", "reverse"]).1;
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
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine"))
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
