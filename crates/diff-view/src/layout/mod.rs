//! Lays hunks out as text.

mod pieces;
mod split;
mod unified;

pub use split::split;
pub use unified::{patch, unified};

use crate::align::{Diff, Row, RowKind, Tag};
use crate::highlight::Highlighter;
use crate::hunk::{Hunk, Show};
use crate::paint::{Paint, Style, Tone};

/// How to lay out.
pub struct Options<'a> {
    /// Columns of the terminal; lines are wrapped to it.
    pub width: usize,
    /// What to call a symbol, if not by itself.
    pub rename: &'a dyn Fn(&str) -> Option<String>,
    /// Which differences are shown as such; others stand as context.
    pub show: Show,
    /// Syntax colours, if any.
    pub highlighter: Option<&'a Highlighter>,
}

/// Writes one line behind something that was painted already, as wide as `indent`, which its further
/// rows begin with.
pub fn line(text: &str, indent: &str, options: &Options<'_>, paint: &mut dyn Paint) {
    let width = options.width.saturating_sub(indent.len());
    let rows = pieces::wrap(pieces::of(text, &[], Tone::Plain, options), width);
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            paint.text(indent, Tone::Plain.style());
        }
        row.paint(paint);
        paint.newline();
    }
}

/// Writes one function's lines, wrapped and coloured.
pub fn plain(lines: &[&str], options: &Options<'_>, paint: &mut dyn Paint) {
    for line in lines {
        let pieces = pieces::of(line, &[], Tone::Plain, options);
        for row in pieces::wrap(pieces, options.width) {
            row.paint(paint);
            paint.newline();
        }
    }
}

/// `@@ -3,4 +3,9 @@ bb2 (attributes)`, positions counted from 1.
fn heading(diff: &Diff, hunk: &Hunk, paint: &mut dyn Paint) {
    let rows = &diff.rows[hunk.rows.clone()];
    let side = |of: fn(&Row) -> Option<usize>| {
        let lines: Vec<usize> = rows.iter().filter_map(of).collect();
        let start = lines.first().map_or_else(
            || {
                // Nothing of this side: the line after which the other side's stand.
                diff.rows[..hunk.rows.start]
                    .iter()
                    .rev()
                    .find_map(of)
                    .map_or(0, |line| line + 1)
            },
            |line| line + 1,
        );
        format!("{start},{}", lines.len())
    };
    // Where the hunk begins, which says more than where it ends.
    let block = rows
        .first()
        .and_then(|row| match (row.after, row.before) {
            (Some(line), _) => diff.after.lines[line].block.as_deref(),
            (None, Some(line)) => diff.before.lines[line].block.as_deref(),
            (None, None) => None,
        })
        .map(|block| format!(" {block}"))
        .unwrap_or_default();
    let tag = match hunk.tag {
        Tag::Real => "",
        Tag::Attributes => " (attributes)",
        Tag::Metadata => " (metadata)",
        Tag::Renaming => " (renaming)",
    };
    let text = format!(
        "@@ -{} +{} @@{block}{tag}",
        side(|row| row.before),
        side(|row| row.after)
    );
    paint.text(&text, Tone::Hunk.style());
    paint.newline();
}

/// How a row is shown: as it is, as context, or not at all.
enum Shown {
    Context,
    /// Context that is numbered otherwise on the other side.
    Renumbered,
    Moved,
    Difference,
    Folded,
}

fn shown(row: &Row, options: &Options<'_>) -> Shown {
    match row.kind {
        RowKind::Same => Shown::Context,
        RowKind::Renamed => Shown::Renumbered,
        RowKind::Moved => Shown::Moved,
        // What goes along with a difference (an empty line) is no difference to fold.
        _ if row.tag == Tag::Renaming || options.show.includes(row.tag) => Shown::Difference,
        RowKind::Changed => Shown::Context,
        RowKind::Added | RowKind::Removed => Shown::Folded,
    }
}

/// A sign before a line, in the line's colour, and heavier than it.
fn sign(text: &str, tone: Tone, paint: &mut dyn Paint) {
    paint.text(
        text,
        Style {
            tone,
            emphasis: false,
            syntax: None,
        },
    );
}
