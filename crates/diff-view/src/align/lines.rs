//! Matches the lines of two functions.

use std::ops::Range;
use std::time::Instant;

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::blocks::{self, BlockPair};
use super::compare::Comparison;
use super::matched::{Match, Sides};
use ir_text::{Form, Function, LineKind};

/// Blocks are paired before lines: a line that went to another block went somewhere else, even if
/// it says the same there.
pub(super) fn pair(
    sides: &Sides<'_, '_>,
    before: &Function,
    after: &Function,
    deadline: Option<Instant>,
) -> Vec<Match> {
    if let Some(pairs) = one_to_one(sides, before, after) {
        return pairs;
    }
    let lines = Lines {
        sides,
        before,
        after,
        deadline,
    };
    let mut pairs = Vec::new();
    for block in blocks::pair(before, sides.before, after, sides.after) {
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
fn one_to_one(sides: &Sides<'_, '_>, before: &Function, after: &Function) -> Option<Vec<Match>> {
    if before.lines.len() != after.lines.len() {
        return None;
    }
    let pairs: Vec<Match> = (0..before.lines.len())
        .map(|line| Match::new(Some(line), Some(line)))
        .collect();
    let mut comparison = Comparison::new(sides, before, after, &pairs);
    let same = sides
        .before
        .iter()
        .zip(sides.after)
        .all(|(old, new)| comparison.same(&old.tokens, &new.tokens));
    same.then_some(pairs)
}

/// Pairs the lines of two blocks.
struct Lines<'s, 'a> {
    sides: &'s Sides<'s, 'a>,
    before: &'s Function,
    after: &'s Function,
    deadline: Option<Instant>,
}

impl Lines<'_, '_> {
    /// Lines that say the same are paired first; between them, lines that play the same part.
    fn pair(&self, old: Range<usize>, new: Range<usize>, pairs: &mut Vec<Match>) {
        let strong = |forms: &[Form<'_>], range: &Range<usize>| {
            forms[range.clone()]
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
        let weak = |forms: &[Form<'_>], function: &Function, range: &Range<usize>, side: u64| {
            range
                .clone()
                .map(|index| match function.lines[index].kind {
                    LineKind::Blank => (side, index as u64),
                    _ => (0, forms[index].weak),
                })
                .collect::<Vec<_>>()
        };
        let ops = capture_diff_slices_deadline(
            Algorithm::Myers,
            &weak(self.sides.before, self.before, old, 1),
            &weak(self.sides.after, self.after, new, 2),
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
