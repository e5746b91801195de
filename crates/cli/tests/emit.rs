//! What `irad emit` writes is linked beside the library that rustc makes of the same source, called
//! through the generated declarations, and right.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// A folder with `primal.ll` and `libprimal.rlib`.
static BUILT: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // What the README asks for, and what anybody's build is: panics abort in one and unwind in the
    // other.
    rustc(&source("primal.rs"), &at("primal.ll"))
        .args(["--crate-type", "lib", "--emit", "llvm-ir"])
        .args(["-C", "opt-level=3", "-C", "no-prepopulate-passes"])
        .args(["-C", "codegen-units=1", "-C", "panic=abort"])
        .args(["-C", "debuginfo=2"])
        .succeed();
    rustc(&source("primal.rs"), &at("unwinding.ll"))
        .args(["--crate-type", "lib", "--emit", "llvm-ir"])
        .args(["-C", "opt-level=3", "-C", "no-prepopulate-passes"])
        .args(["-C", "codegen-units=1"])
        .succeed();
    rustc(&source("primal.rs"), &at("libprimal.rlib"))
        .args(["--crate-type", "rlib", "-C", "opt-level=3"])
        .succeed();
    folder
});

/// Runs a command that has to succeed.
trait Succeed {
    fn succeed(&mut self) -> String;
}

impl Succeed for Command {
    #[track_caller]
    fn succeed(&mut self) -> String {
        let output = self.output().unwrap();
        assert!(
            output.status.success(),
            "{self:?}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/emitted")
        .join(name)
}

fn rustc(source: &Path, out: &Path) -> Command {
    let mut command = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()));
    command
        .args(["--edition", "2024"])
        .arg(source)
        .arg("-o")
        .arg(out);
    command
}

fn irad(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .args(arguments)
        .current_dir(BUILT.path())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env_remove("CLICOLOR_FORCE");
    command
}

/// Emits a derivative into a folder: the object and its declaration.
#[track_caller]
fn emit(function: &str, mode: &str, name: &str, folder: &Path) -> PathBuf {
    let object = folder.join(name).with_extension("o");
    let module = match name.starts_with("u_") {
        true => "unwinding.ll",
        false => "primal.ll",
    };
    irad(&["emit", module, "--fn", function, "--mode", mode])
        .args(["--name", name, "-o"])
        .arg(&object)
        .arg("--binding")
        .arg(object.with_extension("rs"))
        .succeed();
    object
}

/// The symbols of an object for which nm prints one of `kinds`.
#[track_caller]
fn symbols(object: &Path, flags: &[&str]) -> Vec<String> {
    Command::new("llvm-nm-22")
        .args(flags)
        .arg("--format=just-symbols")
        .arg(object)
        .succeed()
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Every derivative that the program calls.
const CALLED: [(&str, &str, &str); 34] = [
    ("loss", "reverse", "d_loss"),
    ("loss", "forward", "f_loss"),
    ("dot", "reverse", "d_dot"),
    ("dot", "forward", "f_dot"),
    ("volume", "reverse", "d_volume"),
    ("volume", "forward", "f_volume"),
    ("quadratic", "reverse", "d_quadratic"),
    ("quadratic", "forward", "f_quadratic"),
    ("primal::scale", "reverse", "d_scale"),
    ("primal::scale", "forward", "f_scale"),
    ("primal::energy", "reverse", "d_energy"),
    ("primal::energy", "forward", "f_energy"),
    ("decay", "reverse", "d_decay"),
    ("prefix_energy", "reverse", "d_prefix_energy"),
    ("prefix_energy", "forward", "f_prefix_energy"),
    ("plain_cube", "reverse", "d_plain_cube"),
    ("raw_sum", "reverse", "d_raw_sum"),
    ("scaled", "reverse", "d_scaled"),
    ("pick", "reverse", "d_pick"),
    ("pick", "forward", "f_pick"),
    ("pick", "reverse", "u_pick"),
    ("prefix_energy", "reverse", "u_prefix_energy"),
    ("gather", "reverse", "d_gather"),
    ("positive_log", "reverse", "d_positive_log"),
    ("determinant", "reverse", "d_determinant"),
    ("determinant", "forward", "f_determinant"),
    ("primal::pair", "reverse", "d_pair"),
    ("polar", "reverse", "d_polar"),
    ("polar", "forward", "f_polar"),
    ("powers", "reverse", "d_powers"),
    ("primal::small", "reverse", "d_small"),
    ("primal::chain", "reverse", "d_chain"),
    ("primal::chain", "forward", "f_chain"),
    ("orbit", "reverse", "d_orbit"),
];

#[test]
fn derivatives_link_beside_their_primals_and_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let mut link = rustc(&source("program.rs"), &program);
    link.args(["-C", "opt-level=2", "--extern"])
        .arg(format!(
            "primal={}",
            BUILT.path().join("libprimal.rlib").display()
        ))
        .env("BINDINGS", folder.path());
    for (function, mode, name) in CALLED {
        let object = emit(function, mode, name, folder.path());
        assert_eq!(
            symbols(&object, &["--defined-only", "--extern-only"]),
            [name]
        );
        let binding = object.with_extension("rs");
        Command::new("rustfmt")
            .args(["--edition", "2024", "--check"])
            .arg(&binding)
            .succeed();
        link.arg("-C").arg(format!("link-arg={}", object.display()));
    }
    link.succeed();
    let said = Command::new(&program).succeed();
    assert_eq!(said, "all derivatives are right\n");
    // A panic whose message is made at run time ends the process; it does not go on.
    let output = Command::new(&program).arg("end").output().unwrap();
    assert_eq!(output.status.signal(), Some(4), "{output:?}");
}

