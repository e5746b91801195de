//! What a check's answer came to.

use trace::{NotChecked, Trace, Verdict};

use crate::engine::{EndCause, Ended};

/// What a check's trace came to.
pub fn of_answer(trace: &Trace, ended: Option<Ended>, seconds: u64) -> Verdict {
    match &trace.checked {
        Some(checked) => Verdict::of(checked),
        None => without_numbers(trace, ended, seconds),
    }
}

/// The same of one that has no numbers.
pub fn without_numbers(trace: &Trace, ended: Option<Ended>, seconds: u64) -> Verdict {
    let why = match (&trace.failure, ended) {
        (Some(diagnosis), _) => NotChecked::Problem(diagnosis.message.clone()),
        (None, Some(ended)) if ended.cause == EndCause::TimedOut => {
            NotChecked::TimedOut { seconds }
        }
        (None, Some(ended)) => NotChecked::Ended(ended.to_string()),
        (None, None) => NotChecked::Ended("the check gave no answer".to_owned()),
    };
    Verdict::NotChecked { why }
}
