//! Where lines stand among those that are shown.

use ir_text::Line;

use super::cut::block_name;
use super::options::Options;
use crate::alignment::{Diff, Pair, Tag};
use crate::detail::Detail;
use crate::hunk::Hunk;
use crate::row::Row;
use crate::style::Tone;

/// Where each line of both sides stands among those that are shown, counted from 1.
pub(super) struct Positions {
    before: Vec<usize>,
    after: Vec<usize>,
}

impl Positions {
    pub(super) fn of(diff: &Diff, detail: Detail) -> Self {
        let count = |lines: &[Line]| {
            let mut seen = 0;
            lines
                .iter()
                .map(|line| {
                    seen += usize::from(!detail.hides(line));
                    seen
                })
                .collect()
        };
        Positions {
            before: count(&diff.before.lines),
            after: count(&diff.after.lines),
        }
    }

    /// What stands above a hunk: `@@ -3,4 +3,9 @@ bb2 (attributes)`.
    pub(super) fn heading(&self, diff: &Diff, hunk: &Hunk, options: &Options<'_>) -> Row {
        let pairs: Vec<&Pair> = diff.pairs[hunk.pairs.clone()]
            .iter()
            .filter(|pair| diff.is_visible(pair, options.show, options.detail))
            .collect();
        let side = |of: fn(&Pair) -> Option<usize>, positions: &[usize]| {
            let lines: Vec<usize> = pairs.iter().filter_map(|pair| of(pair)).collect();
            let start = lines.first().map_or_else(
                || {
                    // Nothing of this side: the line after which the other side's stand.
                    diff.pairs[..hunk.pairs.start]
                        .iter()
                        .rev()
                        .find_map(of)
                        .map_or(0, |line| positions[line])
                },
                |&line| positions[line],
            );
            format!("{start},{}", lines.len())
        };
        // Where the hunk begins, which says more than where it ends.
        let block = pairs
            .first()
            .and_then(|pair| match (pair.after, pair.before) {
                (Some(line), _) => diff.after.lines[line].block.as_deref(),
                (None, Some(line)) => diff.before.lines[line].block.as_deref(),
                (None, None) => None,
            })
            .map(|block| format!(" {}", block_name(block, options)))
            .unwrap_or_default();
        let tag = match hunk.tag {
            Tag::Real => "",
            Tag::Attributes => " (attributes)",
            Tag::Metadata => " (metadata)",
            Tag::DebugInfo => " (debug info)",
            Tag::Renaming => " (renaming)",
        };
        let mut row = Row::default();
        row.push(
            &format!(
                "@@ -{} +{} @@{block}{tag}",
                side(|pair| pair.before, &self.before),
                side(|pair| pair.after, &self.after)
            ),
            Tone::Hunk.style(),
            None,
        );
        row
    }
}
