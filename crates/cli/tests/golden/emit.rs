//! `irad emit`: what it says, what it declares, and what it does not take.

use crate::run::{check, irad, root, transcript};

/// Runs it with `OUT/` standing for a folder of its own, and reads back what it wrote there.
fn emitted(arguments: &str, read: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let given: Vec<String> = arguments
        .split(' ')
        .map(|argument| argument.replace("OUT/", &format!("{path}/")))
        .collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let mut text = transcript(&given).replace(path, "OUT");
    for name in read {
        text.push_str(&format!("--- {name}\n"));
        text.push_str(&std::fs::read_to_string(folder.path().join(name)).unwrap());
    }
    text
}

/// Compares, but for how long code is, which is LLVM's to say.
fn golden(name: &str, text: &str) {
    let mut sizes = insta::Settings::clone_current();
    sizes.add_filter(r", \d+ bytes\n", ", N bytes\n");
    sizes.add_filter(r#""bytes": \d{3,}"#, r#""bytes": 0"#);
    sizes.bind(|| check(&format!("emit_{name}"), text));
}

#[test]
fn what_is_written_is_described_and_declared() {
    for (name, arguments, read) in [
        (
            "slices",
            "emit fixtures/model.ll --fn loss --mode reverse -o OUT/d_loss.o --binding OUT/d_loss.rs",
            &["d_loss.rs"][..],
        ),
        (
            "slices_forward",
            "emit fixtures/model.ll --fn loss --mode forward -o OUT/d_loss.o --binding OUT/d_loss.rs",
            &["d_loss.rs"],
        ),
        (
            "memory",
            "emit fixtures/scale.ll --fn scale --mode reverse -o OUT/d.bc --binding OUT/d.rs",
            &["d.rs"],
        ),
        (
            "struct",
            "emit fixtures/typed.ll --fn energy --mode reverse -o OUT/d.o --binding OUT/d.rs",
            &["d.rs"],
        ),
        (
            "several_directions",
            "emit fixtures/array.ll --fn rosenbrock --mode forward --width 3 -o OUT/d.o --binding OUT/d.rs",
            &["d.rs"],
        ),
        (
            "other_name",
            "emit fixtures/scalar.ll --fn cube --mode reverse -o OUT/d.s --binding OUT/d.rs --name my.Cube",
            &["d.rs"],
        ),
        (
            "panics_dropped",
            "emit fixtures/matmul.ll --fn matmul --mode reverse -o OUT/d.o --binding OUT/d.rs --panics drop",
            &["d.rs"],
        ),
        (
            "panics_kept",
            "emit fixtures/matmul.ll --fn matmul --mode reverse -o OUT/d.o --binding OUT/d.rs",
            &["d.rs"],
        ),
        (
            "json",
            "emit fixtures/scale.ll --fn scale --mode reverse -o OUT/d.o --binding OUT/d.rs --json",
            &[],
        ),
    ] {
        golden(name, &emitted(arguments, read));
    }
}

#[test]
fn places_that_cannot_be_written_to() {
    let emit = "emit fixtures/scalar.ll --fn cube --mode reverse";
    for (name, rest) in [
        ("unknown_end", "-o OUT/d.obj"),
        ("no_end", "-o OUT/d"),
        ("no_folder", "-o OUT/nowhere/d.o"),
        ("input_replaced", "-o fixtures/scalar.ll"),
        ("binding_replaces", "-o OUT/d.o --binding OUT/d.o"),
        ("binding_folder", "-o OUT/d.o --binding fixtures"),
        ("two_on_stdout", "-o - --binding -"),
        ("json_and_stdout", "-o - --json"),
    ] {
        let text = emitted(&format!("{emit} {rest}"), &[]);
        assert!(text.contains("exit 2"), "{text}");
        golden(name, &text);
    }
}

#[test]
fn names_that_cannot_be_exported() {
    let emit = "emit fixtures/model.ll --fn loss --mode reverse -o OUT/d.o";
    for (name, rest) in [
        ("name_taken", "--name tanh"),
        ("name_with_digit", "--name 2nd"),
        ("name_with_sign", "--name d-loss"),
        ("name_of_llvm", "--name llvm.loss"),
        ("level", "-O 4"),
        ("level_and_cleanup", "-O 2 --cleanup o2"),
        ("processor", "--target-cpu skylark"),
        ("split", "--split"),
    ] {
        let text = emitted(&format!("{emit} {rest}"), &[]);
        assert!(text.contains("exit 2"), "{text}");
        golden(name, &text);
    }
}

#[test]
fn what_cannot_stand_by_itself() {
    let text = emitted(
        "emit fixtures/refused/globals.ll --fn cube_by_module --mode reverse -o OUT/d.o",
        &[],
    );
    assert!(text.contains("exit 3"), "{text}");
    golden("local_static", &text);
}

/// Standard output takes the code, and what is said about it goes to the other stream.
#[test]
fn text_goes_to_standard_output() {
    let output = irad(&["emit", "fixtures/scalar.ll", "--fn", "cube"])
        .args(["--mode", "reverse", "-o", "-"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("; ModuleID = 'd_cube'\n"), "{text}");
    assert_eq!(text.matches("\ndefine ").count(), 1, "{text}");
    assert!(text.contains("\ndefine void @d_cube(ptr noalias"), "{text}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("reverse scalar::cube("), "{said}");
    assert!(said.contains("pub fn d_cube("), "{said}");
}

/// A slice of the module gives the same code as the whole.
#[test]
fn a_slice_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let write = |flag: &str| {
        let out = folder.path().join("d.s");
        let output = irad(&["emit", "fixtures/matmul.ll", "--fn", "matmul"])
            .args(["--mode", "reverse", flag, "-o"])
            .arg(&out)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        std::fs::read_to_string(out).unwrap()
    };
    assert_eq!(write("--slice"), write("--no-slice"));
}

/// What gets past a refusal is tried, as for a diff, and the command that is named is this one.
#[test]
fn refusals_are_advised_about() {
    let text = emitted(
        "emit fixtures/refused/chain.ll --fn loss --mode reverse -o OUT/d.o",
        &[],
    );
    assert!(text.contains("exit 3"), "{text}");
    golden("refused", &text);
}
