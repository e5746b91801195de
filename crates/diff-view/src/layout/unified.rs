//! One column: lines that are gone, then lines that are new.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use super::{Options, Shown, heading, pieces, shown, sign};
use crate::align::{Diff, Row};
use crate::hunk::Hunk;
use crate::paint::{Paint, Tone};

/// Hunks for reading: wrapped, coloured, with changed words marked.
pub fn unified(diff: &Diff, hunks: &[Hunk], options: &Options<'_>, paint: &mut dyn Paint) {
    for hunk in hunks {
        heading(diff, hunk, paint);
        for row in &diff.rows[hunk.rows.clone()] {
            let before = row.before.map(|line| diff.before.lines[line].text.as_str());
            let after = row.after.map(|line| diff.after.lines[line].text.as_str());
            let context = |mark: &str, tone: Tone, paint: &mut dyn Paint| {
                write(mark, after.unwrap_or(""), row, false, tone, options, paint);
            };
            match shown(row, options) {
                Shown::Folded => {}
                Shown::Context => context(" ", Tone::Plain, paint),
                Shown::Renumbered => context("~", Tone::Plain, paint),
                Shown::Moved => context(">", Tone::Hunk, paint),
                Shown::Difference => {
                    if let Some(text) = before {
                        write("-", text, row, true, Tone::Removed, options, paint);
                    }
                    if let Some(text) = after {
                        write("+", text, row, false, Tone::Added, options, paint);
                    }
                }
            }
        }
    }
}

fn write(
    mark: &str,
    text: &str,
    row: &Row,
    is_before: bool,
    tone: Tone,
    options: &Options<'_>,
    paint: &mut dyn Paint,
) {
    let words: &[Range<usize>] = match (tone, is_before) {
        (Tone::Plain, _) => &[],
        (_, true) => &row.words_before,
        (_, false) => &row.words_after,
    };
    let pieces = pieces::of(text, words, tone, options);
    for wrapped in pieces::wrap(pieces, options.width.saturating_sub(1)) {
        sign(mark, tone, paint);
        wrapped.paint(paint);
        paint.newline();
    }
}

/// A unified diff for programs: `patch` applies it to the text before and gets the text after, line
/// by line, renumbering included. It is made from the lines as they are and not from the alignment,
/// which may move blocks.
pub fn patch(diff: &Diff, context: usize, paint: &mut dyn Paint) {
    let before: Vec<&str> = diff.before.lines.iter().map(|l| l.text.as_str()).collect();
    let after: Vec<&str> = diff.after.lines.iter().map(|l| l.text.as_str()).collect();
    let ops = capture_diff_slices(Algorithm::Myers, &before, &after);
    for group in group_diff_ops(ops, context) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let range = |start: usize, end: usize| {
            // Of an empty range, the line before it is named.
            let first = if start == end { start } else { start + 1 };
            format!("{first},{}", end - start)
        };
        let heading = format!(
            "@@ -{} +{} @@",
            range(first.old_range().start, last.old_range().end),
            range(first.new_range().start, last.new_range().end)
        );
        paint.text(&heading, Tone::Hunk.style());
        paint.newline();
        let mut line = |mark: &str, text: &str, tone: Tone| {
            paint.text(mark, tone.style());
            paint.text(text, tone.style());
            paint.newline();
        };
        for op in group {
            if matches!(op, DiffOp::Equal { .. }) {
                for at in op.old_range() {
                    line(" ", before[at], Tone::Plain);
                }
                continue;
            }
            for at in op.old_range() {
                line("-", before[at], Tone::Removed);
            }
            for at in op.new_range() {
                line("+", after[at], Tone::Added);
            }
        }
    }
}
