//! Each command's `--help` has examples, and each of them runs as it stands there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// What the examples' files are: a name in an example, and the fixture that it stands for.
const FILES: [(&str, &str); 9] = [
    ("layer.ll", "model.ll"),
    ("model.ll", "model.ll"),
    ("old.ll", "model.ll"),
    ("new.ll", "model.ll"),
    ("large.ll", "model.ll"),
    ("crate.ll", "model.ll"),
    ("in.ll", "autodiff_global.ll"),
    ("nightly.ll", "nightly.ll"),
    ("chain.ll", "refused/chain.ll"),
];

/// Functions that the examples take for granted beside what a fixture has: a module's text is put
/// behind the fixture's.
const MORE: [(&str, &str); 2] = [
    (
        "model.ll",
        "define double @backward(double %x) {\n  %y = fmul double %x, 2.0\n  ret double %y\n}\n",
    ),
    // A layer, and its backward function, written by hand.
    (
        "layer.ll",
        "
define void @forward(ptr noalias noundef align 8 dereferenceable(8) %out, ptr noalias noundef readonly align 8 dereferenceable(8) %x) {
  %v = load double, ptr %x, align 8
  %y = fmul double %v, 2.0
  store double %y, ptr %out, align 8
  ret void
}
define void @backward(ptr noalias noundef align 8 dereferenceable(8) %dx, ptr noalias noundef readonly align 8 dereferenceable(8) %dout, double noundef %scale) {
  %g = load double, ptr %dout, align 8
  %p = fmul double %g, %scale
  %o = load double, ptr %dx, align 8
  %s = fadd double %o, %p
  store double %s, ptr %dx, align 8
  ret void
}
",
    ),
];

/// Examples that find a difference, or that need what there is not here, a terminal: what they end with.
const ENDS: [(&str, i32); 6] = [
    ("irad explore model.ll", 2),
    ("irad explore model.ll --fn loss --mode reverse", 2),
    ("irad explore loss.trace", 2),
    ("irad explore model.rs --fn loss --watch", 2),
    ("irad explore --present talk/TALK.toml", 2),
    ("irad explore --notes talk/TALK.toml", 2),
];

/// Commands of the repository's own `--help` that are not for people.
const WITHOUT: [&str; 0] = [];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn help(command: &str) -> String {
    let mut irad = Command::new(env!("CARGO_BIN_EXE_irad"));
    irad.args((!command.is_empty()).then_some(command))
        .arg("--help");
    String::from_utf8(irad.output().unwrap().stdout).unwrap()
}

/// The commands that `irad --help` shows, but for clap's own `help`.
fn commands() -> Vec<String> {
    let help = help("");
    let until = help.find("\nOptions:").unwrap();
    help[..until]
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|name| *name != "help" && !WITHOUT.contains(name))
        .map(str::to_owned)
        .collect()
}

/// The lines below `Examples:`.
fn examples(command: &str) -> Vec<String> {
    let help = help(command);
    let Some((_, after)) = help.split_once("\nExamples:\n") else {
        return Vec::new();
    };
    after
        .lines()
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.trim().to_owned())
        .collect()
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

/// The entry that examples about snapshots name.
const ENTRY: &str = "\
[[entry]]
name = \"loss\"
input = \"model.ll\"
function = \"loss\"
mode = \"reverse\"
";

/// A folder with what the examples name in it: a small package, and the files beside its manifest.
fn place() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("fixtures/workspace"), folder.path());
    for (name, fixture) in FILES {
        let mut text = fs::read_to_string(root().join("fixtures").join(fixture)).unwrap();
        for (to, more) in MORE {
            if to == name {
                text.push_str(more);
            }
        }
        fs::write(folder.path().join("model").join(name), text).unwrap();
    }
    fs::write(folder.path().join("model/irad.toml"), ENTRY).unwrap();
    let recorded = run("irad snap record", folder.path());
    assert!(recorded.status.success());
    folder
}

fn run(line: &str, folder: &Path) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_irad")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .current_dir(folder.join("model"))
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("MANPAGER", "cat");
    for name in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET_DIR",
        "CI",
        "INSTA_UPDATE",
        "INSTA_WORKSPACE_ROOT",
    ] {
        shell.env_remove(name);
    }
    shell.output().unwrap()
}

#[test]
fn every_command_has_examples_and_they_run() {
    let folder = place();
    let commands = commands();
    assert!(commands.len() > 8, "{commands:?}");
    for command in commands {
        let examples = examples(&command);
        assert!(
            !examples.is_empty(),
            "irad {command} --help has no examples"
        );
        for line in examples {
            let is_own = line.starts_with("irad ") || line.starts_with("cargo irad ");
            assert!(is_own, "{line}: an example is a command of irad's");
            // These take a nightly compiler: `nightly.rs` has such commands.
            if line.contains(" +nightly ") || line.contains(" toolchain ") {
                continue;
            }
            let output = run(&line, folder.path());
            let expected = ENDS
                .iter()
                .find(|(other, _)| *other == line)
                .map_or(0, |(_, code)| *code);
            assert_eq!(
                output.status.code(),
                Some(expected),
                "{line}\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

/// Manual pages are made of the same definitions.
#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("deep/man1");
    let made = Command::new(env!("CARGO_BIN_EXE_irad"))
        .arg("man")
        .arg(&pages)
        .output()
        .unwrap();
    assert!(made.status.success());
    let page = |name: &str| fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
    for command in commands() {
        let text = page(&format!("irad-{command}"));
        assert!(text.contains(".SH SYNOPSIS"), "{command}");
        for example in examples(&command) {
            // In the pages' language these three are written otherwise.
            let written = example
                .replace('\\', "\\e")
                .replace('-', "\\-")
                .replace('\'', "\\*(Aq");
            assert!(text.contains(&written), "{command}: {example}");
        }
    }
    assert!(page("irad").contains("irad"));
    assert!(page("cargo-irad").contains("cargo irad"));
    assert!(!pages.join("irad-still-fails.1").exists());
    assert!(!pages.join("irad-help.1").exists());
}
