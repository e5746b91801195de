//! Input and surroundings that are unusual: what they are is said, and nothing is lost.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};

const MODULE: &str =
    "define double @f(double %x) {\n  %r = fmul double %x, %x\n  ret double %r\n}\n";

fn irad(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .current_dir(folder)
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("IRAD_CONFIG", "");
    command
}

#[track_caller]
fn said(output: &Output, code: i32, words: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    assert!(errors.contains(words), "{errors}");
}

#[track_caller]
fn printed(output: &Output, code: i32, words: &str) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(words), "{text}");
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.ll"), MODULE).unwrap();
    folder
}

#[test]
fn settings_that_are_named_are_there() {
    let folder = folder();
    let with = |settings: &str| {
        let mut command = irad(folder.path());
        command.env("IRAD_CONFIG", settings).args(["list", "f.ll"]);
        command.output().unwrap()
    };
    said(
        &with("gone.toml"),
        2,
        "error: IRAD_CONFIG names gone.toml, which cannot be read: No such file",
    );
    fs::write(folder.path().join("mine.toml"), "color = \"never\"\n").unwrap();
    assert_eq!(with("mine.toml").status.code(), Some(0));
    // A value that cannot be is the setting's, and nobody typed it.
    fs::write(folder.path().join("mine.toml"), "pager = \"sometimes\"\n").unwrap();
    let errors = with("mine.toml");
    said(&errors, 2, "invalid value 'sometimes' for '--pager");
    said(&errors, 2, "note: mine.toml says so\n");
    let theme = irad(folder.path())
        .args(["diff", "f.ll", "f", "--no-check"])
        .env("IRAD_THEME", "Nosuch")
        .output();
    said(&theme.unwrap(), 2, "note: IRAD_THEME says so\n");
}

#[test]
fn files_that_are_no_ir_are_told_as_what_they_are() {
    let folder = folder();
    for (name, bytes, words) in [
        ("f.gz", &b"\x1f\x8b\x08\0"[..], "gzip -dc f.gz | irad"),
        ("f.xz", b"\xfd7zXZ\0", "xz -dc f.xz | irad"),
        ("f.o", b"\x7fELF\x02\x01\x01\0", "is machine code"),
        (
            "f.rlib",
            b"!<arch>\nlib.rmeta/",
            "is an archive of object files without bitcode in them",
        ),
        ("f.dat", b"\0\0\0\0", "begins with a zero byte"),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let output = irad(folder.path()).args(["list", name]).output().unwrap();
        said(&output, 2, words);
    }
    let output = irad(folder.path()).args(["list", "/dev/zero"]).output();
    said(&output.unwrap(), 2, "/dev/zero holds more than 1 GiB");
}

#[test]
fn rust_sources_are_compiled() {
    let folder = tempfile::tempdir().unwrap();
    let source = "pub fn half(x: f64) -> f64 { 0.5 * x * x }\n";
    fs::write(folder.path().join("one.rs"), source).unwrap();
    let output = irad(folder.path())
        .args(["diff", "one.rs", "half"])
        .output()
        .unwrap();
    said(&output, 0, "");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.starts_with("reverse one::half(x: f64 Active) -> f64 Active"),
        "{text}"
    );
    fs::write(folder.path().join("bad.rs"), "pub fn half(").unwrap();
    let output = irad(folder.path())
        .args(["list", "bad.rs"])
        .output()
        .unwrap();
    said(&output, 2, "rustc could not compile bad.rs");
}

/// The build keeps code that nobody calls, and with it std's functions of a `Vec` for elements of any size.
#[test]
fn vectors_grow_in_rust_sources() {
    let folder = tempfile::tempdir().unwrap();
    let source = "pub fn grown(x: &[f64]) -> f64 {
    let mut all = vec![x[0]; 3];
    all.push(x[1] * x[1]);
    all.iter().map(|one| one * x[2]).sum()
}
";
    fs::write(folder.path().join("one.rs"), source).unwrap();
    for mode in ["forward", "reverse"] {
        let output = irad(folder.path())
            .args(["check", "one.rs", "grown", "--len", "x=3", "--mode", mode])
            .output()
            .unwrap();
        said(&output, 0, "");
    }
}

