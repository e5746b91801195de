//! Reviewing: a dialogue in a terminal, commands elsewhere.

use std::process::Command;

use rexpect::session::{Options, PtySession, spawn_with_options};

use crate::project::{Project, VARIABLES, body};

#[test]
fn without_a_terminal_there_are_commands() {
    let project = Project::recorded();
    let (code, out, _) = project.run(&["review"]);
    assert_eq!((code, out.as_str()), (0, "no snapshot waits\n"));
    project.change_cube();
    project.run(&["check"]);
    let (code, out, _) = project.run(&["review"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("cube  +"), "{out}");
    assert!(
        out.ends_with("\n  irad snap accept cube\n  irad snap reject cube\n"),
        "{out}"
    );
    assert!(project.exists("snapshots/cube.snap.new"));
    assert_eq!(project.run(&["review", "square root"]).0, 2);
}

/// The program in a terminal of its own.
fn terminal(project: &Project, arguments: &[&str]) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .arg("snap")
        .args(arguments)
        .args(["--pager", "never"])
        .current_dir(project.0.path())
        .env("TERM", "xterm-256color");
    for name in VARIABLES {
        command.env_remove(name);
    }
    let options = Options::new()
        .timeout_ms(Some(20_000))
        .strip_ansi_escape_codes(true);
    spawn_with_options(command, options).unwrap()
}

fn press(terminal: &mut PtySession, key: char) {
    terminal.send(&key.to_string()).unwrap();
    terminal.flush().unwrap();
}

#[test]
fn in_a_terminal_everything_can_be_looked_at_and_decided() {
    let project = Project::recorded();
    project.change_cube();
    let newton = project.read("ir/newton.ll");
    project.write(
        "ir/newton.ll",
        &newton.replace("5.000000e-01", "2.500000e-01"),
    );
    assert_eq!(project.run(&["check"]).0, 1);
    let old = project.read("snapshots/cube.snap");
    let new = project.read("snapshots/cube.snap.new");

    let mut term = terminal(&project, &["review"]);
    term.exp_string("cube (1 of 2)").unwrap();
    term.exp_string("the difference: +").unwrap();
    term.exp_string("a accept").unwrap();
    press(&mut term, 'o');
    term.exp_string("the accepted one").unwrap();
    press(&mut term, 'n');
    term.exp_string("the new one").unwrap();
    press(&mut term, 't');
    term.exp_string("the difference").unwrap();
    press(&mut term, 'v');
    term.exp_string("the difference, side by side: +").unwrap();
    press(&mut term, 's');
    term.exp_string("square root (2 of 2)").unwrap();
    press(&mut term, 'r');
    term.exp_string("0 accepted, 1 rejected, 1 left as they were")
        .unwrap();
    term.exp_eof().unwrap();
    assert!(project.exists("snapshots/cube.snap.new"));
    assert!(!project.exists("snapshots/square_root.snap.new"));
    assert_eq!(project.read("snapshots/cube.snap"), old);

    let mut term = terminal(&project, &["review"]);
    term.exp_string("cube (1 of 1)").unwrap();
    press(&mut term, 'q');
    term.exp_string("0 accepted, 0 rejected, 1 left as they were")
        .unwrap();
    term.exp_eof().unwrap();
    assert_eq!(project.read("snapshots/cube.snap"), old);

    let mut term = terminal(&project, &["review", "cube"]);
    term.exp_string("cube (1 of 1)").unwrap();
    press(&mut term, 'a');
    term.exp_string("1 accepted, 0 rejected, 0 left as they were")
        .unwrap();
    term.exp_eof().unwrap();
    assert!(!project.exists("snapshots/cube.snap.new"));
    assert_eq!(body(&project.read("snapshots/cube.snap")), body(&new));
}

#[test]
fn progress_is_drawn_on_a_terminal_alone() {
    let project = Project::recorded();
    let (_, out, errors) = project.run(&["check"]);
    assert!(!out.contains("/2 ") && errors.is_empty(), "{out}{errors}");
}
