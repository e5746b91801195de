//! The results as a table: what derivatives are, and what `irad check` says of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::record::{Derivative, Record, Verdict};

/// Counts of derivatives by what they are and by what is said of them.
pub struct Table {
    counts: BTreeMap<(Derivative, Verdict), usize>,
}

impl Table {
    pub fn of<'a>(records: impl Iterator<Item = &'a Record>) -> Table {
        let mut counts = BTreeMap::new();
        for record in records {
            *counts
                .entry((record.derivative, record.verdict))
                .or_insert(0) += 1;
        }
        Table { counts }
    }

    pub fn count(&self, derivative: Derivative, verdict: Verdict) -> usize {
        self.counts
            .get(&(derivative, verdict))
            .copied()
            .unwrap_or(0)
    }

    pub fn derivatives(&self, derivative: Derivative) -> usize {
        let all = Verdict::ALL.iter();
        all.map(|verdict| self.count(derivative, *verdict)).sum()
    }

    /// A count that can be bounded, by its name.
    pub fn named(&self, name: &str) -> Option<usize> {
        let wrong = self.derivatives(Derivative::Wrong);
        let crashes = self.derivatives(Derivative::Crashes);
        Some(match name {
            "right" => self.derivatives(Derivative::Right),
            "wrong" => wrong,
            "crashes" => crashes,
            "missed" => {
                self.count(Derivative::Wrong, Verdict::Right)
                    + self.count(Derivative::Crashes, Verdict::Right)
            }
            "unjudged" => {
                let judged = [Derivative::Right, Derivative::Wrong, Derivative::Crashes];
                let not =
                    |one| self.count(one, Verdict::NotChecked) + self.count(one, Verdict::Crash);
                judged.into_iter().map(not).sum()
            }
            "alarms" => self.count(Derivative::Right, Verdict::Wrong),
            "refused" => self.derivatives(Derivative::Refused),
            "engine" => self.derivatives(Derivative::EngineCrash),
            "unknown" => self.derivatives(Derivative::Unknown),
            "not-built" => self.derivatives(Derivative::NotBuilt),
            _ => return None,
        })
    }

    /// As Markdown.
    pub fn text(&self, title: &str) -> String {
        let mut out = String::new();
        let shown: Vec<Verdict> = Verdict::ALL
            .into_iter()
            .filter(|one| Derivative::ALL.iter().any(|d| self.count(*d, *one) > 0))
            .collect();
        _ = write!(out, "| {title} | all |");
        for verdict in &shown {
            _ = write!(out, " check: {} |", verdict.word());
        }
        out += "\n|---|--:|";
        out += &"--:|".repeat(shown.len());
        out.push('\n');
        for derivative in Derivative::ALL {
            let all = self.derivatives(derivative);
            if all == 0 {
                continue;
            }
            _ = write!(out, "| {} | {all} |", derivative.word());
            for verdict in &shown {
                _ = write!(out, " {} |", self.count(derivative, *verdict));
            }
            out.push('\n');
        }
        out
    }
}

/// How bad derivatives are bad, and how many of them came with a warning.
pub fn ways<'a>(records: impl Iterator<Item = &'a Record>) -> String {
    let mut ways: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for record in records.filter(|record| record.derivative.is_bad()) {
        let comparison = record.comparison.as_ref();
        let worst = comparison.and_then(|one| one.worst.as_deref());
        let way = match worst {
            _ if record.derivative == Derivative::Crashes => "the derivative crashes",
            Some(worst) if worst.contains("NaN for") => "not a number",
            Some(worst) if worst.starts_with("writes") => "writes outside of its memory",
            Some(worst) if worst.starts_with("panics") => "panics where the function does not",
            Some(worst) if worst.starts_with("the value") => "another value of the function",
            _ => "another number",
        };
        let counts = ways.entry(way).or_default();
        counts[0] += 1;
        counts[1] += usize::from(!record.warnings.is_empty());
        counts[2] += usize::from(record.verdict == Verdict::Right);
    }
    let mut out =
        "| what is wrong | how many | with a warning | passed by the check |\n".to_owned();
    out += "|---|--:|--:|--:|\n";
    for (way, [all, warned, passed]) in ways {
        _ = writeln!(out, "| {way} | {all} | {warned} | {passed} |");
    }
    out
}
