//! What both ways of following a derivative need.

use trace::{AdRole, WrongOrigin, WrongPlace, WrongWhat};

use super::anatomy::Anatomy;
use super::log::Log;
use super::reference::Near;
use crate::differentiate::derived::KnownDerivative;

/// A primal and its derivative at one point.
pub(super) struct Follow<'a> {
    pub(super) anatomy: &'a Anatomy,
    pub(super) known: &'a KnownDerivative,
    pub(super) near: Near,
    /// What the primal told, moving along all active inputs or along one direction.
    pub(super) primal: Log,
    /// What the derivative told.
    pub(super) derived: Log,
    /// As many instructions at the derivative's start only make and empty places for adjoints.
    pub(super) slots: u32,
    /// The derivative did not run to its end.
    pub(super) ended: bool,
}

impl Follow<'_> {
    /// True where Enzyme takes the value of a line, or what it stores, for one without a derivative.
    pub(super) fn is_inactive(&self, number: u32) -> bool {
        let place = (number as usize).checked_sub(1);
        let line = place.and_then(|at| self.known.explained.primal.get(at));
        let is_store = self.anatomy.line(number).is_some_and(|line| line.is_store);
        line.is_some_and(|line| match is_store {
            true => !line.propagates,
            false => !line.known.active,
        })
    }

    /// True for a float that Enzyme does not know to be one.
    pub(super) fn is_unknown(&self, number: u32) -> bool {
        let place = (number as usize).checked_sub(1);
        let line = place.and_then(|at| self.known.explained.primal.get(at));
        self.anatomy.line(number).is_some_and(|line| line.is_float)
            && line.is_some_and(|line| !line.known.ty.contains("Float"))
    }

    /// The lines of the derivative that are there for the derivative of these lines of the primal.
    pub(super) fn made_by(&self, rules: &[u32]) -> Vec<u32> {
        let parts = (1..).zip(&self.known.explained.derivative);
        parts
            .filter(|(at, part)| {
                let serves = !matches!(part.role, AdRole::Primal | AdRole::Control);
                let of_slot = *at <= self.slots;
                serves && !of_slot && part.of.is_some_and(|of| rules.contains(&of))
            })
            .map(|(at, _)| at)
            .collect()
    }

    /// A place with what is known of it without looking further.
    pub(super) fn place(&self, at: usize, what: WrongWhat) -> WrongPlace {
        let event = &self.primal.events[at];
        WrongPlace {
            what,
            line: Some(event.number),
            input: None,
            execution: self.primal.execution(at) as u64,
            executions: self.primal.of_line(event.kind, event.number).len() as u64,
            value: event.value,
            derivative: None,
            reference: 0.0,
            rules: Vec::new(),
            made_by: Vec::new(),
            origin: WrongOrigin::Unknown,
        }
    }
}
