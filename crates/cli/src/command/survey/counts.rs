//! How many functions came to what.

use std::collections::BTreeMap;

use super::row::{Outcome, Row};

/// How many functions came to what.
#[derive(Default)]
pub(super) struct Counts<'r> {
    pub(super) accepted: usize,
    pub(super) refused: usize,
    pub(super) ended: usize,
    pub(super) nothing: usize,
    pub(super) reasons: BTreeMap<&'r str, usize>,
    pub(super) right: usize,
    pub(super) wrong: usize,
    pub(super) unchecked: usize,
}

impl<'r> Counts<'r> {
    pub(super) fn of(rows: &'r [Row]) -> Self {
        let mut counts = Counts::default();
        for row in rows {
            match &row.outcome {
                Outcome::Accepted { verdict, .. } => {
                    counts.accepted += 1;
                    match verdict {
                        Some(verdict) if verdict.is_right() => counts.right += 1,
                        Some(verdict) if verdict.is_wrong() => counts.wrong += 1,
                        _ => counts.unchecked += 1,
                    }
                }
                Outcome::Nothing => counts.nothing += 1,
                Outcome::Refused { reason, .. } => {
                    counts.refused += 1;
                    *counts.reasons.entry(reason).or_default() += 1;
                }
                Outcome::Ended { reason, .. } => {
                    counts.ended += 1;
                    *counts.reasons.entry(reason).or_default() += 1;
                }
            }
        }
        counts
    }

    /// What checks of the accepted ones came to, if there were any.
    pub(super) fn checked(&self) -> String {
        match self.unchecked == self.accepted {
            true => String::new(),
            false => format!(
                " ({} right, {} wrong, {} unchecked)",
                self.right, self.wrong, self.unchecked
            ),
        }
    }

    /// The reasons, the most frequent first.
    pub(super) fn by_reason(&self) -> Vec<(&'r str, usize)> {
        let mut reasons: Vec<(&str, usize)> = self
            .reasons
            .iter()
            .map(|(reason, count)| (*reason, *count))
            .collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        reasons
    }
}
