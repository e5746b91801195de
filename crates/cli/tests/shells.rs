//! Completion in real shells: bash, zsh and fish read what `irad completions` prints and are asked
//! what could come next.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// What a shell's script prints.
fn shell(program: &str, arguments: &[&str], script: &str) -> String {
    shell_in(&root(), program, arguments, script)
}

fn shell_in(folder: &Path, program: &str, arguments: &[&str], script: &str) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_irad")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(program)
        .args(arguments)
        .arg(script)
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("TERM", "dumb")
        .output()
        .unwrap_or_else(|error| panic!("{program} is missing ({error}): scripts/setup.sh test"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A command line whose last word is begun, and what that word may become.
const LINES: [(&str, &[&str]); 9] = [
    ("irad pas", &["passes"]),
    ("irad diff fixtures/model.ll --mo", &["--mode", "--module"]),
    (
        "irad diff fixtures/model.ll --mode ",
        &["forward", "reverse"],
    ),
    ("irad diff fixtures/model.ll --theme Drac", &["Dracula"]),
    ("irad diff fixtures/newt", &["fixtures/newton.ll"]),
    ("irad diff fixtures/newton.ll --fn squ", &["square_root"]),
    (
        "irad passes fixtures/nightly.ll --fn dg_f",
        &["dg_four", "dg_four_only"],
    ),
    ("irad show fixtures/bitcode.bc --fn soft", &["softplus"]),
    (
        "irad diff fixtures/branch.ll --fn huber --against le",
        &["leaky_relu"],
    ),
];

#[test]
fn bash_completes() {
    for (line, expected) in LINES {
        let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
        let last = line.rsplit(' ').next().unwrap();
        let script = format!(
            "source <(irad completions bash)
             COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9
             _clap_complete_irad irad '{last}' ''
             printf '%s\\n' \"${{COMPREPLY[@]}}\"
             complete -p irad",
            words.join(" "),
            words.len() - 1
        );
        let said = shell("bash", &["--norc", "-c"], &script);
        let (found, registered): (Vec<&str>, Vec<&str>) = said
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .partition(|line| !line.starts_with("complete "));
        assert_eq!(found, expected, "{line}");
        assert!(
            registered
                .iter()
                .any(|line| line.contains("-F _clap_complete_irad irad"))
        );
    }
}

#[test]
fn fish_completes() {
    for (line, expected) in LINES {
        let script = format!("irad completions fish | source; complete -C '{line}'");
        let said = shell("fish", &["--no-config", "-c"], &script);
        // A description follows a tab.
        let found: Vec<&str> = said
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        assert_eq!(found, expected, "{line}");
    }
}

/// zsh completes only for somebody who types, so it runs on a terminal of its own, and a tab is typed.
fn zsh_completes_in(folder: &Path, lines: &[(&str, &[&str])]) {
    let setup = "autoload -U compinit; compinit -u -D; source <(irad completions zsh)";
    zsh_completes_after(setup, folder, lines);
}

fn zsh_completes_after(setup: &str, folder: &Path, lines: &[(&str, &[&str])]) {
    for (line, expected) in lines.iter().filter(|(_, expected)| expected.len() == 1) {
        let script = format!(
            r#"zmodload zsh/zpty
zpty -b z 'zsh -f -i'
answer() {{
  local out all='' until=$((SECONDS + 20))
  while (( SECONDS < until )); do
    if zpty -r -t z out; then all+=$out; else sleep 0.05; fi
    [[ $all == *$1* ]] && break
  done
  print -r -- $all
}}
zpty -w z 'PROMPT=; {setup}; print REA''DY'
answer READY >/dev/null
zpty -w -n z $'{line}\t'
sleep 1
zpty -w -n z $'\x01print -r -- LI""NE \n'
answer $'\nLINE '
zpty -d z"#
        );
        let said = shell_in(folder, "zsh", &["-f", "-c"], &script);
        let typed = line.rsplit_once(' ').unwrap().0;
        let whole = format!("LINE {typed} {}", expected[0]);
        assert!(said.contains(&whole), "{line}: {said}");
    }
}

#[test]
fn zsh_completes() {
    zsh_completes_in(&root(), &LINES);
}

#[test]
fn zsh_completes_cargo_irad() {
    zsh_completes_in(built().path(), &OF_CARGO);
}

/// What `make install` writes for zsh is found where zsh looks for completions.
#[test]
fn zsh_completes_from_what_is_installed() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    for file in ["_irad", "_cargo-irad", "_irad_cargo"] {
        assert!(
            makefile.contains(&format!("site-functions/{file}\n")),
            "{file}"
        );
    }
    let functions = tempfile::tempdir().unwrap();
    let script = shell("sh", &["-c"], "irad completions zsh");
    let write = |file: &str, first: &str, last: &str| {
        let text = format!("{first}\n{script}\n{last}\n");
        std::fs::write(functions.path().join(file), text).unwrap();
    };
    write("_irad", "#compdef irad", "_clap_dynamic_completer_irad");
    write("_irad_cargo", "#compdef cargo", "_irad_cargo \"$@\"");
    let folder = functions.path().display();
    let setup = format!("fpath=({folder} $fpath); autoload -U compinit; compinit -u -D");
    zsh_completes_after(&setup, &root(), &LINES[..1]);
    zsh_completes_after(&setup, built().path(), &OF_CARGO[..1]);
}

/// The same of `cargo irad`, in the folder of a crate that was built.
const OF_CARGO: [(&str, &[&str]); 7] = [
    ("cargo irad pas", &["passes"]),
    ("cargo irad diff --feat", &["--features"]),
    ("cargo irad diff --mo", &["--mode", "--module"]),
    ("cargo irad diff los", &["loss"]),
    ("cargo irad diff -p model --fn los", &["loss"]),
    ("cargo irad diff loss --mode rev", &["reverse"]),
    ("cargo irad diff loss --theme Drac", &["Dracula"]),
];

/// A crate's folder with what `cargo irad` left there.
fn built() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let deps = folder.path().join("target/irad/release/deps");
    std::fs::create_dir_all(&deps).unwrap();
    let module = root().join("fixtures/model.ll");
    std::fs::copy(module, deps.join("model-0123456789abcdef.ll")).unwrap();
    folder
}

