//! A diff for people.

use diff_view::{Counts, Diff, Paint, Show, Tone, hunks, layout};

use super::flags::{Layout, View};
use super::names::renamer;
use super::side::{Shown, title};
use crate::heading;
use crate::output::{Canvas, Global};

/// Paints a diff for people.
pub fn text(shown: &Shown<'_>, view: &View, diff: &Diff, global: &Global, canvas: &mut Canvas) {
    let show = Show::from(view.show);
    let width = global.width().max(40);
    if let Some(trace) = shown.trace {
        heading::paint(trace, width, canvas);
    }
    let before = format!("--- {}", title(shown.before));
    canvas.paragraph(&before, 0, width, Tone::Removed.style());
    let after = format!("+++ {}", title(shown.after));
    canvas.paragraph(&after, 0, width, Tone::Added.style());
    summary(&diff.counts(), show, width, canvas);
    if diff.timed_out {
        canvas.line(
            "warning: aligning took too long and was cut short; more lines are marked than have changed",
            Tone::Warning.style(),
        );
    }
    let rename = renamer(view.raw_names, &[&shown.before.text, &shown.after.text]);
    let options = layout::Options {
        width,
        rename: &rename,
        show,
    };
    let found = hunks(diff, view.context, show);
    let is_split = match view.layout {
        Layout::Split => true,
        Layout::Unified => false,
        Layout::Auto => layout::has_room_for_two(width),
    };
    if is_split {
        canvas.rows(layout::split(diff, &found, &options));
    } else {
        canvas.rows(layout::unified(diff, &found, &options));
    }
}

/// What the counts say, and what of it is not shown.
fn summary(counts: &Counts, show: Show, width: usize, canvas: &mut Canvas) {
    if counts.added == 0 && counts.removed == 0 && counts.moved == 0 {
        let text = if counts.renaming > 0 {
            "no difference but numbering"
        } else {
            "no difference"
        };
        canvas.line(text, Tone::Muted.style());
        return;
    }
    let (added, removed) = (format!("+{}", counts.added), format!("-{}", counts.removed));
    canvas.text(&added, Tone::Added.style());
    canvas.text(" ", Tone::Plain.style());
    canvas.text(&removed, Tone::Removed.style());
    let mut parts = Vec::new();
    for (count, what) in [
        (counts.attributes, "attributes"),
        (counts.metadata, "metadata"),
    ] {
        if count > 0 {
            let folded = if show == Show::Real { ", folded" } else { "" };
            parts.push(format!("{count} in {what} alone{folded}"));
        }
    }
    if counts.moved > 0 {
        parts.push(format!("{} moved", counts.moved));
    }
    if counts.renaming > 0 {
        parts.push(format!("{} renumbered (~)", counts.renaming));
    }
    if parts.is_empty() {
        canvas.newline();
    } else {
        canvas.text("  ", Tone::Plain.style());
        let used = added.len() + removed.len() + 3;
        canvas.paragraph(&parts.join(", "), used, width, Tone::Muted.style());
    }
}