/// A `Vec` whose capacity does not come first has no body of irad's, and is refused.
#[test]
fn vectors_of_another_layout_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let source = "#[no_mangle]
pub fn grown(x: &[f64]) -> f64 {
    let mut all = Vec::new();
    for one in x {
        all.push(one * one);
    }
    all.iter().sum()
}
";
    fs::write(at("one.rs"), source).unwrap();
    let rustc = Command::new("rustc")
        .args(["--edition=2021", "--crate-type=lib", "--emit=llvm-ir"])
        .args(["-Copt-level=0", "-Cpanic=abort", "-Cdebuginfo=2"])
        .arg(at("one.rs"))
        .arg("-o")
        .arg(at("one.ll"))
        .status();
    assert!(rustc.unwrap().success());
    let check = |file: &str| {
        irad(folder.path())
            .args(["check", file, "grown", "--len", "x=3"])
            .output()
            .unwrap()
    };
    said(&check("one.ll"), 0, "");
    let text = fs::read_to_string(at("one.ll")).unwrap();
    let turned: String = text
        .lines()
        .map(|line| {
            let is_member = line.contains("tag: DW_TAG_member, name: \"ptr\"")
                && line.contains("offset: 64, flags: DIFlagPrivate");
            let line = if is_member {
                line.replace(", offset: 64", "")
            } else {
                line.to_owned()
            };
            line + "\n"
        })
        .collect();
    assert_ne!(text, turned);
    fs::write(at("turned.ll"), turned).unwrap();
    said(&check("turned.ll"), 3, "raw_vec");
}

#[test]
fn bitcode_in_archives_and_object_files_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let source = "#[inline(never)]\npub fn half(x: f64) -> f64 { 0.5 * x * x }\n\
        pub mod more {\n    #[inline(never)]\n    pub fn cube(x: f64) -> f64 { x * x * x }\n}\n";
    fs::write(folder.path().join("one.rs"), source).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let status = command.current_dir(folder.path()).args(arguments).status();
        assert!(status.unwrap().success(), "{program}");
    };
    let built = [
        "one.rs",
        "--crate-type=rlib",
        "-O",
        "-C",
        "embed-bitcode=yes",
    ];
    let in_parts = ["-C", "codegen-units=2", "-o", "libone.rlib"];
    run("rustc", &[&built[..], &in_parts].concat());
    // In whichever module it is.
    for function in ["half", "cube"] {
        let output = irad(folder.path())
            .args(["diff", "libone.rlib", function, "--mode", "reverse"])
            .output()
            .unwrap();
        said(&output, 0, "");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.starts_with("reverse one::"), "{text}");
    }
    run("ar", &["x", "libone.rlib"]);
    let mut listed = String::new();
    for file in fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|end| end == "o") {
            let output = irad(folder.path()).arg("list").arg(&path).output().unwrap();
            said(&output, 0, "");
            listed.push_str(&String::from_utf8_lossy(&output.stdout));
        }
    }
    assert!(
        listed.contains("half") && listed.contains("cube"),
        "{listed}"
    );
}

#[test]
fn an_unknown_function_of_a_rust_file_is_looked_for_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = "pub fn half(x: f64) -> f64 { 0.5 * x * x }\n\
        pub fn twice<T: Copy + std::ops::Add<Output = T>>(x: T) -> T { x + x }\n";
    fs::write(folder.path().join("one.rs"), source).unwrap();
    for (function, words) in [
        ("hlaf", "did you mean one::half?"),
        ("twice", "twice (one.rs:2) is generic"),
        ("gain", "irad list one.rs shows what there is"),
    ] {
        let output = irad(folder.path())
            .args(["diff", "one.rs", function])
            .output()
            .unwrap();
        said(&output, 2, words);
        // irad has built it so already.
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!errors.contains("link-dead-code"), "{errors}");
    }
}

