//! Compares lines that were matched, under what the matches say of names and numbers.

use rustc_hash::FxHashMap;

use super::matched::{Match, Sides};
use ir_text::{Function, Token, TokenKind, resolve_metadata};

/// Which local of one side is which of the other, by the lines that define them.
struct Names<'a> {
    forth: FxHashMap<&'a str, &'a str>,
    back: FxHashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn of(sides: &Sides<'_, 'a>, pairs: &[Match]) -> Self {
        let mut names = Names {
            forth: FxHashMap::default(),
            back: FxHashMap::default(),
        };
        for pair in pairs {
            if let (Some(old), Some(new)) = (pair.before, pair.after)
                && let (Some(old), Some(new)) =
                    (sides.before[old].defines, sides.after[new].defines)
            {
                names.forth.insert(old.name(), new.name());
                names.back.insert(new.name(), old.name());
            }
        }
        names
    }

    fn same(&self, old: &Token<'_>, new: &Token<'_>) -> bool {
        match (self.forth.get(old.name()), self.back.get(new.name())) {
            (Some(&forth), Some(&back)) => forth == new.name() && back == old.name(),
            // A name that neither side defines in a line of its own (a type) is itself.
            (None, None) => old.name() == new.name(),
            _ => false,
        }
    }
}

/// Compares lines that were paired.
pub(super) struct Comparison<'a, 'f> {
    names: Names<'a>,
    pub(super) before: &'f Function,
    pub(super) after: &'f Function,
    resolved: FxHashMap<(bool, u64), Option<String>>,
    /// True when every number that both sides define stands for the same on both: then a number is
    /// itself. So it is between two prints of one stage, which share their numbering.
    shared_numbers: bool,
    /// Distinct metadata is itself and no other, even if another says the same.
    forth: FxHashMap<u64, u64>,
    back: FxHashMap<u64, u64>,
}

impl<'a, 'f> Comparison<'a, 'f> {
    pub(super) fn new(
        sides: &Sides<'_, 'a>,
        before: &'f Function,
        after: &'f Function,
        pairs: &[Match],
    ) -> Self {
        Comparison {
            names: Names::of(sides, pairs),
            before,
            after,
            resolved: FxHashMap::default(),
            shared_numbers: before.shares_metadata_with(after),
            forth: FxHashMap::default(),
            back: FxHashMap::default(),
        }
    }

    pub(super) fn same(&mut self, old: &[Token<'_>], new: &[Token<'_>]) -> bool {
        old.len() == new.len()
            && old
                .iter()
                .zip(new)
                .all(|(old, new)| self.same_token(old, new))
    }

    pub(super) fn same_token(&mut self, old: &Token<'_>, new: &Token<'_>) -> bool {
        if old.kind != new.kind {
            return false;
        }
        match old.kind {
            TokenKind::Local | TokenKind::Label => self.names.same(old, new),
            TokenKind::Metadata => match (old.name().parse(), new.name().parse()) {
                (Ok(old), Ok(new)) => self.same_metadata(old, new),
                (Err(_), Err(_)) => old.text == new.text,
                _ => false,
            },
            _ => old.text == new.text,
        }
    }

    fn same_metadata(&mut self, old: u64, new: u64) -> bool {
        let (before, after) = (self.before, self.after);
        if self.shared_numbers && old == new && before.metadata(old).is_some() {
            return true;
        }
        let old_text = self
            .resolved
            .entry((false, old))
            .or_insert_with(|| resolve_metadata(before, old))
            .clone();
        let new_text = self
            .resolved
            .entry((true, new))
            .or_insert_with(|| resolve_metadata(after, new))
            .clone();
        let (Some(old_text), Some(new_text)) = (old_text, new_text) else {
            // Too long to compare: only what is written alike under the same number is the same.
            return old == new && before.metadata(old) == after.metadata(new);
        };
        if old_text != new_text {
            return false;
        }
        // Nothing is known about either: only the same number is the same.
        if old_text == "!?" {
            return old == new;
        }
        !old_text.starts_with("distinct")
            || (*self.forth.entry(old).or_insert(new) == new
                && *self.back.entry(new).or_insert(old) == old)
    }
}
