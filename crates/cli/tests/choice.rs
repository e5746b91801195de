//! A name that several functions have, asked about on a terminal.

use std::fs;
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};

/// Two functions that are called alike, as legacy mangling has them.
const MODULE: &str = "\
define double @_ZN1m5twice17h0123456789abcdefE(double %x) {
  %r = fadd double %x, %x
  ret double %r
}
define double @_ZN1n5twice17h0123456789abcdefE(double %x) {
  %r = fmul double %x, 2.0
  ret double %r
}
";

fn asked(arguments: &[&str]) -> (tempfile::TempDir, PtySession) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("m.ll"), MODULE).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .args(arguments)
        .current_dir(folder.path())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        .env("IRAD_CONFIG", "")
        .env("NO_COLOR", "1")
        .env("TERM", "dumb")
        .env("PAGER", "cat");
    let mut session = spawn_command(command, Some(60_000)).unwrap();
    session.exp_string("twice may mean").unwrap();
    session.exp_string("  1  m::twice").unwrap();
    session.exp_string("  2  n::twice").unwrap();
    session.exp_string("which one? 1 to 2").unwrap();
    (folder, session)
}

#[test]
fn the_chosen_function_is_shown() {
    for arguments in [
        &["show", "m.ll", "twice"][..],
        &["show", "m.ll", "--fn=twice"],
    ] {
        let (_folder, mut session) = asked(arguments);
        session.send_line("2").unwrap();
        session.exp_string("next time: irad show m.ll ").unwrap();
        session.exp_string("n::twice").unwrap();
        session.exp_string("fmul double %x").unwrap();
        session.exp_eof().unwrap();
    }
}

#[test]
fn no_choice_is_the_failure_that_it_was() {
    for answer in ["", "3", "x"] {
        let (_folder, mut session) = asked(&["show", "m.ll", "twice"]);
        session.send_line(answer).unwrap();
        session
            .exp_string("twice could be any of 2 functions")
            .unwrap();
        session.exp_string("give the whole path: m::twice").unwrap();
        session.exp_eof().unwrap();
    }
}
