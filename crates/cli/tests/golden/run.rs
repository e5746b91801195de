//! Runs irad for the goldens, and compares what it printed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The top of the repository, where every golden's command runs.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The program, told to look at nothing but its arguments.
pub fn irad(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_irad"));
    command
        .args(arguments)
        .current_dir(root())
        .env("IRAD_ENGINE", env!("CARGO_BIN_EXE_irad-engine-22"))
        // Tests run side by side, and what is printed must not depend on that.
        .env("IRAD_CHECK_LIMIT", "60")
        .env("IRAD_CONFIG", "");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "PAGER"] {
        command.env_remove(name);
    }
    command
}

/// Both streams and the exit code, as one text.
pub fn transcript(arguments: &[&str]) -> String {
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
pub fn head(text: &str) -> String {
    let (head, rest) = text.split_once("\n---").unwrap();
    let end = rest.rfind("--- exit").unwrap();
    format!("{head}\n{}", &rest[end..])
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Compares with the golden of that name.
pub fn check(name: &str, text: &str) {
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
    // How long the time is must not decide where the line ends.
    settings.add_filter(r";\s+TIME\s+in\s+all", ";  TIME in all");
    settings.add_filter(r#""nanos": \d+"#, r#""nanos": 0"#);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Makes each row of a table a test of its own: they run side by side, and a failure names its row.
///
/// The name of a row is the test's. The function gets it, and the row.
macro_rules! rows {
    ($test:ident: $($name:ident => $row:expr,)+) => {
        $(
            #[test]
            fn $name() {
                $test(stringify!($name), $row);
            }
        )+
    };
    ($test:ident, $table:ident: [$of:ty]: $($name:ident => $row:expr,)+) => {
        const $table: &[(&str, $of)] = &[$((stringify!($name), $row)),+];
        rows! { $test: $($name => $row,)+ }
    };
}

pub(crate) use rows;
