//! `cargo irad` on a small workspace, built by the real cargo, offline, in a copy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A copy of the workspace.
struct Workspace {
    folder: TempDir,
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workspace");
        copy(&fixture, folder.path());
        Workspace { folder }
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    /// cargo, in a folder of the workspace, with nothing of this test's own build in its environment.
    fn cargo(&self, inside: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        let programs = Path::new(env!("CARGO_BIN_EXE_cargo-irad"))
            .parent()
            .unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .args(arguments)
            .current_dir(self.path(inside))
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("CARGO_NET_OFFLINE", "true");
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET_DIR",
            "CARGO_INCREMENTAL",
            "NO_COLOR",
            "CLICOLOR_FORCE",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// What `cargo irad` gives, with the exit code that is expected of it.
    fn irad(&self, inside: &str, arguments: &[&str], code: i32) -> (String, String) {
        let all = [&["irad"], arguments].concat();
        said(&self.cargo(inside, &all).output().unwrap(), code)
    }
}

fn said(output: &Output, code: i32) -> (String, String) {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    (out, err)
}

#[test]
fn the_crates_functions_are_listed_by_path() {
    let workspace = Workspace::new();
    let (out, err) = workspace.irad("model", &["list"], 0);
    for declaration in [
        " fn energy(x: &[f64]) -> f64\n",
        " fn loss(w: &[f64], x: &[f64], y: f64) -> f64\n",
        " fn Layer::apply(&self, x: &mut [f64])\n",
        " of other crates and ",
    ] {
        assert!(out.contains(declaration), "{out}");
    }
    // What it took from other crates is there, but not the crate's.
    assert!(
        !out.contains("scalar::norm") && !out.contains("core::"),
        "{out}"
    );
    for line in [
        "generic (src/lib.rs:23) is generic: ",
        "inlined (src/lib.rs:30) is #[inline]: ",
        "small (src/lib.rs:35) is small, ",
        "scaled (src/lib.rs:41) stands under a #[cfg(…)] that does not hold",
        "gate (src/hidden.rs:4) is private: ",
    ] {
        assert!(err.contains(line), "{err}");
    }
    assert!(!err.contains("energy"), "{err}");
    let (out, _) = workspace.irad("model", &["list", "--", "--json"], 0);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["schema"], "list/1");
}

#[test]
fn a_function_is_differentiated_in_the_crate_that_is_named() {
    let workspace = Workspace::new();
    let reverse = ["--fn", "energy", "--mode", "reverse"];
    let arguments = [&["diff", "-p", "my-model", "--lib", "--"][..], &reverse].concat();
    let (out, _) = workspace.irad(".", &arguments, 0);
    assert!(
        out.starts_with("reverse my_model::energy(x: &[f64] Duplicated) -> f64 Active"),
        "{out}"
    );
    // The generic function of the dependency came along.
    assert!(out.contains("fmul"), "{out}");
    let (out, _) = workspace.irad("scalar", &["show", "--", "--fn", "squash"], 0);
    assert!(out.contains("@scalar::squash("), "{out}");
    // Nothing but irad's own folder was built in.
    let built: Vec<_> = fs::read_dir(workspace.path("target")).unwrap().collect();
    assert_eq!(built.len(), 1);
    assert!(workspace.path("target/irad").is_dir());
}

#[test]
fn what_is_linked_has_what_it_calls() {
    let workspace = Workspace::new();
    let mode = ["--mode", "reverse"];
    // A library of a chosen kind stays what it is, and calls what has its body elsewhere.
    let alone = [
        &["diff", "--crate-type", "lib", "--", "--fn", "loss"][..],
        &mode,
    ]
    .concat();
    let (_, err) = workspace.irad("model", &alone, 3);
    assert!(
        err.contains("scalar::squash has no body in this module"),
        "{err}"
    );
    assert!(err.contains("cargo irad with --bin, --example"), "{err}");
    assert!(
        err.contains("this is accepted: cargo irad diff --crate-type lib -- --fn loss"),
        "{err}"
    );
    let linked = [
        &["diff", "--bin", "run-it", "--", "--fn", "loss"][..],
        &mode,
    ]
    .concat();
    let (out, _) = workspace.irad("model", &linked, 0);
    assert!(
        out.starts_with("reverse my_model::loss(w: &[f64] Duplicated"),
        "{out}"
    );
    assert!(out.contains("@diffe<scalar::squash>("), "{out}");
    let example = [
        &["diff", "--example", "show", "--", "--fn", "doubled"][..],
        &mode,
    ]
    .concat();
    let (out, _) = workspace.irad("model", &example, 0);
    assert!(out.starts_with("reverse show::doubled("), "{out}");
    let test = [
        &["diff", "--test", "works", "--", "--fn", "checked"][..],
        &mode,
    ]
    .concat();
    let (out, _) = workspace.irad("model", &test, 0);
    assert!(out.starts_with("reverse works::checked("), "{out}");
}

