//! Pairs the basic blocks of two functions.

use std::hash::{Hash, Hasher};
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::matched::{Side, Sides};
use ir_text::LineKind;

/// Lines of one block on either side or on both. A function's head and its closing brace count as
/// blocks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BlockPair {
    Both {
        old: Range<usize>,
        new: Range<usize>,
        /// True when it stands elsewhere among the other blocks now.
        moved: bool,
    },
    Before(Range<usize>),
    After(Range<usize>),
}

struct Block {
    lines: Range<usize>,
    /// Equal for the blocks of both sides that are one.
    name: Option<String>,
    content: u64,
    /// What its lines say, its label and empty lines left out.
    says: Vec<u64>,
}

/// The blocks in the order after, those that are gone where they were.
pub(super) fn pair(sides: Sides<'_>) -> Vec<BlockPair> {
    let olds = blocks(sides.before);
    let news = blocks(sides.after);
    let partner = partners(&olds, &news);
    // What is paired gets the same number on both sides, what is not gets one of its own.
    let new_ids: Vec<usize> = (0..news.len()).collect();
    let old_ids: Vec<usize> = (0..olds.len())
        .map(|old| partner.get(&old).copied().unwrap_or(news.len() + old))
        .collect();
    let paired: FxHashMap<usize, usize> = partner.iter().map(|(&old, &new)| (new, old)).collect();
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old_ids, &new_ids) {
        if let DiffOp::Equal { .. } = op {
            for (old, new) in op.old_range().zip(op.new_range()) {
                pairs.push(BlockPair::Both {
                    old: olds[old].lines.clone(),
                    new: news[new].lines.clone(),
                    moved: false,
                });
            }
            continue;
        }
        for old in op.old_range() {
            // A moved block is shown where it has gone.
            if !partner.contains_key(&old) {
                pairs.push(BlockPair::Before(olds[old].lines.clone()));
            }
        }
        for new in op.new_range() {
            pairs.push(match paired.get(&new) {
                Some(&old) => BlockPair::Both {
                    old: olds[old].lines.clone(),
                    new: news[new].lines.clone(),
                    moved: true,
                },
                None => BlockPair::After(news[new].lines.clone()),
            });
        }
    }
    pairs
}

fn blocks(side: Side<'_>) -> Vec<Block> {
    let function = side.function;
    let mut starts = Vec::new();
    let mut in_body = false;
    for (at, line) in function.lines.iter().enumerate() {
        let starts_block = match line.kind {
            LineKind::Label => true,
            // The first block may go without a label.
            LineKind::Instruction | LineKind::Record => !in_body,
            LineKind::Close => true,
            _ => at == 0,
        };
        if starts_block {
            // The empty line above a label belongs to it.
            let blank = at > 0
                && line.kind == LineKind::Label
                && function.lines[at - 1].text.trim().is_empty();
            starts.push(if blank { at - 1 } else { at });
        }
        in_body |= matches!(
            line.kind,
            LineKind::Label | LineKind::Instruction | LineKind::Record
        );
    }
    starts.dedup();
    let ends: Vec<usize> = starts
        .iter()
        .skip(1)
        .copied()
        .chain([function.lines.len()])
        .collect();
    starts
        .into_iter()
        .zip(ends)
        .enumerate()
        .map(|(index, (start, end))| block(side, index, start..end))
        .collect()
}

fn block(side: Side<'_>, index: usize, lines: Range<usize>) -> Block {
    let function = side.function;
    let label = lines
        .clone()
        .find(|&line| function.lines[line].kind == LineKind::Label);
    let name = match label.and_then(|line| side.defines(line)) {
        // The entry is the entry, whatever it is called; the head is the block before it.
        Some(_) if index == 1 => Some("entry".to_owned()),
        Some(label) if label.is_numbered() => None,
        Some(label) => Some(format!("%{}", label.name())),
        None => Some(match function.lines[lines.start].kind {
            LineKind::Close => "}".to_owned(),
            _ => index.to_string(),
        }),
    };
    let says: Vec<u64> = lines
        .clone()
        .filter(|&line| {
            matches!(
                function.lines[line].kind,
                LineKind::Instruction | LineKind::Record
            )
        })
        .map(|line| side.forms[line].strong)
        .collect();
    let mut hasher = FxHasher::default();
    says.hash(&mut hasher);
    Block {
        lines,
        name,
        content: hasher.finish(),
        says,
    }
}

/// For each block before, the one after that it is: of the same name, else of the same content, else
/// the one that most of its lines are in.
fn partners(olds: &[Block], news: &[Block]) -> FxHashMap<usize, usize> {
    let mut partner = FxHashMap::default();
    let mut taken = vec![false; news.len()];
    let mut by_name: FxHashMap<&str, usize> = FxHashMap::default();
    for (new, block) in news.iter().enumerate().rev() {
        if let Some(name) = &block.name {
            by_name.insert(name, new);
        }
    }
    for (old, block) in olds.iter().enumerate() {
        if let Some(&new) = block.name.as_deref().and_then(|name| by_name.get(name))
            && !taken[new]
        {
            taken[new] = true;
            partner.insert(old, new);
        }
    }
    for (old, block) in olds.iter().enumerate() {
        if partner.contains_key(&old) {
            continue;
        }
        let same = |new: &usize| {
            !taken[*new] && news[*new].content == block.content && !block.says.is_empty()
        };
        if let Some(new) = (0..news.len()).find(same) {
            taken[new] = true;
            partner.insert(old, new);
        }
    }
    // What is left: a block whose lines are mostly found in one other, as when a reverse block has
    // taken the primal's in.
    for (old, block) in olds.iter().enumerate() {
        if partner.contains_key(&old) {
            continue;
        }
        let best = (0..news.len())
            .filter(|&new| !taken[new])
            .map(|new| (in_common(&block.says, &news[new].says), new))
            .filter(|(count, _)| *count > 0 && count * 2 >= block.says.len())
            .max_by_key(|&(count, new)| (count, std::cmp::Reverse(new)));
        if let Some((_, new)) = best {
            taken[new] = true;
            partner.insert(old, new);
        }
    }
    partner
}

/// How many lines of `old` say what a line of `new` says.
fn in_common(old: &[u64], new: &[u64]) -> usize {
    let mut left: FxHashMap<u64, usize> = FxHashMap::default();
    for line in new {
        *left.entry(*line).or_default() += 1;
    }
    old.iter()
        .filter(|line| match left.get_mut(line) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        })
        .count()
}
