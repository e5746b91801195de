//! A diff for people.

use diff_view::{Detail, Diff, Location, Paint, Show, Tone, hunks, layout};

use super::colour::{ColourBy, LETTER, LineRoles};
use super::detail::paint_hidden;
use super::flags::{Layout, View};
use super::names::renamer;
use super::side::{Shown, title};
use crate::heading;
use crate::output::{Canvas, Global};
use explore::Sources;

/// Paints a diff for people.
pub fn text(shown: &Shown<'_>, view: &View, diff: &Diff, global: &Global, canvas: &mut Canvas) {
    let show = view.shown();
    let detail = Detail::from(view.detail);
    let width = global.width().max(40);
    for trace in shown.trace.into_iter().chain(shown.other) {
        heading::paint(trace, width, canvas);
    }
    let before = format!("--- {}", title(shown.before));
    canvas.paragraph(&before, 0, width, Tone::Removed.style());
    let after = format!("+++ {}", title(shown.after));
    canvas.paragraph(&after, 0, width, Tone::Added.style());
    summary(diff, show, detail, width, canvas);
    paint_hidden(diff.hidden(detail), "", width, canvas);
    if diff.timed_out {
        canvas.line(
            "warning: aligning took too long and was cut short; more lines are marked than have changed",
            Tone::Warning.style(),
        );
    }
    let rename = renamer(view.raw_names, &[&shown.before.text, &shown.after.text]);
    let sources = Sources::default();
    let read = |location: &Location| sources.line(location);
    let roles = (view.colour.colour_by == ColourBy::Roles).then(|| LineRoles::of(shown, diff));
    if let Some(roles) = &roles {
        roles.legend(width, canvas);
    }
    let options = layout::Options {
        width: width - roles.as_ref().map_or(0, |_| LETTER),
        rename: &rename,
        show,
        detail,
        source: view.detail.source.then_some(&read),
    };
    let found = hunks(diff, view.context, show, detail);
    let is_split = match view.layout {
        // One column has the source above both sides.
        _ if view.detail.source => false,
        // One letter stands before a line.
        _ if roles.is_some() => false,
        Layout::Split => true,
        Layout::Unified => false,
        Layout::Auto => layout::has_room_for_two(width),
    };
    if let Some(roles) = &roles {
        canvas.rows(roles.rows(layout::unified(diff, &found, &options)));
    } else if is_split {
        canvas.rows(layout::split(diff, &found, &options));
    } else {
        canvas.rows(layout::unified(diff, &found, &options));
    }
}

/// What the counts say, and what of it is folded.
fn summary(diff: &Diff, show: Show, detail: Detail, width: usize, canvas: &mut Canvas) {
    let counts = diff.counts();
    let (added, removed) = diff.shown_lines(show, detail);
    let mut parts = Vec::new();
    if counts.attributes > 0 {
        parts.push(match show {
            Show::Real => format!("{} in attributes only (*; --show all)", counts.attributes),
            _ => format!("{} in attributes only", counts.attributes),
        });
    }
    for (count, what) in [
        (counts.metadata, "metadata"),
        (counts.debug_info, "debug info"),
    ] {
        if count > 0 {
            parts.push(format!("{count} in {what} only"));
        }
    }
    if counts.moved > 0 {
        parts.push(format!("{} moved", counts.moved));
    }
    if counts.renaming > 0 {
        parts.push(format!("{} renumbered (~)", counts.renaming));
    }
    let used = if added == 0 && removed == 0 && counts.moved == 0 {
        let is_equal = counts.attributes == 0 && counts.metadata == 0 && counts.debug_info == 0;
        let text = match (is_equal, counts.renaming > 0) {
            (true, true) => {
                canvas.line("no difference but numbering", Tone::Muted.style());
                return;
            }
            (true, false) => "no difference",
            _ => "no difference in what it does",
        };
        canvas.text(text, Tone::Muted.style());
        text.len()
    } else {
        let (added, removed) = (format!("+{added}"), format!("-{removed}"));
        canvas.text(&added, Tone::Added.style());
        canvas.text(" ", Tone::Plain.style());
        canvas.text(&removed, Tone::Removed.style());
        added.len() + removed.len() + 1
    };
    if parts.is_empty() {
        canvas.newline();
    } else {
        canvas.text("  ", Tone::Plain.style());
        canvas.paragraph(&parts.join(", "), used + 2, width, Tone::Muted.style());
    }
}