#[test]
fn inputs_may_stand_on_the_command_line() {
    let folder = folder();
    for command in ["check", "locate"] {
        let run = |inputs: &str| {
            irad(folder.path())
                .args([
                    command, "f.ll", "f", "--mode", "reverse", "--inputs", inputs,
                ])
                .output()
                .unwrap()
        };
        said(&run(r#"{"x": 2.5}"#), 0, "");
        for cut in ["{", r#"{"x":"#, "["] {
            let output = run(cut);
            said(&output, 2, "EOF while parsing");
            said(&output, 2, "quote it for the shell");
        }
        said(&run("none.json"), 2, "none.json: No such file");
    }
}

#[test]
fn aggregates_by_value_are_differentiated_where_floats_are_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let module = "define double @mixed({ double, i64 } %s) {\n\
        \x20 %a = extractvalue { double, i64 } %s, 0\n  %b = extractvalue { double, i64 } %s, 1\n\
        \x20 %d = sitofp i64 %b to double\n  %c = fmul double %a, %d\n  ret double %c\n}\n\
        define double @owned({ double, ptr } %s) {\n  %a = extractvalue { double, ptr } %s, 0\n\
        \x20 %c = fmul double %a, %a\n  ret double %c\n}\n\
        define double @scalable(<vscale x 2 x double> %v) {\n\
        \x20 %e = extractelement <vscale x 2 x double> %v, i64 0\n  ret double %e\n}\n";
    fs::write(folder.path().join("odd.ll"), module).unwrap();
    for mode in ["forward", "reverse"] {
        let run = |function: &str| {
            irad(folder.path())
                .args(["check", "odd.ll", function, "--mode", mode])
                .output()
                .unwrap()
        };
        let output = run("mixed");
        said(&output, 0, "");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            text.contains("check passed: 40 derivatives agree"),
            "{text}"
        );
        said(
            &run("owned"),
            2,
            "with a float and a pointer: pass it by reference",
        );
        said(&run("scalable"), 3, "as long as the processor chooses");
    }
}

/// Three digits are what `half` has, and what is asked of it.
#[test]
fn half_is_not_called_wrong_for_its_rounding() {
    let folder = tempfile::tempdir().unwrap();
    let right = "define half @f(half %x, half %y) {\n  %a = fmul half %x, %y\n\
        \x20 %b = fmul half %a, %x\n  %c = fadd half %b, %y\n  %d = fmul half %c, %c\n\
        \x20 ret half %d\n}\n\
        define half @g(half %x, half %y) {\n  %a = fdiv half %x, %y\n\
        \x20 %s = call half @llvm.sqrt.f16(half %y)\n  %b = fmul half %a, %s\n\
        \x20 %c = call half @llvm.exp.f16(half %b)\n  ret half %c\n}\n\
        declare half @llvm.sqrt.f16(half)\ndeclare half @llvm.exp.f16(half)\n";
    fs::write(folder.path().join("half.ll"), right).unwrap();
    for (function, mode) in [
        ("f", "reverse"),
        ("f", "forward"),
        ("g", "reverse"),
        ("g", "forward"),
    ] {
        let output = irad(folder.path())
            .args(["check", "half.ll", function, "--mode", mode])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{function} {mode}: {text}");
        assert!(
            text.contains("check passed: 80 derivatives agree"),
            "{text}"
        );
    }
}

#[test]
fn rounding_of_half_within_a_function_of_f64_is_no_fault() {
    let folder = folder();
    let text = "define double @f(double %x) {\n  %a = fptrunc double %x to half\n  %b = fmul half %a, %a\n  %d = fpext half %b to double\n  ret double %d\n}\n";
    fs::write(folder.path().join("h.ll"), text).unwrap();
    for mode in ["forward", "reverse"] {
        let output = irad(folder.path())
            .args(["check", "h.ll", "f", "--mode", mode])
            .output();
        printed(&output.unwrap(), 0, "check passed: 40 derivatives agree\n");
    }
}

#[test]
fn bfloat_is_not_taken_for_half() {
    let folder = folder();
    let text = "define bfloat @scale(bfloat %x, bfloat %y) {\n  %r = fmul bfloat %x, %y\n  ret bfloat %r\n}\n\
        define float @first(ptr %p) {\n  %a = load bfloat, ptr %p, align 2\n  %d = fpext bfloat %a to float\n  ret float %d\n}\n\
        define double @within(double %x) {\n  %a = fptrunc double %x to bfloat\n  %b = fmul bfloat %a, %a\n  %d = fpext bfloat %b to double\n  ret double %d\n}\n";
    fs::write(folder.path().join("b.ll"), text).unwrap();
    let why = "it computes with bf16, and irad compares f16, f32 and f64 only";
    for function in ["scale", "first", "within"] {
        for mode in ["forward", "reverse"] {
            let run = |command: &str| {
                let arguments = [command, "b.ll", function, "--mode", mode];
                irad(folder.path()).args(arguments).output().unwrap()
            };
            printed(&run("check"), 2, why);
            // Enzyme itself knows them.
            printed(&run("diff"), 0, &format!("not checked  {why}"));
        }
    }
}

