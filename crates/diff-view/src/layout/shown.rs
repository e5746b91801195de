//! How a pair of lines is shown: as a difference, as context, or not at all.

use super::options::Options;
use crate::alignment::{Diff, Pair, PairKind, Tag};
use crate::hunk::is_shown;

/// How a pair is shown.
pub(super) enum Shown {
    Context,
    /// Context that is numbered otherwise on the other side.
    Renumbered,
    /// Context that has other attributes on the other side.
    Attributes,
    Moved,
    Difference,
    Folded,
}

pub(super) fn shown(diff: &Diff, pair: &Pair, options: &Options<'_>) -> Shown {
    if !diff.is_visible(pair, options.show, options.detail) {
        return Shown::Folded;
    }
    match pair.kind {
        PairKind::Same => Shown::Context,
        PairKind::Renamed => Shown::Renumbered,
        PairKind::Moved => Shown::Moved,
        // What goes along with a difference (an empty line) is no difference to fold.
        _ if pair.tag == Tag::Renaming || is_shown(pair, options.show, options.detail) => {
            Shown::Difference
        }
        _ if pair.tag == Tag::Attributes => Shown::Attributes,
        _ => Shown::Context,
    }
}
