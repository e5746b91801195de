//! The difference between two normal forms, looked for by what lines say and not by their names.

use std::ops::Range;
use std::sync::Arc;

use diff_view::{Diff, Function, PairKind, TokenKind, Words, lex};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use ir_text::{joined, numbered};

/// Compares two functions' normal forms; the lines are those of the forms.
pub fn compare(old: &str, new: &str) -> Diff {
    let (old, new) = (joined(old), joined(new));
    let mut diff = diff_view::diff(&numbered(&old), &numbered(&new), None);
    diff.before = Arc::new(Function::parse(&old));
    diff.after = Arc::new(Function::parse(&new));
    for pair in &mut diff.pairs {
        let before = pair.before.map(|at| diff.before.lines[at].text.as_str());
        let after = pair.after.map(|at| diff.after.lines[at].text.as_str());
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        match pair.kind {
            PairKind::Same if before != after => pair.kind = PairKind::Renamed,
            PairKind::Renamed if before == after => pair.kind = PairKind::Same,
            PairKind::Changed => pair.words = Some(Box::new(words(before, after))),
            _ => {}
        }
    }
    diff
}

/// Byte ranges of the words that differ.
fn words(before: &str, after: &str) -> Words {
    let (old, new) = (pieces(before), pieces(after));
    let texts = |pieces: &[(Range<usize>, String)]| -> Vec<String> {
        pieces.iter().map(|(_, text)| text.clone()).collect()
    };
    let mut found = Words::default();
    for op in capture_diff_slices(Algorithm::Myers, &texts(&old), &texts(&new)) {
        if !matches!(op, DiffOp::Equal { .. }) {
            found.before.extend(span(&old[op.old_range()]));
            found.after.extend(span(&new[op.new_range()]));
        }
    }
    found
}

fn pieces(line: &str) -> Vec<(Range<usize>, String)> {
    let mut at = 0;
    let mut found = Vec::new();
    for token in lex(line) {
        let range = at..at + token.text.len();
        at = range.end;
        if token.kind != TokenKind::Space {
            found.push((range, token.text.to_owned()));
        }
    }
    found
}

fn span(pieces: &[(Range<usize>, String)]) -> Option<Range<usize>> {
    let (first, last) = (pieces.first()?, pieces.last()?);
    Some(first.0.start..last.0.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use diff_view::Show;

    #[test]
    fn a_line_more_is_one_difference() {
        let old = "define double @f(\n    double %x\n  ) {\nbb.1:\n  %fmul.1 = fmul double %x, %x\n  %fmul.2 = fmul double %fmul.1, %x\n  ret double %fmul.2\n}\n";
        let new = "define double @f(\n    double %x\n  ) {\nbb.1:\n  %fmul.1 = fmul double %x, 2.000000e+00\n  %fmul.2 = fmul double %x, %x\n  %fmul.3 = fmul double %fmul.2, %x\n  ret double %fmul.3\n}\n";
        let diff = compare(old, new);
        let counts = diff.counts();
        assert_eq!((counts.added, counts.removed, counts.renaming), (1, 0, 3));
        assert!(
            diff.after
                .lines
                .iter()
                .any(|line| line.text.contains("%fmul.3"))
        );
        assert!(!compare(old, old).differs(Show::Renaming));
    }

    #[test]
    fn changed_words_are_those_of_the_shown_lines() {
        let (before, after) = ("  %a.1 = fadd double %x", "  %a.1 = fadd fast double %x");
        let words = words(before, after);
        let (old, new) = (words.before, words.after);
        assert!(old.is_empty());
        assert_eq!(&after[new[0].clone()], "fast");
    }
}
