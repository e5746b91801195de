//! Says what each difference is.

use super::compare::{Comparison, Sameness, Tokens};
use super::matched::{Match, Sides};
use super::words;
use crate::alignment::{Pair, PairKind, Tag};
use ir_text::{Attached, Line, LineKind, Token, attached, without_attributes, without_metadata};

pub(super) fn classify(sides: Sides<'_>, matches: Vec<Match>) -> Vec<Pair> {
    let (before, after) = (sides.before.function, sides.after.function);
    let mut comparison = Comparison::new(sides, &matches);
    let alone = |matched: Match, kind, line: &Line| Pair {
        before: matched.before,
        after: matched.after,
        kind,
        tag: tag_of_line(line),
        moved: matched.moved,
        words: None,
    };
    matches
        .into_iter()
        .filter_map(|matched| match (matched.before, matched.after) {
            (Some(old), Some(new)) => {
                let mut pair = compare(sides, &mut comparison, old, new);
                pair.moved = matched.moved;
                if pair.moved && matches!(pair.kind, PairKind::Same | PairKind::Renamed) {
                    pair.kind = PairKind::Moved;
                    pair.tag = tag_of_line(&before.lines[old]);
                }
                Some(pair)
            }
            (Some(old), None) => Some(alone(matched, PairKind::Removed, &before.lines[old])),
            (None, Some(new)) => Some(alone(matched, PairKind::Added, &after.lines[new])),
            (None, None) => None,
        })
        .collect()
}

fn compare(sides: Sides<'_>, comparison: &mut Comparison<'_>, old: usize, new: usize) -> Pair {
    let mut pair = Pair {
        before: Some(old),
        after: Some(new),
        kind: PairKind::Renamed,
        tag: Tag::Renaming,
        moved: false,
        words: None,
    };
    match comparison.same_lines(old, new) {
        Sameness::Words => {
            pair.kind = PairKind::Same;
            return pair;
        }
        Sameness::Meaning => return pair,
        Sameness::Different => {}
    }
    let (old_line, new_line) = (sides.before.line(old), sides.after.line(new));
    let mut tokens = Tokens::default();
    let (old_tokens, new_tokens) = tokens.of(old_line, new_line);
    pair.kind = PairKind::Changed;
    let words = words::changed(&old_line.text, &new_line.text, &mut |old, new| {
        comparison.same_token(old, new)
    });
    pair.words = Some(Box::new(words));
    let (old_core, new_core) = (without_metadata(old_tokens), without_metadata(new_tokens));
    pair.tag = if let Some(attached) = old_line.attached() {
        tag_of(attached)
    } else if comparison.same(&without_places(old_tokens), &without_places(new_tokens)) {
        Tag::DebugInfo
    } else if comparison.same(old_core, new_core) {
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

/// A line without the places in the source that are attached to it.
fn without_places<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let attached = tokens.iter().zip(attached(tokens));
    attached
        .filter(|(_, attached)| *attached != Some(Attached::DebugInfo))
        .map(|(token, _)| *token)
        .collect()
}

fn tag_of_line(line: &Line) -> Tag {
    match (line.kind, line.attached()) {
        (LineKind::Blank, _) => Tag::Renaming,
        (_, Some(attached)) => tag_of(attached),
        _ => Tag::Real,
    }
}

fn tag_of(attached: Attached) -> Tag {
    match attached {
        Attached::DebugInfo => Tag::DebugInfo,
        Attached::Metadata => Tag::Metadata,
    }
}
