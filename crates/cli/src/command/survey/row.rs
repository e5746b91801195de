//! What became of a function.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trace::{Mode, Profile, Verdict};

use crate::verdict;

/// What became of one function.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) symbol: String,
    /// As its source declares it, if that is known.
    pub(super) declaration: Option<String>,
    pub(super) mode: Mode,
    pub(super) outcome: Outcome,
    pub(super) taken: Duration,
}

pub(super) enum Outcome {
    /// Instructions of the prepared primal and of the final derivative.
    Accepted {
        primal: usize,
        derivative: usize,
        verdict: Option<Judged>,
        /// What running both takes, if it was asked for and the derivative is right.
        executed: Option<Executed>,
    },
    /// There is nothing to differentiate.
    Nothing,
    /// A word for the reason, and what was said.
    Refused { reason: String, message: String },
    /// The engine's end: a word for it, and what was said.
    Ended { reason: String, message: String },
}

/// What one run of a function and of its derivative takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Executed {
    /// Instructions of the primal.
    pub(super) primal: u64,
    /// Instructions of the derivative.
    pub(super) derivative: u64,
    /// Bytes that the derivative keeps for its reverse sweep.
    pub(super) tape: u64,
}

impl Executed {
    pub(super) fn of(profile: &Profile) -> Self {
        Executed {
            primal: profile.primal.total().instructions,
            derivative: profile.derivative.total().instructions,
            tape: profile.derivative.tape(),
        }
    }

    pub(super) fn ratio(self) -> f64 {
        self.derivative as f64 / self.primal.max(1) as f64
    }
}

impl Row {
    pub(super) fn ratio(&self) -> f64 {
        match self.outcome {
            Outcome::Accepted {
                primal, derivative, ..
            } => derivative as f64 / primal.max(1) as f64,
            _ => 0.0,
        }
    }

    /// What a run takes; nothing where that is not known.
    pub(super) fn executed(&self) -> Option<Executed> {
        match self.outcome {
            Outcome::Accepted { executed, .. } => executed,
            _ => None,
        }
    }

    pub(super) fn size(&self) -> usize {
        match self.outcome {
            Outcome::Accepted { derivative, .. } => derivative,
            _ => 0,
        }
    }

    pub(super) fn reason(&self) -> &str {
        match &self.outcome {
            Outcome::Accepted { .. } => "",
            Outcome::Nothing => "nothing",
            Outcome::Refused { reason, .. } | Outcome::Ended { reason, .. } => reason,
        }
    }
}

/// What a check came to, as documents have it.
pub(super) struct Judged {
    /// The verdict, as [`verdict::json`] has it.
    pub(super) document: Value,
}

impl Judged {
    pub(super) fn of(verdict: &Verdict) -> Self {
        Judged {
            document: verdict::json(Some(verdict)),
        }
    }

    fn word(&self) -> &str {
        self.document["is"].as_str().unwrap_or_default()
    }

    pub(super) fn is_right(&self) -> bool {
        self.word() == "right"
    }

    pub(super) fn is_wrong(&self) -> bool {
        self.word() == "wrong"
    }

    /// What stands before the words.
    pub(super) fn label(&self) -> &'static str {
        match self.word() {
            "undecided" => "undecided",
            "not_checked" => "not checked",
            _ => "checked",
        }
    }

    /// In words.
    pub(super) fn words(&self) -> &str {
        self.document["words"].as_str().unwrap_or_default()
    }
}
