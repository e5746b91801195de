//! How a pair of lines is shown: as a difference, as context, or not at all.

use super::options::Options;
use crate::alignment::{Pair, PairKind, Tag};

/// How a pair is shown.
pub(super) enum Shown {
    Context,
    /// Context that is numbered otherwise on the other side.
    Renumbered,
    Moved,
    Difference,
    Folded,
}

pub(super) fn shown(pair: &Pair, options: &Options<'_>) -> Shown {
    match pair.kind {
        PairKind::Same => Shown::Context,
        PairKind::Renamed => Shown::Renumbered,
        PairKind::Moved => Shown::Moved,
        // What goes along with a difference (an empty line) is no difference to fold.
        _ if pair.tag == Tag::Renaming || options.show.includes(pair.tag) => Shown::Difference,
        PairKind::Changed => Shown::Context,
        PairKind::Added | PairKind::Removed => Shown::Folded,
    }
}
