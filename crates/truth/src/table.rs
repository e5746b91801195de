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
