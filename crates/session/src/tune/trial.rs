//! What became of a variant of a derivative.

use trace::{AdOptions, Cost, Profile, Times, Verdict};

use super::change::{Change, Promise};

/// A variant of a derivative, tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What was changed; nothing for the derivative as it is.
    pub changes: Vec<Change>,
    /// The options with these changes.
    pub ad: AdOptions,
    /// What its check came to.
    pub verdict: Verdict,
    /// What one run of it takes, if it was right and was counted.
    pub cost: Option<TrialCost>,
    /// Why it was not counted, where it was right.
    pub not_counted: Option<String>,
    /// How long it takes beside the primal, if that was measured.
    pub times: Option<Times>,
}

/// What one run of a derivative takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialCost {
    /// All that it does.
    pub total: Cost,
    /// Bytes that it keeps for its reverse sweep, if that is known: of two halves it is not.
    pub tape: Option<u64>,
}

impl Trial {
    /// True for a derivative that was found right.
    pub fn is_right(&self) -> bool {
        matches!(self.verdict, Verdict::Right { .. })
    }

    /// True where nobody has to promise anything.
    pub fn is_safe(&self) -> bool {
        self.changes.iter().all(|change| change.promise.is_none())
    }

    /// True where it gives all that was asked for.
    pub fn is_whole(&self) -> bool {
        let mut promises = self.changes.iter().flat_map(|change| &change.promise);
        !promises.any(Promise::gives_up)
    }

    /// The flags of all changes, as on the command line.
    pub fn flags(&self) -> Vec<String> {
        self.changes.iter().flat_map(Change::words).collect()
    }

    pub(super) fn instructions(&self) -> u64 {
        self.cost.map_or(u64::MAX, |cost| cost.total.instructions)
    }
}

impl TrialCost {
    pub(super) fn of(profile: &Profile, ad: &AdOptions) -> Self {
        TrialCost {
            total: profile.derivative.total(),
            tape: (!ad.split).then(|| profile.derivative.tape()),
        }
    }
}

/// The cheapest variant that is right, by what it executes; `safe` has those that need no promise. None where nothing is
/// cheaper than the derivative as it is.
pub fn best(trials: &[Trial], safe: bool) -> Option<&Trial> {
    let right = trials
        .iter()
        .filter(|trial| trial.is_right() && trial.is_whole() && (!safe || trial.is_safe()));
    let best = right.min_by_key(|trial| (trial.instructions(), trial.changes.len()))?;
    (!best.changes.is_empty()).then_some(best)
}