#[test]
fn bash_completes_cargo_irad() {
    let folder = built();
    for (line, expected) in OF_CARGO {
        let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
        let last = line.rsplit(' ').next().unwrap();
        let script = format!(
            "source <(irad completions bash)
             COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9
             _irad_cargo cargo '{last}' ''
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() - 1
        );
        let said = shell_in(folder.path(), "bash", &["--norc", "-c"], &script);
        let found: Vec<&str> = said.lines().map(str::trim).collect();
        assert_eq!(found, expected, "{line}");
    }
    // What is cargo's stays cargo's.
    let script = "_cargo() { COMPREPLY=(its own); }
        source <(irad completions bash)
        COMP_WORDS=(cargo bui); COMP_CWORD=1; COMP_TYPE=9
        _irad_cargo cargo bui ''
        echo \"${COMPREPLY[@]}\"; complete -p cargo";
    let said = shell_in(folder.path(), "bash", &["--norc", "-c"], script);
    assert!(said.starts_with("its own\n"), "{said}");
    assert!(said.contains("-F _irad_cargo cargo"), "{said}");
}

#[test]
fn fish_completes_cargo_irad() {
    let folder = built();
    for (line, expected) in OF_CARGO {
        let script = format!("irad completions fish | source; complete -C '{line}'");
        let said = shell_in(folder.path(), "fish", &["--no-config", "-c"], &script);
        let found: Vec<&str> = said
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        // fish may know of flags that cargo has.
        for wanted in expected {
            assert!(found.contains(wanted), "{line}: {found:?}");
        }
    }
}

#[test]
fn each_shells_script_asks_irad() {
    for shell in ["bash", "zsh", "fish"] {
        let output = Command::new(env!("CARGO_BIN_EXE_irad"))
            .args(["completions", shell])
            .output()
            .unwrap();
        assert!(output.status.success());
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("IRAD_COMPLETE"),
            "{shell}"
        );
    }
    let unknown = Command::new(env!("CARGO_BIN_EXE_irad"))
        .args(["completions", "tcsh"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}
