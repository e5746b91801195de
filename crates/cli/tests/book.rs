//! Every command of the book is run, and its output compared with what the chapter shows.
//!
//! A chapter is one session of a shell, in an empty folder that has the repository's `fixtures` in it. Blocks marked
//! `console` hold commands, behind `$ `, and what they print, on a terminal of 80 columns. `…` stands for anything
//! within a line, the blanks around it included, and on a line of its own for any lines. A command that fails has
//! `$ echo $?` after it. A block after `<!-- write PATH -->` becomes that file; one after `<!-- part of PATH -->` must
//! stand in that file.
//!
//! `INSTA_UPDATE=always` writes what is printed now into blocks that have no `…`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Ends the output of a command, before its exit code.
const END: &str = "@@end of output@@";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn source() -> PathBuf {
    root().join("docs/learn/src")
}

/// A step of a chapter.
enum Step {
    /// A command, and the lines of the chapter that its output is compared with.
    Run {
        command: String,
        expected: Vec<String>,
        /// The number of the first of these lines.
        at: usize,
    },
    /// A file that is written.
    Write { path: String, text: String },
    /// A part of a file of the repository.
    PartOf { path: String, text: String },
}

fn marker<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    line.trim()
        .strip_prefix("<!-- ")?
        .strip_suffix(" -->")?
        .strip_prefix(word)
}

fn steps(lines: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut mark: Option<&str> = None;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        let Some(language) = line.strip_prefix("```") else {
            match line.trim() {
                "" => {}
                found if found.starts_with("<!-- ") => mark = Some(found),
                _ => mark = None,
            }
            continue;
        };
        let end = at + lines[at..].iter().position(|line| *line == "```").unwrap();
        let block = &lines[at..end];
        let text = || block.iter().map(|line| format!("{line}\n")).collect();
        if let Some(path) = mark.and_then(|mark| marker(mark, "write ")) {
            let path = path.to_owned();
            steps.push(Step::Write { path, text: text() });
        } else if let Some(path) = mark.and_then(|mark| marker(mark, "part of ")) {
            let path = path.to_owned();
            steps.push(Step::PartOf { path, text: text() });
        } else if language == "console" {
            for (offset, line) in block.iter().enumerate() {
                if let Some(command) = line.strip_prefix("$ ") {
                    steps.push(Step::Run {
                        command: command.to_owned(),
                        expected: Vec::new(),
                        at: at + offset + 1,
                    });
                    continue;
                }
                let Some(Step::Run {
                    command,
                    expected,
                    at,
                }) = steps.last_mut()
                else {
                    panic!("{line}: no command stands above");
                };
                match line.strip_prefix("> ") {
                    Some(more) if expected.is_empty() => {
                        command.push('\n');
                        command.push_str(more);
                        *at += 1;
                    }
                    _ => expected.push((*line).to_owned()),
                }
            }
        }
        mark = None;
        at = end + 1;
    }
    steps
}

/// True for a line as the chapter has it.
fn is_like(line: &str, expected: &str) -> bool {
    let Some((first, rest)) = expected.split_once('…') else {
        return line == expected;
    };
    let Some(mut line) = line.strip_prefix(first.trim_end()) else {
        return false;
    };
    let (between, last) = rest.rsplit_once('…').unwrap_or(("", rest));
    for part in between.split('…').map(str::trim) {
        match line.find(part) {
            Some(at) => line = &line[at + part.len()..],
            None => return false,
        }
    }
    line.ends_with(last.trim_start())
}

/// True for lines as the chapter has them.
fn are_like(lines: &[&str], expected: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=lines.len()).any(|skipped| are_like(&lines[skipped..], rest))
        }
        Some((first, rest)) => lines
            .split_first()
            .is_some_and(|(line, lines)| is_like(line, first) && are_like(lines, rest)),
    }
}

/// One script of all the chapter's commands. Each of them finds the exit code of the one before in `$?`.
fn script(steps: &[Step]) -> String {
    let mut script = String::from("exec 2>&1\ncode=0\n");
    for step in steps {
        match step {
            Step::Run { command, .. } => script.push_str(&format!(
                "(exit $code)\n{command}\ncode=$?\nprintf '\\n{END}%s\\n' $code\n"
            )),
            Step::Write { path, text } => script.push_str(&format!(
                "mkdir -p \"$session/$(dirname {path})\"\ncat > \"$session/{path}\" <<'{END}'\n{text}{END}\n"
            )),
            Step::PartOf { .. } => {}
        }
    }
    script
}

