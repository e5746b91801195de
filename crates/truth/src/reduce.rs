//! Reduces failures: takes parts of the function away for as long as it fails in the same way.

use std::collections::BTreeSet;
use std::path::Path;

use crate::batch::{self, Numbered, Setup};
use crate::print::Number;
use crate::program::Program;
use crate::record::{Derivative, Record, Verdict};
use crate::shrink;

/// How a function fails, which stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    pub mode: &'static str,
    pub derivative: Derivative,
    /// The derivative is not a number where it should be one.
    pub is_nan: bool,
    /// What the check says, where the failure is the check's.
    pub verdict: Option<Verdict>,
}

impl Failure {
    /// How a derivative or its check fails, if it does.
    pub fn of(record: &Record, modes: &[&'static str]) -> Option<Failure> {
        let mode = *modes.iter().find(|mode| **mode == record.mode)?;
        let verdict = match (record.derivative, record.verdict) {
            (bad, Verdict::Right) if bad.is_bad() => Some(Verdict::Right),
            (Derivative::Right, Verdict::Wrong) => Some(Verdict::Wrong),
            (Derivative::Right, Verdict::Crash) => Some(Verdict::Crash),
            (Derivative::Right | Derivative::Unknown | Derivative::NotBuilt, _) => return None,
            _ => None,
        };
        let worst = record
            .comparison
            .as_ref()
            .and_then(|one| one.worst.as_ref());
        Some(Failure {
            mode,
            derivative: record.derivative,
            is_nan: record.derivative == Derivative::Wrong
                && worst.is_some_and(|worst| worst.contains("NaN for")),
            verdict,
        })
    }

    /// In a few words.
    pub fn words(&self) -> String {
        let what = match self.derivative {
            Derivative::Wrong if self.is_nan => "NaN",
            other => other.word(),
        };
        let check = match self.verdict {
            Some(verdict) => format!(", check says {}", verdict.word()),
            None => String::new(),
        };
        format!("{} {what}{check}", self.mode)
    }
}

/// How many smaller functions are tried at once.
const AT_ONCE: usize = 8;
/// How many are tried in all.
const ATTEMPTS: usize = 160;

/// The smallest function found that fails in the same way.
pub fn reduce(
    setup: &Setup,
    folder: &Path,
    index: u64,
    program: Program,
    failure: &Failure,
) -> Result<Program, String> {
    let setup = Setup {
        modes: vec![failure.mode],
        check: setup.check.clone().filter(|_| failure.verdict.is_some()),
        ..setup.clone()
    };
    let mut smallest = program;
    let mut tried = BTreeSet::new();
    let mut attempts = 0;
    'smaller: loop {
        let mut candidates = shrink::programs(&smallest);
        candidates.retain(|one| tried.insert(one.source("f", Number::F64)));
        for some in candidates.chunks(AT_ONCE) {
            if attempts >= ATTEMPTS {
                break 'smaller;
            }
            attempts += some.len();
            let numbered = |program: &Program| Numbered {
                index,
                program: program.clone(),
            };
            let batch: Vec<Numbered> = some.iter().map(numbered).collect();
            let records = batch::run(&setup, folder, &batch)?;
            let fails = |record: &Record| {
                let mut found = Failure::of(record, &setup.modes);
                if let Some(found) = &mut found
                    && failure.verdict.is_none()
                {
                    found.verdict = None;
                }
                found.as_ref() == Some(failure)
            };
            if let Some(at) = records.iter().position(fails) {
                smallest = some[at].clone();
                // What was left of this list may fail in the new one.
                continue 'smaller;
            }
        }
        break;
    }
    Ok(smallest)
}
