//! Matches the lines of two functions.

use std::ops::Range;
use std::time::Instant;

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::blocks::{self, BlockPair};
use super::compare::{Comparison, Sameness, Tokens};
use super::matched::{Match, Side, Sides};
use ir_text::{LineKind, Token, TokenKind};

/// Blocks are paired before lines: a line that went to another block went somewhere else, even if
/// it says the same there.
pub(super) fn pair(sides: Sides<'_>, deadline: Option<Instant>) -> Vec<Match> {
    if let Some(pairs) = one_to_one(sides) {
        return pairs;
    }
    let lines = Lines { sides, deadline };
    let mut pairs = Vec::new();
    for block in blocks::pair(sides) {
        match block {
            BlockPair::Both { old, new, moved } => {
                let start = pairs.len();
                lines.pair(old, new, &mut pairs);
                for pair in &mut pairs[start..] {
                    pair.moved = moved;
                }
            }
            BlockPair::Before(old) => {
                pairs.extend(old.map(|line| Match::new(Some(line), None)));
            }
            BlockPair::After(new) => {
                pairs.extend(new.map(|line| Match::new(None, Some(line))));
            }
        }
    }
    pairs
}

/// Line by line, when the functions differ in numbers and names alone, whatever the names are.
fn one_to_one(sides: Sides<'_>) -> Option<Vec<Match>> {
    let count = sides.before.function.lines.len();
    if count != sides.after.function.lines.len() {
        return None;
    }
    // What is something else whatever it is called is found before names are.
    let mut tokens = Tokens::default();
    let is_shaped_alike = |line: usize| {
        let (old, new) = (sides.before.line(line), sides.after.line(line));
        old.text == new.text && old.kind == new.kind || {
            let (old, new) = tokens.of(old, new);
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| alike(old, new))
        }
    };
    if !(0..count).all(is_shaped_alike) {
        return None;
    }
    let pairs: Vec<Match> = (0..count)
        .map(|line| Match::new(Some(line), Some(line)))
        .collect();
    let mut comparison = Comparison::new(sides, &pairs);
    let same = (0..count).all(|line| comparison.same_lines(line, line) != Sameness::Different);
    same.then_some(pairs)
}

/// True for two tokens of which one may be the other, whatever names and numbers mean.
fn alike(old: &Token<'_>, new: &Token<'_>) -> bool {
    old.kind == new.kind
        && match old.kind {
            TokenKind::Local | TokenKind::Label | TokenKind::Metadata => true,
            _ => old.text == new.text,
        }
}

/// Pairs the lines of two blocks.
struct Lines<'s> {
    sides: Sides<'s>,
    deadline: Option<Instant>,
}

impl Lines<'_> {
    /// Lines that say the same are paired first; between them, lines that play the same part.
    fn pair(&self, old: Range<usize>, new: Range<usize>, pairs: &mut Vec<Match>) {
        let strong = |side: Side<'_>, range: &Range<usize>| {
            side.forms[range.clone()]
                .iter()
                .map(|form| form.strong)
                .collect::<Vec<_>>()
        };
        let ops = capture_diff_slices_deadline(
            Algorithm::Patience,
            &strong(self.sides.before, &old),
            &strong(self.sides.after, &new),
            self.deadline,
        );
        let mut gap = (old.start..old.start, new.start..new.start);
        for op in ops {
            let (olds, news) = (op.old_range(), op.new_range());
            if let DiffOp::Equal { len, .. } = op {
                self.fill(&gap, pairs);
                let (old, new) = (old.start + olds.start, new.start + news.start);
                pairs.extend((0..len).map(|i| Match::new(Some(old + i), Some(new + i))));
                gap = (old + len..old + len, new + len..new + len);
            } else {
                gap.0.end = old.start + olds.end;
                gap.1.end = new.start + news.end;
            }
        }
        self.fill(&gap, pairs);
    }

    /// Pairs what is left between two runs of equal lines.
    fn fill(&self, (old, new): &(Range<usize>, Range<usize>), pairs: &mut Vec<Match>) {
        // Blank lines play no part; a key of their own keeps each from being paired.
        let weak = |side: Side<'_>, range: &Range<usize>, key: u64| {
            range
                .clone()
                .map(|index| match side.line(index).kind {
                    LineKind::Blank => (key, index as u64),
                    _ => (0, side.forms[index].weak),
                })
                .collect::<Vec<_>>()
        };
        let ops = capture_diff_slices_deadline(
            Algorithm::Myers,
            &weak(self.sides.before, old, 1),
            &weak(self.sides.after, new, 2),
            self.deadline,
        );
        for op in ops {
            let olds = op.old_range().map(|index| old.start + index);
            let news = op.new_range().map(|index| new.start + index);
            if matches!(op, DiffOp::Equal { .. }) {
                pairs.extend(
                    olds.zip(news)
                        .map(|(old, new)| Match::new(Some(old), Some(new))),
                );
            } else {
                pairs.extend(olds.map(|old| Match::new(Some(old), None)));
                pairs.extend(news.map(|new| Match::new(None, Some(new))));
            }
        }
    }
}
