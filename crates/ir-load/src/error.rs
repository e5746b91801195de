//! Why a source or a function could not be found.

use std::io;
use std::path::PathBuf;

use crate::foreign::Foreign;

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not there or cannot be opened.
    #[error("cannot read {}", path.display())]
    Open {
        /// The path as it was given.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A directory was named.
    #[error("{} is a directory, not a file of IR", path.display())]
    Directory {
        /// The path as it was given.
        path: PathBuf,
        /// Files in it that could have been meant.
        candidates: Vec<PathBuf>,
    },
    /// It is a file of another kind.
    #[error("{origin} {what}")]
    Foreign {
        /// Where it came from.
        origin: String,
        /// What it is.
        what: Foreign,
    },
    /// It does not end.
    #[error("{origin} holds more than {limit} GiB")]
    Endless {
        /// Where it came from.
        origin: String,
        /// How much is read, in GiB.
        limit: u64,
    },
    /// Standard input failed.
    #[error("cannot read standard input")]
    Stdin(#[source] io::Error),
    /// There was nothing in it.
    #[error("{origin} is empty")]
    Empty {
        /// Where nothing came from.
        origin: String,
    },
    /// `--module` asked for more modules than there are.
    #[error("there is no module {wanted}: {origin} holds {count}")]
    NoSuchModule {
        /// Where the modules came from.
        origin: String,
        /// What was asked for, counted from 1.
        wanted: usize,
        /// How many there are.
        count: usize,
    },
}

/// Why a function could not be chosen.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NameError {
    /// Nothing is called like this.
    #[error("no function is called {name}")]
    NotFound {
        /// The name as it was given.
        name: String,
        /// The closest names, best first.
        closest: Vec<String>,
        /// How many functions with a body there are.
        defined: usize,
    },
    /// Several are.
    #[error("{name} could be any of {} functions", candidates.len())]
    Ambiguous {
        /// The name as it was given.
        name: String,
        /// Each of them.
        candidates: Vec<Candidate>,
    },
    /// It is called like this, but its body is elsewhere.
    #[error("{name} is declared here, but has no body")]
    Declared {
        /// Its demangled name.
        name: String,
        /// Its symbol.
        symbol: String,
        /// Line of the declaration, from 1.
        line: usize,
    },
}

/// A function that a name may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its demangled path.
    pub path: String,
    /// Its symbol.
    pub symbol: String,
    /// Its types as Rust declares them; empty where the path tells it apart, or nothing says.
    pub types: String,
}