#[test]
fn a_static_that_nobody_else_can_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = irad(&["emit", "primal.ll", "--fn", "secretly_counted"])
        .args(["--mode", "reverse", "-o"])
        .arg(folder.path().join("d.o"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("primal::HIDDEN"), "{errors}");
    assert!(errors.contains("make it pub"), "{errors}");
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn the_same_command_writes_the_same_bytes() {
    let write = |end: &str| -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("d").with_extension(end);
        irad(&["emit", "primal.ll", "--fn", "prefix_energy"])
            .args(["--mode", "reverse", "-o"])
            .arg(&out)
            .succeed();
        fs::read(out).unwrap()
    };
    for end in ["o", "ll", "bc", "s"] {
        assert_eq!(write(end), write(end), ".{end}");
    }
}

/// Every kind of output is what its name says, and becomes the same symbols.
#[test]
fn text_bitcode_and_assembly_are_the_object_too() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for end in ["ll", "bc", "s"] {
        let out = at("d").with_extension(end);
        irad(&["emit", "primal.ll", "--fn", "prefix_energy"])
            .args(["--mode", "reverse", "-o"])
            .arg(&out)
            .succeed();
        let object = at(&format!("from_{end}.o"));
        Command::new("clang-22")
            .args(["-c", "-Wno-override-module"])
            .arg(&out)
            .arg("-o")
            .arg(&object)
            .succeed();
        assert_eq!(
            symbols(&object, &["--defined-only", "--extern-only"]),
            ["d_prefix_energy"]
        );
    }
}

/// What a command says when it ends with this code.
#[track_caller]
fn refused(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_processor_that_llvm_does_not_know_is_refused() {
    let output = irad(&["emit", "primal.ll", "--fn", "loss", "--mode", "reverse"])
        .args(["-o", "never.o", "--target-cpu", "skylark"])
        .output()
        .unwrap();
    let errors = refused(&output, 2);
    assert!(errors.contains("no processor skylark"), "{errors}");
    assert!(errors.contains("skylake"), "{errors}");
}

/// The README's own lines, in a folder that holds nothing but a source and a main.
#[test]
fn the_readmes_recipes_give_a_program() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md"));
    let readme = readme.unwrap();
    let section = readme.split("## Use a derivative").nth(1).unwrap();
    let block = |at: usize| section.split("```").nth(at * 2 + 1).unwrap();
    let model = "pub fn loss(w: &[f64], x: &[f64], y: f64) -> f64 {\n    let z: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();\n    (z.tanh() - y).powi(2)\n}\n";
    let main = |uses: &str| {
        format!(
            "mod d_loss {{ include!(\"{uses}\"); }}\nfn main() {{\n    let (w, x, y) = ([0.5, -0.25], [1.0, 2.0], 0.125);\n    let (mut dw, mut dx) = (vec![0.0; w.len()], vec![0.0; x.len()]);\n    let got = unsafe {{ d_loss::d_loss_checked(&w, &mut dw, &x, &mut dx, y, 1.0) }};\n    assert_eq!(got.value, model::loss(&w, &x, y));\n    assert_eq!(got.d_y, 2.0 * y);\n    println!(\"{{dw:?}}\");\n}}\n"
        )
    };
    let programs = Path::new(env!("CARGO_BIN_EXE_irad")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let shell = |folder: &Path, script: &str| {
        Command::new("sh")
            .args(["-e", "-c", script])
            .current_dir(folder)
            .env("PATH", &path)
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_TARGET_DIR")
            .succeed()
    };

    let alone = tempfile::tempdir().unwrap();
    fs::write(alone.path().join("model.rs"), model).unwrap();
    fs::write(alone.path().join("main.rs"), main("d_loss.rs")).unwrap();
    let script = block(0).strip_prefix("sh\n").unwrap();
    shell(alone.path(), script);
    assert_eq!(shell(alone.path(), "./main"), "[-0.25, -0.5]\n");

    let package = tempfile::tempdir().unwrap();
    let at = |name: &str| package.path().join(name);
    fs::create_dir(at("src")).unwrap();
    let manifest =
        "[package]\nname = \"model\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(at("Cargo.toml"), manifest).unwrap();
    fs::write(at("src/lib.rs"), model).unwrap();
    let script = block(1).strip_prefix("sh\n").unwrap();
    shell(package.path(), script);
    fs::write(at("build.rs"), block(2).strip_prefix("rust\n").unwrap()).unwrap();
    fs::write(at("src/main.rs"), main("d_loss.rs")).unwrap();
    assert_eq!(shell(package.path(), "cargo run -q"), "[-0.25, -0.5]\n");
}
