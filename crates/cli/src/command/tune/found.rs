//! What `irad tune` has to tell.

use session::tune::Trial;
use trace::Signature;

/// What was tried.
pub(super) struct Run {
    /// The file, as it was given.
    pub(super) origin: String,
    /// The function's name, as it was given or as it is demangled.
    pub(super) function: String,
    /// What was differentiated with respect to what.
    pub(super) signature: Option<Signature>,
    /// The derivative as it is first.
    pub(super) trials: Vec<Trial>,
}
