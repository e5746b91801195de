//! What irad prints, as golden files under `snapshots/`.
//!
//! `make bless` accepts what is printed now; read the difference before committing it.

mod bad_input;
mod check;
mod diffs;
mod emit;
mod explain;
mod help;
mod kernels;
mod layout;
mod passes;
mod promise;
mod refused;
mod requests;
mod roles;
mod shapes;
mod survey;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The top of the repository, where every golden's command runs.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The program, told to look at nothing but its arguments.
fn irad(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .args(arguments)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "PAGER"] {
        command.env_remove(name);
    }
    command
}

/// Both streams and the exit code, as one text.
fn transcript(arguments: &[&str]) -> String {
    let output = irad(arguments).output().unwrap();
    let mut text = format!("$ irad {}\n", arguments.join(" "));
    text.push_str(&stdout(&output));
    let errors = String::from_utf8_lossy(&output.stderr);
    if !errors.is_empty() {
        text.push_str("--- stderr\n");
        text.push_str(&errors);
    }
    text.push_str(&format!("--- exit {}\n", output.status.code().unwrap()));
    text
}

/// What of a transcript stands above the difference, and the exit code.
fn head(text: &str) -> String {
    let (head, rest) = text.split_once("\n---").unwrap();
    let end = rest.rfind("--- exit").unwrap();
    format!("{head}\n{}", &rest[end..])
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Compares with the golden of that name.
fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Versions and hashes come and go; what is said about them stays.
    settings.add_filter(r"LLVM 22\.\d+\.\d+", "LLVM 22.x");
    settings.add_filter(r"17h[0-9a-f]{16}E", "17h0000000000000000E");
    settings.add_filter(r"LLVM23\.\d[-.\w]*", "LLVM23.x");
    settings.add_filter(
        r#""(irad|llvm|enzyme)": "\d+\.\d+\.\d+""#,
        r#""$1": "0.0.0""#,
    );
    settings.add_filter(
        r#""producer": "rustc version [^"]*""#,
        r#""producer": "rustc""#,
    );
    // Times are of the day, and the rest of a line is of the run.
    settings.add_filter(r" +\d+(\.\d)? (µs|ms|s)\b", "  TIME");
    settings.add_filter(r"in \d+\.\d s\b", "in TIME");
    settings.add_filter(r#""nanos": \d+"#, r#""nanos": 0"#);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
