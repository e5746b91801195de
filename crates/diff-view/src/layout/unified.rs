//! One column: lines that are gone, then lines that are new.

use super::cut::cut;
use super::heading::heading;
use super::options::Options;
use super::shown::{Shown, shown};
use super::wrap::wrap;
use crate::alignment::{Diff, Pair};
use crate::hunk::Hunk;
use crate::row::Row;
use crate::style::Tone;

/// Hunks for reading: wrapped, with changed words marked.
pub fn unified(diff: &Diff, hunks: &[Hunk], options: &Options<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for hunk in hunks {
        rows.push(heading(diff, hunk));
        for pair in &diff.pairs[hunk.pairs.clone()] {
            add(diff, pair, options, &mut rows);
        }
    }
    rows
}

fn add(diff: &Diff, pair: &Pair, options: &Options<'_>, rows: &mut Vec<Row>) {
    let mut line = |mark: &str, tone: Tone, before: Option<usize>, after: Option<usize>| {
        let (text, words) = match (before, after) {
            (_, Some(at)) => (&diff.after.lines[at].text, &pair.words_after),
            (Some(at), None) => (&diff.before.lines[at].text, &pair.words_before),
            (None, None) => return,
        };
        let words = match tone {
            Tone::Plain => &[],
            _ => words.as_slice(),
        };
        let pieces = cut(text, words, tone, options);
        for wrapped in wrap(&pieces, options.width.saturating_sub(1)) {
            let mut row = Row::of(before, after);
            row.push(mark, tone.style(), None);
            row.append(&wrapped.row);
            rows.push(row);
        }
    };
    match shown(pair, options) {
        Shown::Folded => {}
        Shown::Context => line(" ", Tone::Plain, pair.before, pair.after),
        Shown::Renumbered => line("~", Tone::Plain, pair.before, pair.after),
        Shown::Moved => line(">", Tone::Hunk, pair.before, pair.after),
        Shown::Difference => {
            line("-", Tone::Removed, pair.before, None);
            line("+", Tone::Added, None, pair.after);
        }
    }
}