#[test]
fn a_library_is_linked_where_other_crates_have_bodies() {
    let workspace = Workspace::new();
    let check = |function, more: &[&str], code| {
        let flags = [
            &["check", "--", "--fn", function, "--mode", "reverse"][..],
            more,
        ];
        workspace.irad("model", &flags.concat(), code)
    };
    let note = |what: &str| format!("note: {what} of other crates; irad built the library again");
    let (out, err) = check("loss", &[], 0);
    assert!(err.contains(&note("loss needs scalar::squash")), "{err}");
    assert!(out.contains("check passed: "), "{out}");
    // What grows a list and what panics has bodies there, too, and nobody looks into them.
    let (out, err) = check("sum_above", &[], 0);
    assert!(
        err.contains(&note("sum_above needs scalar::above")),
        "{err}"
    );
    assert!(out.contains("check passed: "), "{out}");
    let far = ["--range", "least=2000..3000"];
    let (_, err) = check("sum_above", &far, 2);
    assert!(err.contains("the bound … is too large"), "{err}");
    // What needs nobody stays as it is.
    let (_, err) = check("energy", &[], 0);
    assert!(!err.contains("note: energy needs"), "{err}");
}

#[test]
fn features_flags_and_configuration_count_each_for_itself() {
    let workspace = Workspace::new();
    let show = |more: &[&str], environment: &[(&str, &str)]| {
        let all = [&["irad", "show"], more, &["--", "--fn", "energy"]].concat();
        let output = workspace
            .cargo("model", &all)
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        said(&output, 0).0
    };
    let (two, three, five) = ("double 2.0", "double 3.0", "double 5.0");
    let plain = show(&[], &[]);
    assert!(plain.contains(two) && !plain.contains(five), "{plain}");
    let scaled = show(&["--features", "scaled"], &[]);
    assert!(scaled.contains(three), "{scaled}");
    let shifted = show(&[], &[("RUSTFLAGS", "--cfg shifted")]);
    assert!(shifted.contains(two) && shifted.contains(five), "{shifted}");
    // What was built before is found again, and not what was built last.
    assert_eq!(show(&[], &[]), plain);
    assert_eq!(show(&["--features", "scaled"], &[]), scaled);
    // In several parts the one that has the function is taken.
    let parts = show(&[], &[("RUSTFLAGS", "-C codegen-units=4")]);
    assert!(parts.contains(two), "{parts}");
    // A profile of its own: this one checks for overflow.
    let checked = show(&["--profile", "dev"], &[]);
    assert!(checked.contains(two), "{checked}");
    assert!(workspace.path("target/irad/debug").is_dir());
    fs::create_dir(workspace.path(".cargo")).unwrap();
    let configuration = "build.rustflags = [\"--cfg\", \"shifted\"]\nbuild.target-dir = \"out\"\n";
    fs::write(workspace.path(".cargo/config.toml"), configuration).unwrap();
    let configured = show(&[], &[]);
    assert!(configured.contains(five), "{configured}");
    assert!(workspace.path("out/irad").is_dir());
    let named = show(&["--target", "x86_64-unknown-linux-gnu"], &[]);
    assert!(named.contains(five), "{named}");
}

#[test]
fn a_function_without_code_is_explained() {
    let workspace = Workspace::new();
    for (function, words, remedy) in [
        (
            "generic",
            "is generic: rustc makes code of it only",
            "generic::<f64>",
        ),
        ("scaled", "stands under a #[cfg(…)]", "--features"),
    ] {
        let arguments = ["diff", "--", "--fn", function, "--mode", "reverse"];
        let (out, err) = workspace.irad("model", &arguments, 2);
        assert!(out.is_empty(), "{out}");
        assert!(
            err.contains(words) && err.contains(remedy),
            "{function}: {err}"
        );
    }
    // What rustc only leaves out where nobody needs it is there when irad builds again.
    for (function, words) in [
        ("inlined", "is #[inline]: rustc makes code of it only"),
        ("small", "is small, and rustc leaves"),
        ("gate", "is private: rustc drops it"),
    ] {
        let (out, err) = workspace.irad("model", &["show", function], 0);
        assert!(out.contains(&format!("::{function}(")), "{out}");
        assert!(
            err.contains(words) && err.contains("built again with -C link-dead-code"),
            "{function}: {err}"
        );
    }
    let (_, err) = workspace.irad("model", &["show", "--", "--fn", "enrgy"], 2);
    assert!(err.contains("did you mean my_model::energy?"), "{err}");
    let arguments = ["show", "--", "--fn", "generic", "--json"];
    let (out, _) = workspace.irad("model", &arguments, 2);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["error"]["kind"], "not_found");
}

