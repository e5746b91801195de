//! What is said when there is no snapshot.

use snapshots::error::{Error, Marked};

use super::uncompiled;
use crate::exit;
use crate::failure::{Failure, Place};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let title = error.to_string();
        match error {
            Error::Session(error) => Failure::from(error),
            Error::Side(error) => Failure::from(error.clone()),
            Error::Build(error) => Failure::from(error.clone()),
            Error::Write(error) => Failure::from(error.clone()),
            Error::ReadConfig { .. } => Failure::usage("config", title)
                .help("irad snap reads irad.toml, or what --config names; docs/ci.md shows one"),
            Error::Config { at: None, what, .. } => {
                Failure::usage("config", format!("{title}: {what}"))
            }
            Error::Config {
                shown,
                at: Some(at),
                what,
            } => Failure {
                place: Some(place(shown, at, what)),
                ..Failure::usage("config", title)
            },
            Error::NoConfig => Failure::usage("config", title).help("write one (docs/ci.md shows how), or say by flags what is meant: irad snap check FILE --fn F --mode reverse"),
            Error::NoEntries { .. } => Failure::usage("config", title)
                .help("[[entry]] begins one; docs/ci.md shows how"),
            Error::UnknownEntry { name, entries, .. } => {
                let failure = Failure::usage("not_found", title);
                match std::path::Path::new(name).is_file() {
                    true => failure.help(format!(
                        "{name} is a file: which function of it? --fn F --mode reverse"
                    )),
                    false => failure.help(format!("its entries: {}", entries.join(", "))),
                }
            }
            Error::BecameWrong(_) => Failure {
                code: exit::DIFFERS,
                ..Failure::usage("wrong", title)
                    .note("it was not wrong when its snapshot was accepted, or that does not say")
                    .help("irad check shows the comparison; irad snap record takes it as it is")
            },
            Error::OtherSubject { .. } => Failure::usage("name_taken", title)
                .help("--name NAME gives the new one a name of its own"),
            Error::NoName => Failure::usage("usage", title).help("--name NAME"),
            Error::Environment { .. } => Failure::usage("environment", title)
                .help("it takes auto, always, unseen, new, no or force"),
            Error::NoCrate { .. } => Failure::usage("open", title)
                .help("a crate is named by the folder of its Cargo.toml"),
            Error::Unbuilt { .. } => Failure::usage("build", title)
                .help("standard error has cargo's own words"),
            Error::NoIr => Failure::usage("no_ir", title),
            Error::Uncompiled {
                error,
                function,
                sources,
                features,
            } => {
                let failure = Failure::from(error);
                uncompiled::with_sources(failure, function, sources, features, "cargo irad list")
            }
            Error::Stages { .. } => Failure::usage("stage", title)
                .help("name two: stage = [\"prepared\", \"final\"]"),
            Error::Folder { .. } | Error::Remove { .. } => Failure::usage("write", title),
            Error::Read { .. } => Failure::usage("snapshot", title),
            Error::Broken {
                shown,
                waits,
                line,
                text,
                ..
            } => {
                let at = Marked {
                    line: *line,
                    text: text.clone(),
                    column: 1,
                    width: text.chars().count().clamp(1, 40),
                };
                let failure = Failure {
                    place: Some(place(shown, &at, "here")),
                    ..Failure::usage("snapshot", title)
                };
                match waits {
                    true => failure.help("irad snap check writes it anew"),
                    false => failure.help("git checkout brings an accepted one back; irad snap record NAME takes what is computed now"),
                }
            }
            Error::NotWaiting { waiting, .. } => {
                let failure = Failure::usage("not_found", title);
                match waiting.is_empty() {
                    true => failure.help("none does; irad snap check finds what has changed"),
                    false => failure.help(format!("those that wait: {}", waiting.join(", "))),
                }
            }
            Error::Gone { .. } => Failure::usage("not_found", title),
        }
    }
}

fn place(origin: &str, at: &Marked, what: &str) -> Place {
    Place {
        origin: origin.to_owned(),
        line: at.line,
        before: Vec::new(),
        after: Vec::new(),
        text: at.text.clone(),
        column: at.column,
        width: at.width,
        label: what.lines().next().unwrap_or_default().to_owned(),
    }
}