#[test]
fn code_that_a_flag_adds_is_not_explained_as_the_users() {
    let folder = folder();
    let source = "pub fn loss(w: &[f64]) -> f64 {\n    let mut s = 0.0;\n    for v in w {\n        if *v > 0.0 {\n            s += v.sin() * v;\n        }\n    }\n    s\n}\n";
    fs::write(folder.path().join("loss.rs"), source).unwrap();
    let built = Command::new("rustc")
        .current_dir(folder.path())
        .args([
            "--emit=llvm-ir",
            "--crate-type=lib",
            "--edition=2021",
            "loss.rs",
        ])
        .args([
            "-Copt-level=3",
            "-Cno-prepopulate-passes",
            "-Ccodegen-units=1",
        ])
        .args(["-Cpanic=abort", "-Cinstrument-coverage", "-Clink-dead-code"])
        .status();
    assert!(built.unwrap().success());
    let output = irad(folder.path())
        .args(["diff", "loss.ll", "loss", "--mode", "reverse", "--faithful"])
        .output()
        .unwrap();
    said(&output, 3, "help: build without -C instrument-coverage\n");
    // What only counts has no derivative.
    let output = irad(folder.path())
        .args(["diff", "loss.ll", "loss", "--mode", "reverse"])
        .output()
        .unwrap();
    said(&output, 0, "was built with -C instrument-coverage");
    // Bitcode says so, too, before anything is made of it.
    let bitcode = Command::new("rustc")
        .current_dir(folder.path())
        .args([
            "--emit=llvm-bc",
            "--crate-type=lib",
            "--edition=2021",
            "loss.rs",
        ])
        .args(["-Copt-level=3", "-Ccodegen-units=1", "-Clink-dead-code"])
        .arg("-Cinstrument-coverage")
        .status();
    assert!(bitcode.unwrap().success());
    let output = irad(folder.path())
        .args(["list", "loss.bc"])
        .output()
        .unwrap();
    said(&output, 0, "was built with -C instrument-coverage");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        !errors.contains("Mutex") && !errors.contains("lock before"),
        "{errors}"
    );
}

#[test]
fn another_codegen_unit_is_told_as_what_it_is() {
    let folder = folder();
    let module = "declare double @_ZN5model5inner17h0123456789abcdefE(double)\n\
        define double @_ZN5model5outer17h0123456789abcdefE(double %x) {\n\
        \x20 %r = call double @_ZN5model5inner17h0123456789abcdefE(double %x)\n  ret double %r\n}\n";
    fs::write(folder.path().join("unit.ll"), module).unwrap();
    let run = |more: &[&str]| {
        let arguments = ["diff", "unit.ll", "outer", "--mode", "reverse"];
        let mut command = irad(folder.path());
        command.args(arguments).args(more).output().unwrap()
    };
    said(
        &run(&[]),
        3,
        "help: model::inner is in another codegen unit of model: build with -C codegen-units=1\n",
    );
    printed(
        &run(&["--inactive", "model::inner"]),
        0,
        "not checked  it needs model::inner, which has no body here\n",
    );
}

#[test]
fn memory_that_the_shell_allows_is_what_is_told() {
    let folder = folder();
    let text = "define double @f(double %x) {\n  %a = fmul double %x, %x\n  ret double %a\n}\n";
    fs::write(folder.path().join("m.ll"), text).unwrap();
    // So little that not even the engine's libraries fit.
    let line = "ulimit -v 200000; exec \"$IRAD\" diff m.ll f --mode reverse";
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(folder.path())
        .env("IRAD", env!("CARGO_BIN_EXE_irad"))
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .output();
    said(
        &output.unwrap(),
        4,
        "the engine ran out of memory (195 MiB)",
    );
}

#[test]
fn words_that_are_no_text_are_misuse() {
    let folder = folder();
    for flag in ["--fn", "--theme"] {
        let output = irad(folder.path())
            .args(["diff", "f.ll", flag])
            .arg(OsStr::from_bytes(b"\xff\xfe"))
            .output()
            .unwrap();
        said(&output, 2, "invalid UTF-8");
    }
}

#[test]
fn a_pager_that_cannot_be_run_loses_nothing() {
    let folder = folder();
    let output = irad(folder.path())
        .args(["list", "f.ll", "--pager", "always"])
        .env("PAGER", "no-such-pager")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(" f  double (double)"));
}

