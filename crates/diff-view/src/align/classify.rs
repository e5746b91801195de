//! Says what each difference is.

use super::compare::Comparison;
use super::matched::{Match, Sides};
use super::words;
use crate::alignment::{Pair, PairKind, Tag};
use ir_text::{Function, LineKind, without_attributes, without_metadata};

pub(super) fn classify(
    sides: &Sides<'_, '_>,
    before: &Function,
    after: &Function,
    matches: Vec<Match>,
) -> Vec<Pair> {
    let mut comparison = Comparison::new(sides, before, after, &matches);
    let alone = |matched: Match, kind, line: LineKind| Pair {
        before: matched.before,
        after: matched.after,
        kind,
        tag: tag_of_line(line),
        moved: matched.moved,
        words_before: Vec::new(),
        words_after: Vec::new(),
    };
    matches
        .into_iter()
        .filter_map(|matched| match (matched.before, matched.after) {
            (Some(old), Some(new)) => {
                let mut pair = compare(sides, &mut comparison, old, new);
                pair.moved = matched.moved;
                if pair.moved && matches!(pair.kind, PairKind::Same | PairKind::Renamed) {
                    pair.kind = PairKind::Moved;
                    pair.tag = tag_of_line(before.lines[old].kind);
                }
                Some(pair)
            }
            (Some(old), None) => Some(alone(matched, PairKind::Removed, before.lines[old].kind)),
            (None, Some(new)) => Some(alone(matched, PairKind::Added, after.lines[new].kind)),
            (None, None) => None,
        })
        .collect()
}

fn compare(
    sides: &Sides<'_, '_>,
    comparison: &mut Comparison<'_, '_>,
    old: usize,
    new: usize,
) -> Pair {
    let (old_line, new_line) = (&comparison.before.lines[old], &comparison.after.lines[new]);
    let (old_tokens, new_tokens) = (&sides.before[old].tokens, &sides.after[new].tokens);
    let mut pair = Pair {
        before: Some(old),
        after: Some(new),
        kind: PairKind::Renamed,
        tag: Tag::Renaming,
        moved: false,
        words_before: Vec::new(),
        words_after: Vec::new(),
    };
    if comparison.same(old_tokens, new_tokens) {
        // Comments and the comma after a parameter may differ; numbers and names may not.
        if old_tokens
            .iter()
            .zip(new_tokens)
            .all(|(old, new)| old.text == new.text)
        {
            pair.kind = PairKind::Same;
        }
        return pair;
    }
    pair.kind = PairKind::Changed;
    (pair.words_before, pair.words_after) =
        words::changed(&old_line.text, &new_line.text, &mut |old, new| {
            comparison.same_token(old, new)
        });
    let (old_core, new_core) = (without_metadata(old_tokens), without_metadata(new_tokens));
    pair.tag = if old_line.kind == LineKind::Record || comparison.same(old_core, new_core) {
        Tag::Metadata
    } else if comparison.same(
        &without_attributes(old_line.kind, old_core),
        &without_attributes(new_line.kind, new_core),
    ) {
        Tag::Attributes
    } else {
        Tag::Real
    };
    pair
}

fn tag_of_line(kind: LineKind) -> Tag {
    match kind {
        LineKind::Blank => Tag::Renaming,
        LineKind::Record => Tag::Metadata,
        _ => Tag::Real,
    }
}
