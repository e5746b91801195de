//! Which words of two lines that belong together have changed.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::alignment::Words;
use ir_text::{Token, TokenKind, lex};

/// Byte ranges of the changed words on both sides. `same` says which tokens count as equal.
pub(super) fn changed(
    before: &str,
    after: &str,
    same: &mut dyn FnMut(&Token<'_>, &Token<'_>) -> bool,
) -> Words {
    let olds = words(before);
    let news = words(after);
    // Tokens that count as equal get equal numbers, so that an ordinary diff can run on them.
    let mut classes: Vec<u32> = (0..).take(olds.len()).collect();
    for (at, (_, old)) in olds.iter().enumerate() {
        if let Some(first) = olds[..at].iter().position(|(_, other)| other == old) {
            classes[at] = classes[first];
        }
    }
    let mut fresh = u32::try_from(olds.len()).unwrap_or(u32::MAX / 2);
    let new_classes: Vec<u32> = news
        .iter()
        .map(|(_, new)| {
            olds.iter().position(|(_, old)| same(old, new)).map_or_else(
                || {
                    fresh += 1;
                    fresh
                },
                |at| classes[at],
            )
        })
        .collect();
    let mut spans = Words::default();
    for op in capture_diff_slices(Algorithm::Myers, &classes, &new_classes) {
        if !matches!(op, DiffOp::Equal { .. }) {
            spans.before.extend(span(&olds, op.old_range()));
            spans.after.extend(span(&news, op.new_range()));
        }
    }
    spans
}

fn words(line: &str) -> Vec<(usize, Token<'_>)> {
    let mut at = 0;
    let mut out = Vec::new();
    for token in lex(line) {
        if !matches!(token.kind, TokenKind::Space | TokenKind::Comment) {
            out.push((at, token));
        }
        at += token.text.len();
    }
    out
}

fn span(words: &[(usize, Token<'_>)], range: Range<usize>) -> Option<Range<usize>> {
    let words = words.get(range)?;
    let (start, _) = words.first()?;
    let (end, last) = words.last()?;
    Some(*start..end + last.text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_words_are_found() {
        let (before, after) = (
            "  %x = fadd double %a, %b",
            "  %x = fadd fast double %a, %c",
        );
        let words = changed(before, after, &mut |a, b| a == b);
        let cut = |text: &str, spans: Vec<Range<usize>>| -> Vec<String> {
            spans
                .into_iter()
                .map(|span| text[span].to_owned())
                .collect()
        };
        assert_eq!(cut(before, words.before), ["%b"]);
        assert_eq!(cut(after, words.after), ["fast", "%c"]);
    }
}
