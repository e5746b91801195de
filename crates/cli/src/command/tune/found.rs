//! What `irad tune` has to tell.

use session::tune::trial::Trial;
use trace::Signature;

use crate::command::profile::KeptLine;

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
    /// Lines that keep values for the reverse sweep of the derivative as it is, if they were asked for.
    pub(super) kept: Vec<KeptLine>,
}
