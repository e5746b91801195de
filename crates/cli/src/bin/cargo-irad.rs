//! `cargo irad`: what cargo calls, which hands over to the `irad` beside it.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let beside = env::current_exe()
        .ok()
        .and_then(|own| Some(own.parent()?.join("irad")))
        .filter(|path| path.is_file());
    let irad = beside.unwrap_or_else(|| "irad".into());
    // cargo puts the subcommand's name first.
    let mut arguments: Vec<_> = env::args_os().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "irad") {
        arguments.remove(0);
    }
    let is_version = |word: &std::ffi::OsString| word == "--version" || word == "-V";
    let mut command = Command::new(&irad);
    if !arguments.first().is_some_and(is_version) {
        command.arg("cargo");
    }
    let error = command.args(arguments).exec();
    eprintln!("error: {} cannot be run: {error}", irad.display());
    ExitCode::from(2)
}