#[test]
fn a_build_error_is_cargos_own() {
    let workspace = Workspace::new();
    let path = workspace.path("model/src/lib.rs");
    let source = fs::read_to_string(&path).unwrap();
    fs::write(&path, source + "pub fn wrong() -> f64 { \"text\" }\n").unwrap();
    for colour in ["never", "always"] {
        let plain = ["rustc", "--release", "--lib", "--color", colour];
        let theirs = workspace.cargo("model", &plain).output().unwrap();
        let (_, ours) = workspace.irad("model", &["list", "--lib", "--color", colour], 2);
        assert!(ours.contains("E0308"), "{ours}");
        assert_eq!(ours.contains('\u{1b}'), colour == "always", "{ours}");
        // The same to the letter, but for what cargo says of its progress.
        let message = |text: &str| {
            let text = text.split_once("error").unwrap().1;
            text.split_once("could not compile").unwrap().0.to_owned()
        };
        assert_eq!(
            message(&ours),
            message(&String::from_utf8_lossy(&theirs.stderr))
        );
    }
    let (out, _) = workspace.irad("model", &["list", "--", "--json"], 2);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["error"]["kind"], "build");
    // So is an error in the flags.
    let (_, err) = workspace.irad("model", &["list", "-p", "nothing"], 2);
    assert!(err.contains("did not match any packages"), "{err}");
    let (_, err) = workspace.irad("model", &["list", "--bin", "nothing"], 2);
    assert!(err.contains("no bin target named `nothing`"), "{err}");
}

#[test]
fn flags_stand_in_any_order() {
    let workspace = Workspace::new();
    let reverse = "reverse my_model::energy(x: &[f64] Duplicated) -> f64 Active";
    for arguments in [
        &["diff", "energy"][..],
        &["diff", "-p", "my-model", "energy", "--lib"],
        &["diff", "--fn", "energy", "--release", "--mode", "reverse"],
        &["--", "diff", "energy", "--columns", "100"],
        &["-p", "my-model", "--columns", "100", "diff", "energy"],
    ] {
        let (out, _) = workspace.irad("model", arguments, 0);
        assert!(out.starts_with(reverse), "{arguments:?}: {out}");
    }
    let (out, _) = workspace.irad("model", &["diff", "Layer::apply"], 0);
    assert!(out.starts_with("forward my_model::Layer::apply("), "{out}");
    let (out, _) = workspace.irad("model", &["list", "--json", "--all"], 0);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["schema"], "list/1");
    let (out, _) = workspace.irad("model", &["--version"], 0);
    assert!(out.starts_with("irad "), "{out}");
}

#[test]
fn generic_functions_are_told_apart_by_their_types() {
    let workspace = Workspace::new();
    let path = workspace.path("model/src/lib.rs");
    let source = fs::read_to_string(&path).unwrap()
        + "pub fn of_both(x: f64, y: f32) -> f64 { twice(x) + f64::from(twice(y)) }\n\
           #[inline(never)]\nfn twice<T: Copy + std::ops::Mul<Output = T>>(x: T) -> T { x * x }\n";
    fs::write(&path, source).unwrap();
    let (out, _) = workspace.irad("model", &["list", "--", "--all"], 0);
    for line in [
        " fn twice<f64>(x: f64) -> f64\n",
        " fn twice<f32>(x: f32) -> f32\n",
    ] {
        assert!(out.contains(line), "{out}");
    }
    let (_, err) = workspace.irad("model", &["diff", "twice"], 2);
    assert!(err.contains("twice could be any of 2 functions"), "{err}");
    // As a shell takes it.
    assert!(
        err.contains("give the whole path: 'my_model::twice::<f"),
        "{err}"
    );
    for name in ["twice<f64>", "my_model::twice::<f64>"] {
        let (out, _) = workspace.irad("model", &["diff", name], 0);
        let heading = "reverse my_model::twice::<f64>(x: f64 Active) -> f64 Active";
        assert!(out.starts_with(heading), "{out}");
    }
}