#[test]
fn a_full_disk_is_told() {
    let folder = folder();
    for words in [
        &["list", "f.ll", "--json"][..],
        &["--help"],
        &["help", "terms"],
        &["--version"],
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = irad(folder.path())
            .args(words)
            .stdout(full)
            .output()
            .unwrap();
        said(&output, 2, "cannot write to standard output");
    }
}

#[test]
fn tokens_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let module = "declare i32 @__CxxFrameHandler3(...)\ndeclare double @g(double)\n\
        define double @f(double %x) personality ptr @__CxxFrameHandler3 {\n\
        \x20 %r = invoke double @g(double %x) to label %a unwind label %b\na:\n  ret double %r\nb:\n\
        \x20 %c = cleanuppad within none []\n  cleanupret from %c unwind to caller\n}\n";
    fs::write(folder.path().join("seh.ll"), module).unwrap();
    let output = irad(folder.path())
        .args(["diff", "seh.ll", "f"])
        .output()
        .unwrap();
    said(&output, 3, "values of type token");
}

#[test]
fn what_only_swift_can_call_is_not_checked() {
    let folder = tempfile::tempdir().unwrap();
    let module = "define swiftcc double @f(double %x, ptr swifterror %e) {\n\
        \x20 %r = fmul double %x, %x\n  ret double %r\n}\n";
    fs::write(folder.path().join("swift.ll"), module).unwrap();
    let run = |command: &str| {
        let mut irad = irad(folder.path());
        irad.args([command, "swift.ll", "f"]).output().unwrap()
    };
    said(&run("check"), 2, "takes a swifterror");
    printed(&run("diff"), 0, "not checked  it takes a swifterror");
}

#[test]
fn two_compilations_of_a_function_differ_in_no_hash() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, hash: &str, more: &str| {
        let module = format!(
            "declare double @_ZN5model5inner17h{hash}E(double)\n\
            define double @_ZN5model5outer17h{hash}E(double %x) {{\n\
            \x20 %1 = call double @_ZN5model5inner17h{hash}E(double %x)\n{more}  ret double %1\n}}\n"
        );
        fs::write(folder.path().join(file), module).unwrap();
    };
    write("old.ll", "00000000000000aa", "");
    write("new.ll", "00000000000000bb", "");
    write(
        "edited.ll",
        "00000000000000bb",
        "  %2 = fadd double %1, %x\n",
    );
    let run = |other: &str, more: &[&str]| {
        let mut command = irad(folder.path());
        let command = command.args(["diff", "old.ll", other, "outer"]);
        command.args(more).output().unwrap()
    };
    printed(&run("new.ll", &["--exit-code"]), 0, "no difference");
    printed(&run("edited.ll", &["--exit-code"]), 1, "+1 -0");
    // A patch is of the bytes.
    let patch = run("new.ll", &["--format", "patch"]);
    printed(
        &patch,
        0,
        "+define double @_ZN5model5outer17h00000000000000bbE",
    );
}

#[test]
fn temporaries_of_files_of_one_name_are_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let write = |place: &str, body: &str| {
        let module = format!("define double @f(double %x) {{\n{body}}}\n");
        fs::create_dir(folder.path().join(place)).unwrap();
        fs::write(folder.path().join(place).join("m.ll"), module).unwrap();
    };
    write(
        "old",
        "  %_2 = fmul double %x, %x\n  %_3 = fadd double %_2, %x\n  ret double %_3\n",
    );
    write(
        "new",
        "  %_2 = fneg double %x\n  %_3 = fmul double %x, %x\n  %_4 = fadd double %_3, %x\n  ret double %_4\n",
    );
    let run = |more: &[&str]| {
        let mut command = irad(folder.path());
        command.args(["diff", "old/m.ll", "new/m.ll", "f"]);
        command.args(more).output().unwrap()
    };
    printed(
        &run(&[]),
        0,
        "--- old/m.ll · f · input\n+++ new/m.ll · f · input\n+1 -0",
    );
    let saved = |place: &str| {
        let file = format!("{place}/m.ll");
        let trace = format!("{place}/m.trace");
        let mut command = irad(folder.path());
        command.args([
            "passes",
            &file,
            "f",
            "--passes",
            "instsimplify",
            "--save",
            &trace,
        ]);
        said(&command.output().unwrap(), 0, "");
    };
    saved("old");
    saved("new");
    let mut command = irad(folder.path());
    command.args([
        "diff",
        "old/m.trace",
        "new/m.trace",
        "--before",
        "input",
        "--after",
        "input",
    ]);
    printed(
        &command.output().unwrap(),
        0,
        "--- old/m.trace · f · input\n+++ new/m.trace · f · input\n+1 -0",
    );
}

