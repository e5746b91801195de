//! What of a diff is worth showing.

use std::ops::Range;

use serde::Serialize;

use crate::alignment::{Diff, Pair, PairKind, Tag};
use crate::detail::{Detail, Hidden};

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
    /// Differences in attached metadata alone.
    pub metadata: usize,
    /// Differences in debug info alone.
    pub debug_info: usize,
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
                Tag::DebugInfo => counts.debug_info += 1,
                Tag::Renaming => {}
            }
        }
        counts
    }

    /// True when the functions differ in something that `show` shows.
    pub fn differs(&self, show: Show) -> bool {
        let mut pairs = self.pairs.iter();
        pairs.any(|pair| is_shown(pair, show, Detail::ALL))
    }

    /// How many lines are shown as added and removed.
    pub fn shown_lines(&self, show: Show, detail: Detail) -> (usize, usize) {
        let shown = self.pairs.iter().filter(|pair| {
            let stays = matches!(pair.kind, PairKind::Renamed | PairKind::Moved);
            !stays && pair.tag != Tag::Renaming && is_shown(pair, show, detail)
        });
        shown.fold((0, 0), |(added, removed), pair| {
            (
                added + usize::from(pair.after.is_some()),
                removed + usize::from(pair.before.is_some()),
            )
        })
    }

    /// How much beside the code is not shown; what stands on both sides is counted once.
    pub fn hidden(&self, detail: Detail) -> Hidden {
        let mut hidden = Hidden::default();
        for pair in &self.pairs {
            let line = match (pair.after, pair.before) {
                (Some(line), _) => &self.after.lines[line],
                (None, Some(line)) => &self.before.lines[line],
                (None, None) => continue,
            };
            detail.count(line, &mut hidden);
        }
        hidden
    }

    /// True when a pair takes rows at all, as a difference or as context.
    pub fn is_visible(&self, pair: &Pair, show: Show, detail: Detail) -> bool {
        let before = pair.before.map(|line| &self.before.lines[line]);
        let after = pair.after.map(|line| &self.after.lines[line]);
        let is_hidden = before
            .into_iter()
            .chain(after)
            .all(|line| detail.hides(line));
        let stays = !matches!(pair.kind, PairKind::Added | PairKind::Removed);
        !is_hidden && (stays || pair.tag == Tag::Renaming || is_shown(pair, show, detail))
    }
}

impl Pair {
    /// True when it is a difference that is shown as one.
    pub fn is_shown(&self, show: Show, detail: Detail) -> bool {
        is_shown(self, show, detail)
    }
}

/// True when a pair is a difference that is shown as one.
pub(crate) fn is_shown(pair: &Pair, show: Show, detail: Detail) -> bool {
    match (pair.kind, pair.tag) {
        (PairKind::Same, _) => false,
        (PairKind::Renamed, _) => show == Show::Renaming,
        (_, Tag::DebugInfo) => detail.debug_info && show.includes(pair.tag),
        (_, Tag::Metadata) => detail.metadata && show.includes(pair.tag),
        // Empty lines and comments go along with what they stand next to.
        _ => show.includes(pair.tag),
    }
}

/// The pairs that differ, each with up to `context` visible pairs around it; what touches is one hunk.
pub fn hunks(diff: &Diff, context: usize, show: Show, detail: Detail) -> Vec<Hunk> {
    let visible: Vec<usize> = (0..diff.pairs.len())
        .filter(|&at| diff.is_visible(&diff.pairs[at], show, detail))
        .collect();
    // Ranges are of what is visible until they are done.
    let mut hunks: Vec<Hunk> = Vec::new();
    for (at, &pair) in visible.iter().enumerate() {
        let pair = &diff.pairs[pair];
        if !is_shown(pair, show, detail) {
            continue;
        }
        let start = at.saturating_sub(context);
        let end = at
            .saturating_add(context)
            .saturating_add(1)
            .min(visible.len());
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
    for hunk in &mut hunks {
        hunk.pairs = visible[hunk.pairs.start]..visible[hunk.pairs.end - 1] + 1;
    }
    hunks
}