fn chapter(name: &str) {
    let path = source().join(format!("{name}.md"));
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let steps = steps(&lines);
    let session = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root().join("fixtures"), session.path().join("fixtures")).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_irad")).parent().unwrap();
    let found = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    shell
        .args(["--norc", "--noprofile", "-c", &script(&steps)])
        .current_dir(session.path())
        .stdin(Stdio::null())
        .env("session", session.path())
        .env("PATH", format!("{}:{found}", programs.display()))
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("IRAD_COLUMNS", "80")
        .env("IRAD_CHECK_LIMIT", "60")
        .env("IRAD_CONFIG", "");
    for (name, _) in std::env::vars() {
        // What cargo tells the tests is not for the cargo of a session.
        let is_kept = ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"].contains(&name.as_str());
        if (name.starts_with("CARGO") || name.starts_with("RUST")) && !is_kept {
            shell.env_remove(name);
        }
    }
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "PAGER"] {
        shell.env_remove(name);
    }
    let output = shell.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let end = format!("\n{END}");
    let mut outputs = printed.split(&end);
    let mut next = outputs.next().unwrap_or_default();
    let mut failures = Vec::new();
    let mut edits: Vec<(usize, usize, Vec<String>)> = Vec::new();
    let mut failed: Option<String> = None;
    for step in &steps {
        match step {
            Step::Write { .. } => {}
            Step::PartOf { path, text } => {
                let whole = fs::read_to_string(root().join(path)).unwrap();
                if !whole.contains(text.as_str()) {
                    failures.push(format!("{path} does not hold this:\n{text}"));
                }
            }
            Step::Run {
                command,
                expected,
                at,
            } => {
                if let Some(failed) = failed.take().filter(|_| command != "echo $?") {
                    failures.push(format!("{failed} failed, and no `$ echo $?` follows"));
                }
                let shown: Vec<&str> = next.lines().map(str::trim_end).collect();
                // Empty lines at the end are the mark's, or stand before the next command.
                let last = expected.iter().rposition(|line| !line.is_empty());
                let expected = &expected[..last.map_or(0, |at| at + 1)];
                let last = shown.iter().rposition(|line| !line.is_empty());
                let shown = &shown[..last.map_or(0, |at| at + 1)];
                if !are_like(shown, expected) {
                    let is_whole = !expected.iter().any(|line| line.contains('…'));
                    let owned = shown.iter().map(|line| (*line).to_owned()).collect();
                    if is_whole {
                        edits.push((*at, expected.len(), owned));
                    }
                    failures.push(format!(
                        "$ {command}\n--- shown in the chapter, line {at}\n{}\n--- printed\n{}",
                        expected.join("\n"),
                        shown.join("\n")
                    ));
                }
                let rest = outputs.next().unwrap_or_default();
                let (code, rest) = rest.split_once('\n').unwrap_or((rest, ""));
                if code != "0" {
                    failed = Some(format!("$ {command}"));
                }
                next = rest;
            }
        }
    }
    if let Some(failed) = failed {
        failures.push(format!("{failed} failed, and no `$ echo $?` follows"));
    }
    let blesses = std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always");
    if blesses && !edits.is_empty() {
        let owned: Vec<String> = edits.iter().flat_map(|(.., new)| new.clone()).collect();
        let mut taken = owned.iter().map(String::as_str);
        let mut pieces: Vec<(usize, usize, Vec<&str>)> = Vec::new();
        for (at, count, new) in &edits {
            pieces.push((*at, *count, taken.by_ref().take(new.len()).collect()));
        }
        for (at, count, new) in pieces.into_iter().rev() {
            lines.splice(at..at + count, new);
        }
        fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();
    }
    assert!(
        failures.is_empty(),
        "docs/learn/src/{name}.md is not what happens (… stands for anything; INSTA_UPDATE=always writes what \
         is printed into blocks without it):\n\n{}",
        failures.join("\n\n")
    );
}

macro_rules! chapters {
    ($($test:ident => $name:literal,)+) => {
        $(
            #[test]
            fn $test() {
                chapter($name);
            }
        )+
        const CHAPTERS: &[&str] = &[$($name),+];
    };
}

chapters! {
    a_first_gradient => "gradient",
    making_ir => "ir",
    forward_and_reverse => "modes",
    what_each_pass_did => "passes",
    is_it_right => "check",
    what_is_wrong => "wrong",
    faster_and_used => "use",
    a_bug_that_gets_fixed => "bug",
}

/// Each chapter of the summary is run, and no other; links between chapters lead somewhere.
#[test]
fn the_summary_has_these_chapters() {
    let summary = fs::read_to_string(source().join("SUMMARY.md")).unwrap();
    let listed: Vec<&str> = summary
        .lines()
        .filter(|line| line.trim_start().starts_with("- ["))
        .filter_map(|line| line.split_once("](")?.1.strip_suffix(".md)"))
        .collect();
    assert_eq!(listed, CHAPTERS);
    for entry in fs::read_dir(source()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let target = target.0.split('#').next().unwrap();
            let is_file = !target.is_empty() && !target.contains("://");
            assert!(
                !is_file || source().join(target).exists(),
                "{}: {target}",
                path.display()
            );
        }
    }
}

#[test]
fn an_ellipsis_stands_for_anything() {
    let own = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>()
    };
    assert!(is_like("right at 40 points", "right at … points"));
    assert!(!is_like("right at 40 point", "right at … points"));
    assert!(!is_like("right", "right at"));
    assert!(is_like("5    74 µs █  SROA", "5        … █  SROA"));
    assert!(!is_like("5    74 µs █  SROA", "5        … ▒  SROA"));
    assert!(is_like("a 1 b 2 c", "a … b … c") && !is_like("a 1 c", "a … b … c"));
    assert!(are_like(&["a", "b", "c"], &own(&["a", "…", "c"])));
    assert!(are_like(&["a", "c"], &own(&["a", "…", "c"])));
    assert!(!are_like(&["a", "b"], &own(&["a"])));
}
