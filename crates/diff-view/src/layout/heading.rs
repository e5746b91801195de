//! What stands above a hunk.

use crate::alignment::{Diff, Pair, Tag};
use crate::hunk::Hunk;
use crate::row::Row;
use crate::style::Tone;

/// `@@ -3,4 +3,9 @@ bb2 (attributes)`, positions counted from 1.
pub(super) fn heading(diff: &Diff, hunk: &Hunk) -> Row {
    let pairs = &diff.pairs[hunk.pairs.clone()];
    let side = |of: fn(&Pair) -> Option<usize>| {
        let lines: Vec<usize> = pairs.iter().filter_map(of).collect();
        let start = lines.first().map_or_else(
            || {
                // Nothing of this side: the line after which the other side's stand.
                diff.pairs[..hunk.pairs.start]
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
    let block = pairs
        .first()
        .and_then(|pair| match (pair.after, pair.before) {
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
    let mut row = Row::default();
    row.push(
        &format!(
            "@@ -{} +{} @@{block}{tag}",
            side(|pair| pair.before),
            side(|pair| pair.after)
        ),
        Tone::Hunk.style(),
        None,
    );
    row
}
