//! What `irad locate` has to tell.

use trace::{Located, Point, Trace};

use crate::failure::Failure;
use crate::view::{Listing, listing};

/// What was found, and the texts that it speaks of.
pub(super) struct Run {
    pub(super) trace: Trace,
    pub(super) found: Located,
    pub(super) primal: Listing,
    pub(super) derivative: Listing,
}

impl Run {
    /// What a run found that looked for where a derivative goes wrong.
    pub(super) fn of(mut trace: Trace) -> Result<Self, Failure> {
        let found = trace.located.take().expect("it was asked for");
        let explained = trace.explained.as_ref().expect("it is told of first");
        let primal = listing(&trace, Point::Preprocessed, explained.primal.len())?;
        let derivative = listing(&trace, Point::Derivative, explained.derivative.len())?;
        Ok(Run {
            found,
            primal,
            derivative,
            trace,
        })
    }

    /// The source line of a line of the primal, if debug info has it.
    pub(super) fn source(&self, line: u32) -> Option<(&str, u32)> {
        let explained = self.trace.explained.as_ref()?;
        let line = explained.primal.get((line as usize).checked_sub(1)?)?;
        let (file, at) = line.source.as_ref()?;
        Some((file, *at))
    }
}
