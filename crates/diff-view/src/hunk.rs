//! What of a diff is worth showing.

use std::ops::Range;

use serde::Serialize;

use crate::alignment::{Diff, Pair, PairKind, Tag};

/// Pairs of lines that are shown together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Positions in [`Diff::pairs`].
    pub pairs: Range<usize>,
    /// The weightiest kind of difference in it.
    pub tag: Tag,
}

/// Which differences are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// All but renumbering.
    All,
    /// Only what the function does.
    Real,
    /// All, renumbering too.
    Renaming,
}

impl Show {
    pub(crate) fn includes(self, tag: Tag) -> bool {
        match self {
            Show::Renaming => true,
            Show::All => tag > Tag::Renaming,
            Show::Real => tag == Tag::Real,
        }
    }
}

/// How many lines were added, removed or changed, and how many differences of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// New lines, changed ones included.
    pub added: usize,
    /// Lines that are gone, changed ones included.
    pub removed: usize,
    /// Differences in what the function does.
    pub real: usize,
    /// Differences in attributes alone.
    pub attributes: usize,
    /// Differences in metadata alone.
    pub metadata: usize,
    /// Lines of blocks that stand elsewhere now.
    pub moved: usize,
    /// Lines that differ in numbers alone.
    pub renaming: usize,
}

impl Diff {
    /// Counts the differences. Blank lines and comments count for nothing.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for pair in &self.pairs {
            match pair.kind {
                PairKind::Same => continue,
                PairKind::Renamed => {
                    counts.renaming += 1;
                    continue;
                }
                _ if pair.tag == Tag::Renaming => continue,
                PairKind::Moved => {
                    counts.moved += 1;
                    continue;
                }
                PairKind::Added => counts.added += 1,
                PairKind::Removed => counts.removed += 1,
                PairKind::Changed => {
                    counts.added += 1;
                    counts.removed += 1;
                }
            }
            match pair.tag {
                Tag::Real => counts.real += 1,
                Tag::Attributes => counts.attributes += 1,
                Tag::Metadata => counts.metadata += 1,
                Tag::Renaming => {}
            }
        }
        counts
    }

    /// True when the functions differ in something that `show` shows.
    pub fn differs(&self, show: Show) -> bool {
        self.pairs.iter().any(|pair| is_shown(pair, show))
    }
}

fn is_shown(pair: &Pair, show: Show) -> bool {
    match pair.kind {
        PairKind::Same => false,
        PairKind::Renamed => show == Show::Renaming,
        // Empty lines and comments go along with what they stand next to.
        _ => show.includes(pair.tag),
    }
}

/// The pairs that differ, each with up to `context` pairs around it; what touches is one hunk.
pub fn hunks(diff: &Diff, context: usize, show: Show) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for (at, pair) in diff.pairs.iter().enumerate() {
        if !is_shown(pair, show) {
            continue;
        }
        let start = at.saturating_sub(context);
        let end = at
            .saturating_add(context)
            .saturating_add(1)
            .min(diff.pairs.len());
        match hunks.last_mut() {
            Some(last) if start <= last.pairs.end => {
                last.pairs.end = end;
                last.tag = last.tag.max(pair.tag);
            }
            _ => hunks.push(Hunk {
                pairs: start..end,
                tag: pair.tag,
            }),
        }
    }
    hunks
}
