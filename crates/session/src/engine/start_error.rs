//! Why there is no engine.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use trace::Greeting;

/// Why there is no engine.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StartError {
    /// It is not where it should be.
    #[error("the engine is not at {}", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The system does not start it.
    #[error("the engine {} cannot be started: {error}", path.display())]
    CannotStart {
        /// Where it is.
        path: PathBuf,
        /// The system's words.
        error: Arc<io::Error>,
    },
    /// It is of another version than this program.
    #[error("irad is {ours}, and the engine {} is {theirs}: they do not belong together", path.display())]
    Stranger {
        /// Where it is.
        path: PathBuf,
        /// What this program says of itself.
        ours: Box<Greeting>,
        /// What it said of itself.
        theirs: Box<Greeting>,
    },
    /// It ended before it had said anything.
    #[error("the engine {} ended without a greeting{}: it does not belong to this irad ({ours})", path.display(), words.as_ref().map(|words| format!(" ({words})")).unwrap_or_default())]
    Silent {
        /// Where it is.
        path: PathBuf,
        /// What this program says of itself.
        ours: Box<Greeting>,
        /// The line of its standard error that says most.
        words: Option<String>,
    },
}
