//! What is said when a session cannot give what was asked for.

use ir_load::NameError;
use session::build::BuildError;
use session::engine::{EndCause, Ended, StartError};
use session::error::Error;
use session::files::WriteError;
use session::history::StepError;
use session::made_of::MadeOf;
use session::shell::quoted;
use session::sides::SideError;
use trace::SavedError;

use super::{load::name_failure, uncompiled};
use crate::exit;
use crate::failure::{Failure, Help};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let title = error.to_string();
        match error {
            Error::Load(error) => Failure::from(error.as_ref()),
            Error::Build(error) => Failure::from(error.clone()),
            Error::Rustc { error: None, .. } => {
                Failure::usage("build", title).note("it said why, on standard error")
            }
            Error::Rustc {
                error: Some(error), ..
            } => Failure::usage("build", title)
                .note(error.to_string())
                .help("irad runs the rustc that is found first in PATH"),
            Error::Name {
                error,
                origin,
                made_of,
            } => match (made_of, error) {
                (Some(made_of), NameError::NotFound { name, .. }) => {
                    let MadeOf { sources, features } = made_of.as_ref();
                    let list = format!("irad list {}", quoted(origin));
                    let failure = name_failure(error, origin);
                    uncompiled::with_sources(failure, name, sources, features, &list)
                }
                _ => name_failure(error, origin),
            },
            Error::SavedTrace { error, .. } => {
                let failure = Failure::usage("trace", title);
                match error.as_ref() {
                    SavedError::Newer { .. } => {
                        failure.help("read it with the irad that wrote it, or newer")
                    }
                    _ => failure.help("save it again: irad passes FILE --fn F --save TRACE"),
                }
            }
            Error::NeedsIr { .. } => {
                Failure::usage("trace", title).help("irad diff and irad passes read saved traces")
            }
            Error::NotSaved { .. } => {
                Failure::usage("trace", title).help("save it: irad passes FILE --fn F --save TRACE")
            }
            Error::CannotCut { .. } => Failure::usage("slice", title),
            Error::Start(error) => Failure::from(error),
            Error::Ended(ended) => Failure::from(ended.as_ref()),
            Error::Refused(refusal) => Failure::from(refusal.as_ref()),
            Error::NoModule => Failure::usage("engine", title),
            Error::BothModes { .. } => {
                Failure::usage("mode", title).help("--mode forward or --mode reverse chooses")
            }
            Error::WidthInReverse => {
                Failure::usage("usage", title).help("--mode forward, or leave --width away")
            }
            Error::SplitInForward => {
                Failure::usage("usage", title).help("--mode reverse, or leave --split away")
            }
        }
    }
}

impl From<&StartError> for Failure {
    fn from(error: &StartError) -> Self {
        let failure = Failure {
            code: exit::CRASHED,
            ..Failure::usage("engine_missing", error.to_string())
        };
        match error {
            StartError::Missing { .. } => failure.help(
                "build it (cargo build --release), or set IRAD_ENGINE to where irad-engine-22 is",
            ),
            StartError::CannotStart { .. } => failure,
            StartError::Stranger { .. } | StartError::Silent { .. } => {
                failure.help("build or install both together; IRAD_ENGINE names another engine")
            }
        }
    }
}

impl From<&Ended> for Failure {
    fn from(ended: &Ended) -> Self {
        if let Some(refusal) = refused(ended) {
            return refusal;
        }
        let mut failure = Failure {
            code: exit::CRASHED,
            ..Failure::usage(ended.cause.word(), ended.to_string())
        };
        if let Some(derivative) = &ended.derivative {
            let path = ir_load::demangle(derivative);
            failure = failure.note(format!("the derivative was there before: {path}"));
        }
        if let Some(place) = &ended.place {
            failure = failure.note(format!("it was in {place}"));
        }
        if let Some(words) = &ended.last_words
            && ended.cause != EndCause::OutOfMemory
        {
            failure = failure.note(format!("its last words: {words}"));
        }
        failure.notes.extend(ended.damage.clone());
        let limits = ended.limits;
        failure = failure.help(match ended.cause {
            EndCause::TimedOut => {
                format!("give it longer: --timeout {}", limits.seconds.saturating_mul(5))
            }
            EndCause::Stopped => "run it again".to_owned(),
            EndCause::OutOfMemory if ended.is_outer_limit => {
                "the limit is the shell's or the container's: ulimit -v unlimited takes it away".to_owned()
            }
            EndCause::OutOfMemory => {
                format!("give it more: --memory {}", limits.memory_mib.saturating_mul(4))
            }
            EndCause::PrintedTooMuch | EndCause::OutOfStack | EndCause::Crashed(_) => "this is a fault of LLVM, Enzyme or irad's engine, not of the way it was called; other pipelines (--prepare, --cleanup) may avoid it".to_owned(),
        });
        match ended.derivative {
            Some(_) => failure
                .help("irad diff --after derivative --cleanup none shows it as Enzyme made it"),
            None => failure,
        }
    }
}

