//! Two columns: before on the left, after on the right.

use std::ops::Range;

use super::{Options, Shown, heading, pieces, shown, sign};
use crate::align::Diff;
use crate::hunk::Hunk;
use crate::paint::{Paint, Tone};

/// Hunks side by side; each side wraps to half of the width.
pub fn split(diff: &Diff, hunks: &[Hunk], options: &Options<'_>, paint: &mut dyn Paint) {
    // A sign and a column for each side, and " │ " between them.
    let column = options.width.saturating_sub(5) / 2;
    for hunk in hunks {
        heading(diff, hunk, paint);
        for row in &diff.rows[hunk.rows.clone()] {
            let (old_tone, old_mark, new_tone, new_mark) = match shown(row, options) {
                Shown::Folded => continue,
                Shown::Context => (Tone::Plain, " ", Tone::Plain, " "),
                Shown::Renumbered => (Tone::Plain, "~", Tone::Plain, "~"),
                Shown::Moved => (Tone::Hunk, "<", Tone::Hunk, ">"),
                Shown::Difference => (Tone::Removed, "-", Tone::Added, "+"),
            };
            let words = |words: &'_ [Range<usize>]| match new_tone {
                Tone::Plain => Vec::new(),
                _ => words.to_vec(),
            };
            let old = row.before.map_or_else(Vec::new, |at| {
                let text = &diff.before.lines[at].text;
                pieces::wrap(
                    pieces::of(text, &words(&row.words_before), old_tone, options),
                    column,
                )
            });
            let new = row.after.map_or_else(Vec::new, |at| {
                let text = &diff.after.lines[at].text;
                pieces::wrap(
                    pieces::of(text, &words(&row.words_after), new_tone, options),
                    column,
                )
            });
            for at in 0..old.len().max(new.len()) {
                match old.get(at) {
                    Some(wrapped) => {
                        sign(old_mark, old_tone, paint);
                        wrapped.paint_padded(column, paint);
                    }
                    None => paint.text(&" ".repeat(column + 1), Tone::Plain.style()),
                }
                paint.text(" │ ", Tone::Muted.style());
                if let Some(wrapped) = new.get(at) {
                    sign(new_mark, new_tone, paint);
                    wrapped.paint(paint);
                }
                paint.newline();
            }
        }
    }
}
