//! One column: lines that are gone, then lines that are new.

use super::{Options, heading, pieces, sign};
use crate::align::{Diff, Row, RowKind};
use crate::hunk::Hunk;
use crate::paint::{Paint, Tone};

/// Hunks for reading: wrapped, coloured, with changed words marked.
pub fn unified(diff: &Diff, hunks: &[Hunk], options: &Options<'_>, paint: &mut dyn Paint) {
    for hunk in hunks {
        heading(diff, hunk, paint);
        for row in &diff.rows[hunk.rows.clone()] {
            let before = row.before.map(|line| diff.before.lines[line].text.as_str());
            let after = row.after.map(|line| diff.after.lines[line].text.as_str());
            match row.kind {
                RowKind::Same | RowKind::Renamed => {
                    write(
                        " ",
                        after.unwrap_or(""),
                        row,
                        false,
                        Tone::Plain,
                        options,
                        paint,
                    );
                }
                _ => {
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
    let words = if is_before {
        &row.words_before
    } else {
        &row.words_after
    };
    let pieces = pieces::of(text, words, tone, options);
    for wrapped in pieces::wrap(pieces, options.width.saturating_sub(1)) {
        sign(mark, tone, paint);
        wrapped.paint(paint);
        paint.newline();
    }
}

/// Hunks for programs: a unified diff that `patch` applies to the text before and that gives the
/// text after, line by line, renumbering included.
pub fn patch(diff: &Diff, hunks: &[Hunk], paint: &mut dyn Paint) {
    let line = |mark: &str, text: &str, tone: Tone, paint: &mut dyn Paint| {
        sign(mark, tone, paint);
        paint.text(text, tone.style());
        paint.newline();
    };
    for hunk in hunks {
        heading(diff, hunk, paint);
        for row in &diff.rows[hunk.rows.clone()] {
            let before = row.before.map(|at| diff.before.lines[at].text.as_str());
            let after = row.after.map(|at| diff.after.lines[at].text.as_str());
            if let (Some(before), Some(after)) = (before, after)
                && before == after
            {
                line(" ", before, Tone::Plain, paint);
                continue;
            }
            if let Some(text) = before {
                line("-", text, Tone::Removed, paint);
            }
            if let Some(text) = after {
                line("+", text, Tone::Added, paint);
            }
        }
    }
}