/// What LLVM or Enzyme end the process with, though it is a refusal.
fn refused(ended: &Ended) -> Option<Failure> {
    let words = ended.last_words.as_deref()?;
    words.contains("Unsupported type: Token").then(|| Failure {
        code: exit::REFUSED,
        ..Failure::usage(
            "unsupported",
            "the function has values of type token, which Enzyme does not know",
        )
        .note("they belong to unwinding on Windows, coroutines and garbage collection")
        .help("emit the IR with -C panic=abort, or for a target that does not unwind in this way")
    })
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        Failure::from(&ended)
    }
}

impl From<ir_load::LoadError> for Failure {
    fn from(error: ir_load::LoadError) -> Self {
        Failure::from(&error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        let failure = Failure::usage("write", error.to_string());
        match error {
            WriteError::IsInput { .. } => failure.help("name another file"),
            WriteError::IsFolder { .. } => failure.help("name a file in it"),
            WriteError::NoFolder { .. } | WriteError::Io { .. } => failure,
        }
    }
}

impl From<SideError> for Failure {
    fn from(error: SideError) -> Self {
        let title = error.to_string();
        match error {
            SideError::NoPoint { point, reached } => {
                let failure = Failure::usage("point", title);
                let failure = match point {
                    trace::Point::Preprocessed => failure.note("Enzyme's pass, which a module with __enzyme_autodiff calls goes through, throws its simplified clone away"),
                    _ => failure,
                };
                let reached: Vec<String> = reached.iter().map(ToString::to_string).collect();
                failure.help(format!("points of this run: {}", reached.join(", ")))
            }
            SideError::NoRun { .. } => Failure::usage("trace", title),
            SideError::OtherFunction { .. } => {
                Failure::usage("trace", title).help("leave --fn away, or name the IR file")
            }
            SideError::OtherMode { .. } => {
                Failure::usage("trace", title).help("leave --mode away, or name the IR file")
            }
        }
    }
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        /// More steps than this are counted.
        const MOST: usize = 12;
        let title = error.to_string();
        let listed = |mut failure: Failure, ids: &[String]| {
            failure.notes.extend(ids.iter().take(MOST).cloned());
            match ids.len() > MOST {
                true => failure.note(format!("and {} more", ids.len() - MOST)),
                false => failure,
            }
        };
        match error {
            StepError::Ambiguous { ids, .. } => {
                listed(Failure::usage("ambiguous_step", title), &ids)
                    .help("name more of it: stage, pass, unit or number")
            }
            StepError::Input => Failure::usage("unknown_step", title).help("irad show prints it"),
            StepError::Unknown { ran: 0, ids, .. } => {
                listed(Failure::usage("unknown_step", title), &ids)
            }
            StepError::Unknown { wanted, ran, .. } => Failure::usage("unknown_step", title)
                .note(format!(
                    "{wanted} ran {ran} times, and changed nothing in it"
                ))
                .help("irad passes --every lists the steps that changed nothing, too"),
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let title = error.to_string();
        match error {
            BuildError::Virtual { members } => Failure::usage("usage", title)
                .note(format!("its packages: {}", members.join(", ")))
                .help(format!(
                    "cargo irad list -p {}",
                    members.first().map_or("NAME", String::as_str)
                )),
            BuildError::NoTarget { there, .. } => {
                let failure = Failure::usage("usage", title);
                match there.is_empty() {
                    true => failure.help("cargo irad list -p NAME takes a package's library"),
                    false => failure.help(format!("there are {}", there.join(", "))),
                }
            }
            BuildError::Said => Failure::usage("build", title)
                .help("standard error has cargo's own words"),
            BuildError::MessageFormat => Failure::usage("usage", title).help("leave it away"),
            BuildError::Several { one, .. } => {
                Failure::usage("usage", title).help(format!("name it: {one}"))
            }
            BuildError::NoCargo(error) => Failure::usage("cargo", title)
                .note(error.to_string())
                .help("install Rust, or set CARGO to where cargo is"),
            BuildError::Metadata(error) => {
                Failure::usage("cargo", title).note(error.to_string())
            }
            BuildError::NoFiles { target, .. } | BuildError::NoIr { target, .. } => Failure::usage("no_ir", title)
                .note(format!("looked in {}", target.display()))
                .help(Help::from("remove that folder and try again; flags that choose what rustc writes (--emit) are irad's to give")),
        }
    }
}
