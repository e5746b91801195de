//! The README's commands, one after the other, as somebody types them who has nothing but the README and the fixtures.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What has tests of its own, takes minutes, or needs a terminal.
const ELSEWHERE: [&str; 8] = [
    "cargo irad",
    "irad explore",
    "irad snap review",
    "irad reduce",
    // `emit.rs` builds what these two link.
    "rustc -O --edition 2024 --crate-type rlib",
    "rustc -O --edition 2024 main.rs",
    "make ",
    // `shells.rs` has a shell read them.
    "source ",
];

/// Commands that end with another code than zero, and why.
const CODES: [(&str, i32); 2] = [
    // Exit code 1 says that the two differ.
    ("irad diff model.rs edited.rs --fn loss --exit-code", 1),
    // It finds where a derivative is wrong.
    ("irad locate fixtures/numeric/stencils.ll", 1),
];

/// The blocks of a language, in their order.
fn blocks<'r>(readme: &'r str, languages: &[&str]) -> Vec<&'r str> {
    let mut parts = readme.split("\n```");
    let mut found = Vec::new();
    parts.next();
    while let (Some(block), next) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap_or((block, ""));
        if languages.contains(&language) {
            found.push(text);
        }
        if next.is_none() {
            break;
        }
    }
    found
}

/// The commands of a block: words behind `#` are the reader's, and a line that ends with `\` goes on.
fn commands(block: &str) -> Vec<String> {
    let joined = block.replace("\\\n", " ");
    joined
        .lines()
        .map(|line| line.strip_prefix("$ ").unwrap_or(line).trim())
        .filter(|line| {
            let begins = [
                "irad ", "rustc ", "sed ", "cp ", "source ", "cargo ", "make ",
            ];
            begins.iter().any(|word| line.starts_with(word))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_can_be_typed() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let here = folder.path().join("here");
    for made in [&here, &home.join(".config/fish/completions")] {
        fs::create_dir_all(made).unwrap();
    }
    symlink(
        root().canonicalize().unwrap().join("fixtures"),
        here.join("fixtures"),
    )
    .unwrap();
    let toml = blocks(&readme, &["toml"]);
    let entry = toml.iter().find(|block| block.starts_with("[[entry]]"));
    fs::write(here.join("irad.toml"), entry.unwrap()).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_irad")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut ran = 0;
    for command in blocks(&readme, &["sh", "console"])
        .into_iter()
        .flat_map(commands)
    {
        if ELSEWHERE.iter().any(|start| command.starts_with(start)) {
            continue;
        }
        let cargo_home = std::env::var("CARGO_HOME").ok();
        let rustup_home = std::env::var("RUSTUP_HOME").ok();
        let users = std::env::var("HOME").unwrap_or_default();
        let output = Command::new("bash")
            .args(["-c", &command])
            .current_dir(&here)
            .env("PATH", format!("{}:{path}", programs.display()))
            .env(
                "CARGO_HOME",
                cargo_home.unwrap_or(format!("{users}/.cargo")),
            )
            .env(
                "RUSTUP_HOME",
                rustup_home.unwrap_or(format!("{users}/.rustup")),
            )
            .env("HOME", &home)
            .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
            .env("IRAD_CHECK_LIMIT", "60")
            .env_remove("IRAD_CONFIG")
            .output()
            .unwrap();
        let expected = CODES
            .iter()
            .find(|(start, _)| command.starts_with(start))
            .map_or(0, |(_, code)| *code);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{command}\n{errors}");
        ran += 1;
    }
    // That many are there: a README without them would pass by saying nothing.
    assert!(ran > 50, "{ran}");
}

/// A screen after the picture has the first derivative of the reader's own crate.
#[test]
fn the_first_derivative_is_on_the_first_screen() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let text = readme.split_once("</picture>").unwrap().1;
    let line = text
        .lines()
        .position(|line| line.starts_with("cargo irad diff loss"));
    assert!(line.is_some_and(|line| line < 24), "{line:?}");
}
