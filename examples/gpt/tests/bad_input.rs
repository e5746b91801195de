//! Each kind of bad input gets one clear error, and no checkpoint is lost over it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn gpt(out: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gpt"))
        .args(arguments)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

/// Fails with exit code 2 and one line that has all of `words`.
fn refused(out: &Path, arguments: &[&str], words: &[&str]) {
    let output = gpt(out, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(errors.len(), 1, "{said}");
    for word in words {
        assert!(errors[0].contains(word), "{word:?} is not in: {said}");
    }
}

const TINY: [&str; 9] = [
    "train",
    "--size",
    "tiny",
    "--steps",
    "3",
    "--gradient",
    "irad",
    "--model",
    "idiomatic",
];

fn tiny<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&TINY[..], more].concat()
}

#[test]
fn texts_that_cannot_be_learnt_from() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    refused(
        &out,
        &tiny(&["--text", &file("empty", "")]),
        &["the text is empty"],
    );
    let short = file("short", &"ab".repeat(100));
    refused(
        &out,
        &tiny(&["--time", "50", "--text", &short]),
        &["50 characters", "held out", "smaller --time"],
    );
    refused(
        &out,
        &tiny(&["--text", "no/such/file"]),
        &["cannot read no/such/file"],
    );
    fs::write(folder.path().join("binary"), [0xff, 0xfe, 0x00]).unwrap();
    let binary = folder.path().join("binary");
    refused(
        &out,
        &tiny(&["--text", binary.to_str().unwrap()]),
        &["cannot read", "UTF-8"],
    );
    assert!(!out.exists(), "nothing was written");
}

#[test]
fn models_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["layers", "heads", "channels", "time", "batch"] {
        let flag = format!("--{part}");
        refused(
            folder.path(),
            &tiny(&[&flag, "0"]),
            &[&format!("--{part} is 0")],
        );
    }
    refused(
        folder.path(),
        &tiny(&["--heads", "3"]),
        &["16 channels", "3 heads"],
    );
    refused(
        folder.path(),
        &tiny(&["--batch", "16000", "--time", "16000"]),
        &["more than the C program"],
    );
    refused(
        folder.path(),
        &tiny(&["--size", "huge"]),
        &["huge is no size", "tiny"],
    );
    refused(
        folder.path(),
        &tiny(&["--layers", "two"]),
        &["--layers is a number"],
    );
    refused(
        folder.path(),
        &tiny(&["--layer", "2"]),
        &["there is no flag --layer"],
    );
    refused(folder.path(), &["learn"], &["there is no command learn"]);
}

#[test]
fn characters_that_the_model_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    refused(
        out,
        &tiny(&["--prompt", "caf\u{e9}"]),
        &["the prompt has 'é' at character 4"],
    );
    let trained = gpt(out, &tiny(&[]));
    assert!(
        trained.status.success(),
        "{}",
        String::from_utf8_lossy(&trained.stderr)
    );
    let saved = fs::read(out.join("idiomatic-irad.checkpoint")).unwrap();
    refused(
        out,
        &["sample", "--prompt", "\u{3c0}"],
        &["'π' at character 1"],
    );
    refused(out, &["sample", "--prompt", ""], &["the prompt is empty"]);
    // Another text, with a character that the saved model never met.
    let text = out.join("greek.txt");
    fs::write(&text, "αβ".repeat(500)).unwrap();
    refused(
        out,
        &tiny(&["--resume", "--text", text.to_str().unwrap()]),
        &["the text has 'α' at character 1"],
    );
    assert_eq!(
        fs::read(out.join("idiomatic-irad.checkpoint")).unwrap(),
        saved
    );
    assert!(gpt(out, &["sample", "--prompt", "irad"]).status.success());
}

#[test]
fn checkpoints_that_do_not_fit_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let path = out.join("idiomatic-irad.checkpoint");
    refused(
        out,
        &tiny(&["--resume"]),
        &["cannot read", "idiomatic-irad.checkpoint"],
    );
    assert!(gpt(out, &tiny(&[])).status.success());
    let saved = fs::read(&path).unwrap();

    refused(
        out,
        &tiny(&["--resume", "--layers", "2"]),
        &["of another size", "layers 1", "layers 2"],
    );
    assert_eq!(fs::read(&path).unwrap(), saved);

    let damage: [(&str, Vec<u8>); 4] = [
        ("no checkpoint", b"something else".to_vec()),
        ("no checkpoint", Vec::new()),
        ("checksum", saved[..saved.len() / 2].to_vec()),
        ("checksum", {
            let mut bytes = saved.clone();
            bytes[200] ^= 1;
            bytes
        }),
    ];
    for (word, bytes) in damage {
        fs::write(&path, &bytes).unwrap();
        refused(out, &tiny(&["--resume"]), &[word]);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    // A run from the start puts what is there aside.
    fs::write(&path, &saved).unwrap();
    assert!(gpt(out, &tiny(&[])).status.success());
    assert_eq!(
        fs::read(out.join("idiomatic-irad.checkpoint.old")).unwrap(),
        saved
    );
}

#[test]
fn a_run_that_is_interrupted_saves_and_goes_on() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let path = folder.path().join("idiomatic-irad.checkpoint");
    let flags = [
        "train",
        "--size",
        "tiny",
        "--gradient",
        "irad",
        "--steps",
        "1000000",
        "--out",
        out,
    ];
    let mut child = Command::new(env!("CARGO_BIN_EXE_gpt"))
        .args(flags)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let id = child.id().to_string();
    assert!(Command::new("kill")
        .args(["-INT", &id])
        .status()
        .unwrap()
        .success());
    let start = Instant::now();
    let output = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "Ctrl-C was not heard"
        );
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(output.success(), "{output}");
    let first = gpt::checkpoint::Checkpoint::load(&path).unwrap().step;
    assert!(first > 0);
    let more = (first + 3).to_string();
    let flags = [
        "train",
        "--size",
        "tiny",
        "--gradient",
        "irad",
        "--steps",
        &more,
        "--resume",
    ];
    assert!(gpt(folder.path(), &flags).status.success());
    assert_eq!(
        gpt::checkpoint::Checkpoint::load(&path).unwrap().step,
        first + 3
    );
}

#[test]
fn the_compilers_gradient_where_it_was_not_built() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("libgpt_nightly.so");
    let with = |library: &Path, words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_gpt"))
            .args(["check", "--size", "tiny", "--gradient", "nightly"])
            .env("GPT_NIGHTLY", library)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in: {said}");
        }
    };
    with(&nowhere, &["no file is at", "nightly.sh"]);
    fs::write(&nowhere, "no library").unwrap();
    with(
        &nowhere,
        &["there is no gradient by the compiler", "nightly.sh"],
    );
}
