//! Why there is no snapshot.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use session::build::BuildError;
use session::files::WriteError;
use session::sides::SideError;

/// Why there is no snapshot, or it cannot be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The derivative is not to be had.
    #[error(transparent)]
    Session(#[from] session::error::Error),
    /// A run does not have a stage.
    #[error(transparent)]
    Side(#[from] SideError),
    /// A snapshot that is to be recorded has the name of another's.
    #[error("{file} is a snapshot of {was}, and stays as it is")]
    OtherSubject {
        /// The snapshot's file.
        file: String,
        /// What it is of.
        was: String,
    },
    /// A configuration cannot be read.
    #[error("cannot read {shown}: {error}")]
    ReadConfig {
        /// What messages call it.
        shown: String,
        /// The system's words.
        error: Arc<io::Error>,
    },
    /// A configuration says something that cannot be.
    #[error("{shown} is not as irad needs it")]
    Config {
        /// What messages call it.
        shown: String,
        /// Where, if there is a place.
        at: Option<Marked>,
        /// What is wrong there.
        what: String,
    },
    /// There is no configuration.
    #[error("there is no irad.toml here or in a folder above")]
    NoConfig,
    /// A configuration has no entries.
    #[error("{shown} has no entries")]
    NoEntries {
        /// What messages call it.
        shown: String,
    },
    /// An entry that was named is not there.
    #[error("{shown} has no entry {name}")]
    UnknownEntry {
        /// What messages call the configuration.
        shown: String,
        /// What was named.
        name: String,
        /// What there is.
        entries: Vec<String>,
    },
    /// The derivative is wrong, and was not when its snapshot was accepted.
    #[error("the derivative is {0}")]
    BecameWrong(Box<trace::Verdict>),
    /// A snapshot needs a name.
    #[error("a snapshot needs a name")]
    NoName,
    /// `INSTA_UPDATE` says what it does not know.
    #[error("INSTA_UPDATE is {value}, which means nothing")]
    Environment {
        /// What it says.
        value: String,
    },
    /// There is no crate.
    #[error("there is no crate at {shown}")]
    NoCrate {
        /// Where it should be.
        shown: String,
    },
    /// A crate could not be built.
    #[error("cargo could not build {shown}")]
    Unbuilt {
        /// Which.
        shown: String,
    },
    /// Building did not get as far as cargo.
    #[error(transparent)]
    Build(BuildError),
    /// A crate has no module.
    #[error("cargo left no IR")]
    NoIr,
    /// A crate's IR does not have the function.
    #[error("{error}")]
    Uncompiled {
        /// Why it was not found.
        #[source]
        error: session::error::Error,
        /// What was asked for.
        function: String,
        /// The crate's sources.
        sources: Vec<PathBuf>,
        /// Its features that are on.
        features: Vec<String>,
    },
    /// A diff is between two stages.
    #[error("a diff is between two stages, and {count} are named")]
    Stages {
        /// How many are named.
        count: usize,
    },
    /// A folder cannot be made.
    #[error("cannot make the folder {shown}: {error}")]
    Folder {
        /// Which.
        shown: String,
        /// The system's words.
        error: Arc<io::Error>,
    },
    /// A snapshot cannot be read.
    #[error("cannot read {shown}: {error}")]
    Read {
        /// Which.
        shown: String,
        /// The system's words.
        error: Arc<io::Error>,
    },
    /// A snapshot cannot be removed.
    #[error("cannot remove {shown}: {error}")]
    Remove {
        /// Which.
        shown: String,
        /// The system's words.
        error: Arc<io::Error>,
    },
    /// A snapshot is not as irad wrote it.
    #[error("{shown} line {line}: {what}")]
    Broken {
        /// Which.
        shown: String,
        /// True for one that waits to be accepted.
        waits: bool,
        /// Where, from 1.
        line: usize,
        /// That line.
        text: String,
        /// What is wrong.
        what: String,
    },
    /// A file was not written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// No snapshot of that name waits.
    #[error("no snapshot {name} waits")]
    NotWaiting {
        /// The name.
        name: String,
        /// Those that do.
        waiting: Vec<String>,
    },
    /// One that waited does not any more.
    #[error("{name} does not wait any more: another process was faster")]
    Gone {
        /// The name.
        name: String,
    },
}

/// A marked part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The line's number, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
    /// Where the mark begins, from 1.
    pub column: usize,
    /// How long it is.
    pub width: usize,
}
