//! Two columns: before on the left, after on the right.

use std::ops::Range;

use ir_text::Line;

use super::cut::{cut, other_value, says_the_same};
use super::options::Options;
use super::positions::Positions;
use super::shown::{Shown, shown};
use super::wrap::{Wrapped, wrap};
use crate::alignment::{Diff, Pair};
use crate::hunk::Hunk;
use crate::row::Row;
use crate::style::Tone;

/// More columns would put the two sides too far apart to be compared.
const WIDEST: usize = 400;

/// Hunks side by side; each side wraps to half of the width.
pub fn split(diff: &Diff, hunks: &[Hunk], options: &Options<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let positions = Positions::of(diff, options.detail);
    for hunk in hunks {
        rows.push(positions.heading(diff, hunk, options));
        for pair in &diff.pairs[hunk.pairs.clone()] {
            rows.extend(split_pair(diff, pair, options));
        }
    }
    rows
}

/// A side's sign and the tone of its lines.
type Look = (&'static str, Tone);

/// The rows of one pair, side by side: none where it is not shown.
pub fn split_pair(diff: &Diff, pair: &Pair, options: &Options<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    let (left, right): (Look, Look) = match shown(diff, pair, options) {
        Shown::Folded => return rows,
        Shown::Context => ((" ", Tone::Plain), (" ", Tone::Plain)),
        Shown::Renumbered => (("~", Tone::Plain), ("~", Tone::Plain)),
        Shown::Attributes => (("*", Tone::Plain), ("*", Tone::Plain)),
        Shown::Moved => (("<", Tone::Hunk), (">", Tone::Hunk)),
        Shown::Difference => (("-", Tone::Removed), ("+", Tone::Added)),
    };
    // A sign and a column for each side, and " │ " between them.
    let column = options.width.min(WIDEST).saturating_sub(5) / 2;
    let is_other_value = right.1 == Tone::Added && says_the_same(diff, pair, options);
    let side = |line: Option<&Line>, words: &[Range<usize>], tone: Tone| {
        let words = if tone == Tone::Plain { &[] } else { words };
        line.map_or_else(Vec::new, |line| {
            let mut pieces = cut(&line.text, line.kind, words, tone, options);
            if is_other_value && tone == Tone::Added {
                pieces.extend(other_value());
            }
            wrap(&pieces, column)
        })
    };
    let before = pair.before.map(|at| &diff.before.lines[at]);
    let after = pair.after.map(|at| &diff.after.lines[at]);
    let old = side(before, pair.words_before(), left.1);
    let new = side(after, pair.words_after(), right.1);
    for at in 0..old.len().max(new.len()) {
        let (old, new) = (old.get(at), new.get(at));
        let mut row = Row::of(
            pair.before.filter(|_| old.is_some()),
            pair.after.filter(|_| new.is_some()),
        );
        half(old, left, &mut row);
        let used = old.map_or(0, |old| old.width + 1);
        let padding = " ".repeat((column + 1).saturating_sub(used));
        row.push(&padding, old.map_or(Tone::Plain, |_| left.1).style(), None);
        row.push(" │ ", Tone::Muted.style(), None);
        half(new, right, &mut row);
        rows.push(row);
    }
    rows
}

fn half(wrapped: Option<&Wrapped>, (sign, tone): Look, row: &mut Row) {
    if let Some(wrapped) = wrapped {
        row.push(sign, tone.style(), None);
        row.append(&wrapped.row);
    }
}
