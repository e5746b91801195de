//! Why a front end does not get what it asked for. The words that go with it, and what to do next, are
//! the front end's.

use std::sync::Arc;

use ir_load::{LoadError, NameError};
use trace::SavedError;

use crate::build::BuildError;
use crate::engine::{Ended, StartError};
use crate::made_of::MadeOf;
use crate::refusal::Refusal;

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Nothing could be read.
    #[error(transparent)]
    Load(Arc<LoadError>),
    /// A crate's folder was given, and cargo could not build it.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A Rust file was given, and rustc could not compile it.
    #[error("rustc could not compile {origin}")]
    Rustc {
        /// The file.
        origin: String,
        /// The system's words, where rustc could not be run at all.
        #[source]
        error: Option<Arc<std::io::Error>>,
    },
    /// No function could be chosen.
    #[error("{error} in {origin}")]
    Name {
        /// Why.
        #[source]
        error: NameError,
        /// Where it was looked for.
        origin: String,
        /// What irad made the IR of, if it did.
        made_of: Option<Arc<MadeOf>>,
    },
    /// A saved trace cannot be read.
    #[error("cannot read {origin}: {error}")]
    SavedTrace {
        /// The file.
        origin: String,
        /// Why.
        #[source]
        error: Arc<SavedError>,
    },
    /// A saved trace was given where IR is needed.
    #[error("{origin} is a saved trace, and this needs IR")]
    NeedsIr {
        /// The file.
        origin: String,
    },
    /// IR was given where a saved trace is needed.
    #[error("{origin} is IR, and this needs a saved trace")]
    NotSaved {
        /// The file.
        origin: String,
    },
    /// A part cannot be cut out of a module.
    #[error("{} cannot be cut out of {origin}", symbols.join(" and "))]
    CannotCut {
        /// What should have been.
        symbols: Vec<String>,
        /// The module.
        origin: String,
    },
    /// There is no engine.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The engine did not come to its end.
    #[error("{0}")]
    Ended(Box<Ended>),
    /// The engine refused.
    #[error("{}", .0.diagnosis.message)]
    Refused(Box<Refusal>),
    /// The engine's answer lacks the module that was asked for.
    #[error("the engine answered without a module")]
    NoModule,
    /// A function calls Enzyme in both modes, and none was chosen.
    #[error("{} calls Enzyme in both modes", ir_load::demangle(symbol))]
    BothModes {
        /// The function.
        symbol: String,
    },
    /// `width` is for forward mode.
    #[error("--width is for forward mode: reverse mode gives the whole gradient at once")]
    WidthInReverse,
    /// `split` is for reverse mode.
    #[error("--split is for reverse mode: forward mode needs no tape")]
    SplitInForward,
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Error::Load(Arc::new(error))
    }
}

impl From<Ended> for Error {
    fn from(ended: Ended) -> Self {
        Error::Ended(Box::new(ended))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(Box::new(refusal))
    }
}
