//! `cargo irad toolchain` and `cargo irad +nightly`, with the nightly that rustup has. Where there is none, or one of
//! another LLVM, the tests are ignored.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;

/// A program without the standard library, because all of that would go through link-time optimisation.
const MANIFEST: &str = "\
[package]
name = \"slopes\"
version = \"0.0.0\"
edition = \"2024\"

[profile.dev]
panic = \"abort\"

[profile.release]
panic = \"abort\"

[workspace]
";

const MAIN: &str = "\
#![no_std]
#![no_main]
#![feature(autodiff)]
use core::autodiff::{autodiff_forward, autodiff_reverse};
use core::ffi::{c_char, c_int};
use core::hint::black_box;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

#[link(name = \"c\")]
unsafe extern \"C\" {
    fn printf(format: *const c_char, ...) -> c_int;
}

#[inline(never)]
fn reverse<T>(x: &mut [T]) {
    let n = x.len();
    let mut i = 0;
    while i < n / 2 {
        x.swap(i, n - 1 - i);
        i += 1;
    }
}

#[autodiff_reverse(d_weigh, Duplicated)]
#[inline(never)]
fn weigh(x: &mut [f64]) {
    reverse(x);
    let mut k = 1.0;
    for v in x {
        *v *= k;
        k += 1.0;
    }
}

#[autodiff_reverse(d_square, Active, Active)]
#[inline(never)]
fn square(x: f64) -> f64 {
    x * x
}

#[autodiff_forward(t_cube, Dual, Dual)]
#[inline(never)]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[unsafe(no_mangle)]
pub extern \"C\" fn main() -> c_int {
    let (_, slope) = d_square(black_box(3.0), black_box(1.0));
    let (_, tangent) = t_cube(black_box(2.0), black_box(1.0));
    let mut x = black_box([1.0, 2.0, 3.0]);
    let mut dx = black_box([1.0, 1.0, 1.0]);
    d_weigh(&mut x, &mut dx);
    unsafe { printf(c\"%g %g %g\\n\".as_ptr(), slope, tangent, black_box(dx)[0]) };
    0
}
";

/// Without `no_std`, as libraries are.
const LIBRARY: &str = "\
#![feature(autodiff)]
use std::autodiff::autodiff_reverse;

#[autodiff_reverse(d_square, Active, Active)]
pub fn square(x: f64) -> f64 {
    x * x
}

mod inside {
    use std::autodiff::autodiff_forward;

    #[autodiff_forward(d_norm, Dual, Const, Dual)]
    pub(crate) fn norm(x: &[f64; 3], n: f64) -> f64 {
        n * x.iter().map(|v| v * v).sum::<f64>().sqrt()
    }
}

pub fn slope(x: &[f64; 3], dx: &[f64; 3]) -> f64 {
    inside::d_norm(x, dx, 1.0).1
}
";

/// Nothing says that what is filled holds floats.
const UNTYPED: &str = "\
#![feature(autodiff)]
use std::autodiff::autodiff_reverse;

#[inline(never)]
fn fill(x: &mut [f32]) {
    x.fill(0.0);
}

#[autodiff_reverse(d_filled, Duplicated, Duplicated, Active)]
pub fn filled(x: &[f32], y: &mut [f32]) -> f32 {
    fill(y);
    let mut sum = 0.0;
    for i in 0..x.len() {
        y[i] += x[i] * x[i];
        sum += y[i];
    }
    sum
}
";

/// A folder with a package and a cache.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |inside: &str, text: &str| {
            let path = folder.path().join(inside);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Cargo.toml", MANIFEST);
        write("src/main.rs", MAIN);
        Place { folder }
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn run(&self, words: &[&str]) -> Output {
        self.run_with(words, "")
    }

    fn run_with(&self, words: &[&str], rustflags: &str) -> Output {
        let mut command = self.command(words);
        if !rustflags.is_empty() {
            command.env("RUSTFLAGS", rustflags);
        }
        command.output().unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-irad"));
        command
            .arg("irad")
            .args(words)
            .current_dir(self.folder.path())
            .env("IRAD_CACHE", self.cache())
            .env("CARGO_NET_OFFLINE", "true");
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET_DIR",
            "NO_COLOR",
            "CLICOLOR_FORCE",
        ] {
            command.env_remove(name);
        }
        command
    }
}

fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn succeeds(output: Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// A document that fits its schema.
fn document(output: Output) -> serde_json::Value {
    let document = serde_json::from_str(&succeeds(output)).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/toolchain.json");
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    document
}

/// An Enzyme is added, tried, and taken away, and the toolchain has nothing of it.
fn a_nightly_is_given_an_enzyme() {
    let place = Place::new();
    let before = document(place.run(&["toolchain", "status", "nightly", "--json"]));
    assert!(before["enzyme"].is_null(), "{before}");
    let added = document(place.run(&["toolchain", "add", "nightly", "--own", "--json"]));
    let library = PathBuf::from(added["enzyme"].as_str().unwrap());
    assert!(library.is_file());
    assert_eq!(added["own"], true, "{added}");
    assert!(library.starts_with(place.cache()), "{added}");
    // rustc 1.97 does not tell Enzyme what is swapped.
    assert_eq!(added["swaps_right"], false, "{added}");
    assert_eq!(added["component"], before["component"]);
    let removed = document(place.run(&["toolchain", "remove", "nightly", "--json"]));
    assert_eq!(removed["removed"], true);
    assert!(!place.cache().join("toolchains").exists());
    // Nothing is there to take away.
    let again = document(place.run(&["toolchain", "remove", "nightly", "--json"]));
    assert_eq!(again["removed"], false);
}

/// What rustup can fetch is used and taken away again; what it cannot is said, and irad's own is linked. The component
/// stands in for nothing but the download: it is a real one, and so is the toolchain that it is added to.
fn a_component_is_fetched() {
    let place = Place::new();
    let rustup = place.folder.path().join("bin/rustup");
    fs::create_dir(rustup.parent().unwrap()).unwrap();
    let real = which("rustup");
    let answers = |component: &str| {
        let text = format!(
            "#!/bin/sh\ncase \"$*\" in\n\
             'toolchain link a/b '*) echo 'invalid name' >&2; exit 1 ;;\n\
             'toolchain '*) ;;\n\
             'which --toolchain bare rustc') echo '{0}/bare/bin/rustc' ;;\n\
             'component '*) {component} ;;\n\
             *) exec '{1}' \"$@\" ;;\nesac\n",
            place.folder.path().display(),
            real.display()
        );
        fs::write(&rustup, text).unwrap();
        fs::set_permissions(&rustup, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let run = |words: &[&str]| {
        let path = env::var("PATH").unwrap();
        let bin = rustup.parent().unwrap().display();
        let mut command = place.command(words);
        command
            .env("PATH", format!("{bin}:{path}"))
            .output()
            .unwrap()
    };

    // A toolchain for rustup, without the library that makes it one with Enzyme.
    answers("exit 1");
    let add = |name| {
        run(&[
            "toolchain",
            "add",
            "nightly",
            "--own",
            "--link",
            name,
            "--json",
        ])
    };
    let refused = add("a/b");
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    for words in ["rustup toolchain link a/b failed", "invalid name"] {
        assert!(said.contains(words), "{said}");
    }
    let made = document(add("bare"));
    let folder = PathBuf::from(made["enzyme"].as_str().unwrap());
    let folder = folder
        .ancestors()
        .find(|folder| folder.ends_with("sysroot"))
        .unwrap();
    let bare = place.folder.path().join("bare");
    fs::rename(folder.with_file_name("toolchain"), &bare).unwrap();
    let name = Path::new(made["enzyme"].as_str().unwrap());
    let inside = name.strip_prefix(folder).unwrap();
    let library = place.folder.path().join("library.so");
    fs::copy(name, &library).unwrap();
    let component = bare.join(inside);
    fs::remove_file(&component).unwrap();
    document(run(&["toolchain", "remove", "nightly", "--json"]));

    answers("echo 'error: component download failed' >&2; exit 1");
    let refused = run(&["toolchain", "add", "bare", "--json"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("no component enzyme for bare (rustup: component download failed)"),
        "{said}"
    );
    let own = document(refused);
    assert_eq!(
        (&own["own"], &own["fetched"]),
        (&true.into(), &false.into())
    );
    document(run(&["toolchain", "remove", "bare", "--json"]));

    answers(&format!(
        "case \"$2\" in add) cp '{}' '{1}' ;; remove) rm '{1}' ;; esac",
        library.display(),
        component.display()
    ));
    let fetched = document(run(&["toolchain", "add", "bare", "--json"]));
    assert_eq!(fetched["enzyme"], component.to_str().unwrap());
    assert_eq!(
        (&fetched["own"], &fetched["fetched"]),
        (&false.into(), &true.into())
    );
    let status = document(run(&["toolchain", "status", "bare", "--json"]));
    assert_eq!(status["component"], component.to_str().unwrap());
    document(run(&["toolchain", "remove", "bare", "--json"]));
    assert!(!component.exists());
}

fn which(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap();
    let mut found = env::split_paths(&path).map(|folder| folder.join(program));
    found.find(|path| path.is_file()).unwrap()
}

/// A stable compiler is told to be none, and so is a name that rustup does not know.
fn other_toolchains_are_refused() {
    let place = Place::new();
    for (name, words) in [
        ("stable", "is no nightly, and std::autodiff is unstable"),
        ("nowhere", "rustup has no toolchain nowhere"),
    ] {
        let output = place.run(&["toolchain", "add", name]);
        assert_eq!(output.status.code(), Some(2));
        assert!(told(&output).contains(words), "{}", told(&output));
    }
}

/// A program is built and run, and each derivative is shown and checked as the compiler makes it.
fn a_program_is_built_shown_and_checked() {
    let place = Place::new();
    let printed = succeeds(place.run(&["+nightly", "run", "--release"]));
    // The first adjoint should be 3: rustc 1.97 leaves it where it was.
    assert_eq!(printed, "6 12 1\n");

    let list = succeeds(place.run(&["+nightly", "list"]));
    for request in [
        "slopes::d_square = reverse slopes::square(Active) -> Active",
        "slopes::t_cube = forward slopes::cube(Dual) -> Dual",
        "slopes::d_weigh = reverse slopes::weigh(Duplicated, Const)",
    ] {
        assert!(list.contains(request), "{list}");
    }

    // Without passes afterwards both are as Enzyme made them, to the instruction.
    for derivative in ["d_square", "t_cube", "d_weigh"] {
        let same = place.run(&[
            "+nightly",
            "diff",
            derivative,
            "--compiler",
            "--prepare",
            "given",
            "--cleanup",
            "none",
            "--no-check",
            "--exit-code",
        ]);
        assert_eq!(same.status.code(), Some(0), "{derivative}: {}", told(&same));
    }
    let own = place.run(&["+nightly", "diff", "d_weigh", "--compiler", "--exit-code"]);
    assert_eq!(own.status.code(), Some(1), "{}", told(&own));

    let one = place.run(&["+nightly", "check", "d_square"]);
    assert_eq!(one.status.code(), Some(0), "{}", told(&one));
    let all = place.run(&["+nightly", "check", "--json"]);
    assert_eq!(all.status.code(), Some(1), "{}", told(&all));
    let all: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    let mut found: Vec<String> = all["derivatives"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["derivative"].as_str().unwrap(),
                row["verdict"]["is"].as_str().unwrap(),
                row["kinds"]
            )
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "slopes::d_square right [\"seed_unused\"]",
            "slopes::d_weigh wrong [\"moved_as_integers\"]",
            "slopes::t_cube right []",
        ]
    );
    // What was kept is used again, and where it is gone it is made again.
    fs::remove_dir_all(place.folder.path().join("target/irad-nightly/modules")).unwrap();
    assert!(succeeds(place.run(&["+nightly", "list"])).contains("slopes::t_cube"));
}

/// A library has no program, and rustc runs Enzyme in programs: irad makes one that uses all of it, small and private
/// functions, too. What the compiler is told of types counts.
fn a_library_is_shown_and_checked() {
    let place = Place::new();
    let write = |inside: &str, text: &str| {
        fs::write(place.folder.path().join(inside), text).unwrap();
    };
    fs::remove_file(place.folder.path().join("src/main.rs")).unwrap();
    write("src/lib.rs", LIBRARY);
    let list = succeeds(place.run(&["+nightly", "list"]));
    for request in [
        "slopes::d_square = reverse slopes::square(Active) -> Active",
        "slopes::inside::d_norm = forward slopes::inside::norm(Dual, Const) -> Dual",
    ] {
        assert!(list.contains(request), "{list}");
    }
    let all = place.run(&["+nightly", "check", "--json"]);
    assert_eq!(all.status.code(), Some(0), "{}", told(&all));
    let all: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(all["derivatives"].as_array().unwrap().len(), 2, "{all}");
    let one = succeeds(place.run(&["+nightly", "diff", "d_norm", "--no-check"]));
    assert!(one.contains("fwddiffe<slopes::inside::norm>"), "{one}");

    // A program beside it has what it uses, and the rest is looked for in the library.
    write(
        "src/main.rs",
        "fn main() { println!(\"{}\", slopes::square(3.0)); }\n",
    );
    let all = place.run(&["+nightly", "check", "--json"]);
    let all: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(all["derivatives"].as_array().unwrap().len(), 2, "{all}");
    let one = succeeds(place.run(&["+nightly", "diff", "d_norm", "--no-check"]));
    assert!(one.contains("fwddiffe<slopes::inside::norm>"), "{one}");
    fs::remove_file(place.folder.path().join("src/main.rs")).unwrap();

    // What a compiler refuses without loose types is shown as it makes it with them.
    write("src/lib.rs", UNTYPED);
    let refused = place.run(&["+nightly", "diff", "d_filled", "--no-check"]);
    assert_eq!(refused.status.code(), Some(3), "{}", told(&refused));
    let loose = place.run_with(
        &["+nightly", "diff", "d_filled", "--no-check"],
        "-Zautodiff=LooseTypes",
    );
    assert!(succeeds(loose).contains("diffe<slopes::filled>"));
}

/// Where Enzyme refuses, irad says which derivative it was, and why.
fn a_refusal_is_explained() {
    let place = Place::new();
    let refused = MAIN
        .replace(
            "#[unsafe(no_mangle)]",
            "\
#[link(name = \"m\")]
unsafe extern \"C\" {
    fn nextafter(x: f64, y: f64) -> f64;
}

#[autodiff_reverse(d_next, Active, Active)]
#[inline(never)]
fn next(x: f64) -> f64 {
    unsafe { nextafter(x, 1.0) * x }
}

#[unsafe(no_mangle)]",
        )
        .replace("d_square(black_box(3.0)", "d_next(black_box(3.0)");
    fs::write(place.folder.path().join("src/main.rs"), refused).unwrap();
    let output = place.run(&["+nightly", "build", "--release"]);
    assert_eq!(output.status.code(), Some(101));
    let told = told(&output);
    assert!(
        told.contains("irad: rustc could not make slopes::d_next: Enzyme knows no derivative"),
        "{told}"
    );
    assert!(!told.contains("could not make slopes::t_cube"), "{told}");
    // What is no matter of Enzyme's is cargo's to tell.
    fs::write(
        place.folder.path().join("src/main.rs"),
        "fn main() { lost }",
    )
    .unwrap();
    let output = place.run(&["+nightly", "build"]);
    assert_eq!(output.status.code(), Some(101));
    assert!(!self::told(&output).contains("irad: "));
}

/// True where rustup has a nightly with the LLVM that irad's Enzyme is for.
fn has_nightly() -> bool {
    let Ok(output) = Command::new("rustup")
        .args(["run", "nightly", "rustc", "-vV"])
        .output()
    else {
        return false;
    };
    output.status.success()
        && String::from_utf8_lossy(&output.stdout).contains("\nLLVM version: 22.")
        && Path::new(env!("CARGO_BIN_EXE_irad-engine-22")).is_file()
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let is_missing = !has_nightly();
    let tests: [(&str, fn()); 6] = [
        (
            "a_library_is_shown_and_checked",
            a_library_is_shown_and_checked,
        ),
        ("a_refusal_is_explained", a_refusal_is_explained),
        ("a_nightly_is_given_an_enzyme", a_nightly_is_given_an_enzyme),
        ("a_component_is_fetched", a_component_is_fetched),
        ("other_toolchains_are_refused", other_toolchains_are_refused),
        (
            "a_program_is_built_shown_and_checked",
            a_program_is_built_shown_and_checked,
        ),
    ];
    let trials = tests.map(|(name, test)| {
        let trial = Trial::test(name, move || -> Result<(), Failed> {
            test();
            Ok(())
        });
        trial.with_ignored_flag(is_missing)
    });
    libtest_mimic::run(&arguments, trials.into()).exit_code()
}