#[test]
fn the_function_may_stand_behind_the_file_also_against_another_one() {
    let folder = folder();
    let module = fs::read_to_string(folder.path().join("f.ll")).unwrap();
    let both = format!("{module}{}", module.replace("@f(", "@g("));
    fs::write(folder.path().join("both.ll"), both).unwrap();
    let run = |arguments: &[&str]| irad(folder.path()).args(arguments).output().unwrap();
    printed(
        &run(&["diff", "both.ll", "f", "--against", "g"]),
        0,
        "+define double @g",
    );
    said(
        &run(&["diff", "both.ll", "f.ll", "f", "--against", "g"]),
        2,
        "f.ll and --against are both what to compare with",
    );
    // A number that cannot be is the flag's, and no flag that is unknown.
    said(
        &run(&["diff", "both.ll", "f", "--context", "-1"]),
        2,
        "invalid value '-1' for '--context",
    );
}

#[test]
fn names_that_no_file_can_have_are_no_harm_to_a_patch() {
    let folder = tempfile::tempdir().unwrap();
    let module = MODULE.replace("@f", "@\"f\\1B[31m\\0Ag\"");
    fs::write(folder.path().join("names.ll"), module).unwrap();
    let names = irad(folder.path())
        .args(["list", "names.ll", "--json"])
        .output()
        .unwrap();
    let names: serde_json::Value = serde_json::from_slice(&names.stdout).unwrap();
    let symbol = names["functions"][0]["symbol"].as_str().unwrap();
    let output = irad(folder.path())
        .args([
            "diff",
            "names.ll",
            "--format",
            "patch",
            "--patch-base",
            "base.ll",
        ])
        .args(["--no-check", "--fn", symbol])
        .output()
        .unwrap();
    said(&output, 0, "");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.starts_with("--- a/base.ll\n+++ b/base.ll\n@@"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
    let base = fs::read_to_string(folder.path().join("base.ll")).unwrap();
    let first = text
        .lines()
        .find_map(|line| line.strip_prefix('-').filter(|l| l.starts_with("define")));
    assert_eq!(base.lines().next(), first);
    // The patch applies to what was written.
    fs::write(folder.path().join("change.patch"), &output.stdout).unwrap();
    let applied = Command::new("git")
        .args(["apply", "change.patch"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    said(&applied, 0, "");
    let changed = fs::read_to_string(folder.path().join("base.ll")).unwrap();
    assert!(changed.contains("double %differeturn"), "{changed}");
    // Without a base, the patch is of a file that is called by the symbol.
    let output = irad(folder.path())
        .args(["diff", "names.ll", "--format", "patch", "--no-check"])
        .args(["--fn", symbol])
        .output()
        .unwrap();
    printed(&output, 0, "--- a/f__31m_g.ll\n+++ b/f__31m_g.ll\n@@");
}

#[test]
fn a_snapshot_is_not_overwritten_by_another_functions() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("m.ll"), MODULE).unwrap();
    }
    let record = |file: &str, more: &[&str]| {
        let flags = ["snap", "record", file, "--fn", "f", "--mode", "reverse"];
        irad(folder.path()).args(flags).args(more).output().unwrap()
    };
    said(&record("a/m.ll", &[]), 0, "");
    let output = record("b/m.ll", &[]);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("is a snapshot of f of a/m.ll"), "{text}");
    said(&record("b/m.ll", &["--name", "other"]), 0, "");
    said(&record("a/m.ll", &[]), 0, "");
}

#[test]
fn a_panic_says_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let source = "pub fn f(x: &[f64], n: usize) -> f64 {\n    x.chunks_exact(n * 0).map(|c| c[0]).sum()\n}\n";
    fs::write(folder.path().join("chunks.rs"), source).unwrap();
    let output = irad(folder.path())
        .args(["check", "chunks.rs", "f", "--mode", "reverse"])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("chunk size must be non-zero"), "{errors}");
}
