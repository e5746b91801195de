//! What `irad locate` has to tell.

use trace::{Located, Trace};

use crate::view::Listing;

/// What was found, and the texts that it speaks of.
pub(super) struct Run {
    pub(super) trace: Trace,
    pub(super) found: Located,
    pub(super) primal: Listing,
    pub(super) derivative: Listing,
}

impl Run {
    /// The source line of a line of the primal, if debug info has it.
    pub(super) fn source(&self, line: u32) -> Option<(&str, u32)> {
        let explained = self.trace.explained.as_ref()?;
        let line = explained.primal.get((line as usize).checked_sub(1)?)?;
        let (file, at) = line.source.as_ref()?;
        Some((file, *at))
    }
}
