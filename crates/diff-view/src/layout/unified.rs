//! One column: lines that are gone, then lines that are new.

use super::above::Above;
use super::cut::{cut, other_value, says_the_same};
use super::options::Options;
use super::positions::Positions;
use super::shown::{Shown, shown};
use super::wrap::wrap;
use crate::alignment::{Diff, Pair};
use crate::hunk::Hunk;
use crate::row::Row;
use crate::style::Tone;

/// Hunks for reading: wrapped, with changed words marked.
pub fn unified(diff: &Diff, hunks: &[Hunk], options: &Options<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let positions = Positions::of(diff, options.detail);
    let mut above = Above::default();
    for hunk in hunks {
        rows.push(positions.heading(diff, hunk, options));
        for pair in &diff.pairs[hunk.pairs.clone()] {
            if diff.is_visible(pair, options.show, options.detail) {
                let (function, line) = match (pair.after, pair.before) {
                    (Some(line), _) => (&diff.after, line),
                    (None, Some(line)) => (&diff.before, line),
                    (None, None) => continue,
                };
                rows.extend(above.row(function, &function.lines[line], options));
            }
            rows.extend(unified_pair(diff, pair, options));
        }
    }
    rows
}

/// The rows of one pair: none where it is not shown.
pub fn unified_pair(diff: &Diff, pair: &Pair, options: &Options<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut line = |mark: &str, tone: Tone, before: Option<usize>, after: Option<usize>| {
        let (shown, words) = match (before, after) {
            (_, Some(at)) => (&diff.after.lines[at], pair.words_after()),
            (Some(at), None) => (&diff.before.lines[at], pair.words_before()),
            (None, None) => return,
        };
        let words = match tone {
            Tone::Plain => &[],
            _ => words,
        };
        let mut pieces = cut(&shown.text, shown.kind, words, tone, options);
        if after.is_some() && tone == Tone::Added && says_the_same(diff, pair, options) {
            pieces.extend(other_value());
        }
        for wrapped in wrap(&pieces, options.width.saturating_sub(1)) {
            let mut row = Row::of(before, after);
            row.push(mark, tone.style(), None);
            row.append(&wrapped.row);
            rows.push(row);
        }
    };
    match shown(diff, pair, options) {
        Shown::Folded => {}
        Shown::Context => line(" ", Tone::Plain, pair.before, pair.after),
        Shown::Renumbered => line("~", Tone::Plain, pair.before, pair.after),
        Shown::Attributes => line("*", Tone::Plain, pair.before, pair.after),
        Shown::Moved => line(">", Tone::Hunk, pair.before, pair.after),
        Shown::Difference => {
            line("-", Tone::Removed, pair.before, None);
            line("+", Tone::Added, None, pair.after);
        }
    }
    rows
}