#[test]
fn two_profiles_are_compared_in_one_command() {
    let workspace = Workspace::new();
    let path = workspace.path("model/src/lib.rs");
    let source = fs::read_to_string(&path).unwrap()
        + "pub fn counted(x: f64, n: u32) -> f64 { x * f64::from(n + 1) }\n";
    fs::write(&path, source).unwrap();
    let dev = ["--profile", "dev", "--against-profile", "release"];
    let (out, _) = workspace.irad("model", &[&["diff", "counted"][..], &dev].concat(), 0);
    let input = "my_model::counted · input";
    assert!(out.contains(&format!("--- dev.ll · {input}")), "{out}");
    assert!(out.contains(&format!("+++ release.ll · {input}")), "{out}");
    // A debug build sees whether a sum overflows.
    let checks = |sign: char| {
        let mut lines = out.lines().filter(|line| line.starts_with(sign));
        lines.any(|line| line.contains("add_overflow"))
    };
    assert!(checks('-') && !checks('+'), "{out}");
    // What a symbol's hash says of the build is no difference.
    assert!(!out.contains("\n+define"), "{out}");
    let reverse = ["--mode", "reverse", "--against-profile=dev"];
    let (out, _) = workspace.irad("model", &[&["diff", "energy"][..], &reverse].concat(), 0);
    assert!(out.starts_with("reverse my_model::energy("), "{out}");
    assert!(
        out.contains("--- release.ll · diffe<my_model::energy> · final"),
        "{out}"
    );
    assert!(
        out.contains("+++ dev.ll · diffe<my_model::energy> · final"),
        "{out}"
    );
    for (arguments, words) in [
        (
            &["list", "--against-profile", "dev"][..],
            "--against-profile is for cargo irad diff",
        ),
        (
            &["diff", "loss", "--against-profile"],
            "--against-profile needs a profile",
        ),
        (&["diff", "--against-profile", "dev"], "which function?"),
    ] {
        let (_, err) = workspace.irad("model", arguments, 2);
        assert!(err.contains(words), "{err}");
    }
}

#[test]
fn flags_that_cannot_be_are_told() {
    let workspace = Workspace::new();
    for (arguments, words) in [
        (
            &["list", "--workspace"][..],
            "--workspace may be several crates",
        ),
        (
            &["list", "--message-format=json"],
            "--message-format is what irad talks",
        ),
        (&["doctor"], "irad doctor takes no file"),
        (
            &["list", "--", "--frobnicate"],
            "unexpected argument '--frobnicate'",
        ),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (&["-p", "my-model"], "which command?"),
    ] {
        let (out, err) = workspace.irad("model", arguments, 2);
        assert!(
            out.is_empty() && err.contains(words),
            "{arguments:?}: {err}"
        );
    }
    assert!(!workspace.path("target").exists());
}

#[test]
fn what_is_missing_is_told_with_what_there_is() {
    let workspace = Workspace::new();
    let (_, err) = workspace.irad("model", &["diff"], 2);
    assert!(err.contains("which function?"), "{err}");
    assert!(err.contains("energy"), "{err}");
    assert!(err.contains("cargo irad list shows them all"), "{err}");
    // A folder that holds nothing but a workspace.
    let virtual_one = workspace.path("Cargo.toml");
    let text = fs::read_to_string(&virtual_one).unwrap();
    assert!(!text.contains("[package]"), "{text}");
    let (_, err) = workspace.irad("", &["list", "--example", "nobody"], 2);
    assert!(
        err.contains("no package of this workspace has nobody"),
        "{err}"
    );
    assert!(err.contains("there are --"), "{err}");
    let (_, err) = workspace.irad("", &["list"], 2);
    assert!(err.contains("workspace of several packages"), "{err}");
    let (_, err) = workspace.irad("", &["diff", "energy", "--wrt", "a b"], 2);
    assert!(
        err.contains("help: cargo irad diff -p my-model energy --wrt 'a b'\n"),
        "{err}"
    );
}

#[test]
fn a_small_function_of_this_platform_is_there() {
    let workspace = Workspace::new();
    let source = workspace.path("model/src/lib.rs");
    let mut text = fs::read_to_string(&source).unwrap();
    text.push_str("\n#[cfg(unix)]\npub fn fall(t: f64) -> f64 {\n    4.905 * t * t\n}\n");
    text.push_str("\n#[cfg(windows)]\npub fn rise(t: f64) -> f64 {\n    4.905 * t\n}\n");
    fs::write(&source, text).unwrap();
    let (out, err) = workspace.irad("model", &["diff", "fall"], 0);
    assert!(out.contains("fall(t: f64 Active)"), "{out}");
    assert!(err.contains("had no code of its own; irad built"), "{err}");
    let (_, err) = workspace.irad("model", &["diff", "rise"], 2);
    assert!(err.contains("which this build may leave out"), "{err}");
}

#[test]
fn it_links_no_llvm() {
    let output = Command::new("ldd")
        .arg(env!("CARGO_BIN_EXE_cargo-irad"))
        .output()
        .unwrap();
    let libraries = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && !libraries.contains("LLVM"),
        "{libraries}"
    );
}
