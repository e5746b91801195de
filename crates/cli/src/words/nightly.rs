//! What is said when a nightly cannot be used.

use session::nightly::error::NightlyError;
use session::nightly::link::LLVM_MAJOR;
use session::nightly::not_fetched::NotFetched;

use crate::exit;
use crate::failure::Failure;

/// So many of a program's lines are shown.
const LINES: usize = 8;

impl From<NightlyError> for Failure {
    fn from(error: NightlyError) -> Self {
        let title = error.to_string();
        let failure = Failure::usage("toolchain", title);
        let said = |mut failure: Failure, said: &str| {
            let lines = said.lines().filter(|line| !line.trim().is_empty());
            failure.notes.extend(lines.take(LINES).map(str::to_owned));
            failure
        };
        match error {
            NightlyError::NoToolchain { name, said: words } => {
                said(failure, &words).help(format!("rustup toolchain install {name}"))
            }
            NightlyError::Rustup { said: words, .. } => said(failure, &words),
            NightlyError::CannotRun { .. } => {
                failure.help("cargo irad +nightly needs rustup, a nightly, and a C compiler that links (cc, or what CC names)")
            }
            NightlyError::NoCommit { .. } => {
                failure.help("use a nightly that rustup installs: rustup toolchain install nightly")
            }
            NightlyError::Stable { .. } => failure.help(
                "name a nightly: cargo irad +nightly …; rustup toolchain install nightly gets one",
            ),
            NightlyError::OtherLlvm { name, .. } => failure
                .help(format!(
                    "cargo irad toolchain add {name} has rustup fetch its component enzyme, where it has that for this system"
                ))
                .help(format!(
                    "or use a nightly with LLVM {LLVM_MAJOR}: nightly-2026-05-20 is one"
                )),
            NightlyError::NoLibrary { .. } => {
                failure.help("the toolchain links LLVM into rustc, so that no Enzyme can be added to it; use one of rustup's")
            }
            NightlyError::NoArchive { tried, .. } => {
                let tried = tried.iter();
                let mut failure = failure;
                failure
                    .notes
                    .extend(tried.map(|path| format!("not there: {}", path.display())));
                failure.help("set IRAD_ENZYME to the archive or its folder; make install puts it into lib/irad")
            }
            NightlyError::Start(error) => Failure::from(&error),
            NightlyError::Link { said: words, .. } => {
                said(failure, &words).help("CC chooses the program that links")
            }
            NightlyError::Probe { said: words, .. } => said(failure, &words),
            NightlyError::WrongProbe { .. } => Failure {
                code: exit::DIFFERS,
                ..failure.help("irad does not use it; cargo irad toolchain add tries again")
            },
            NightlyError::KeptComponent { name, error } => failure
                .note(not_fetched(&error))
                .help(format!(
                    "rustup component remove enzyme --toolchain {name}"
                )),
            NightlyError::Io { .. } => {
                failure.help("IRAD_CACHE names another folder for what irad makes for compilers")
            }
            NightlyError::NoProgram { said, .. } => failure
                .note(said.clone())
                .help("choose what uses it: --test NAME, --example NAME or --bin NAME"),
            NightlyError::Build(error) => Failure::from(error),
            NightlyError::NothingLinked => failure
                .note("functions with type parameters are code only where they are used".to_owned())
                .help("choose what uses them: --test NAME, --example NAME or --bin NAME"),
        }
    }
}

/// Why rustup did not do what it was asked for.
pub fn not_fetched(error: &NotFetched) -> String {
    match error {
        NotFetched::NotRustups => "rustup does not manage this compiler".to_owned(),
        NotFetched::Refused(words) => format!("rustup: {words}"),
        NotFetched::NotFound => {
            "rustup calls it installed, and its library is not where rustc looks for it".to_owned()
        }
    }
}
