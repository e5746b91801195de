//! Compares lines that were matched, under what the matches say of names and numbers.

use std::mem;

use rustc_hash::FxHashMap;

use super::matched::{Match, Sides};
use ir_text::{Line, Token, TokenKind, resolve_metadata, said};

/// Which local of one side is which of the other, by the lines that define them. Most are called the same on both;
/// only the others are kept.
struct Names<'a> {
    forth: FxHashMap<&'a str, &'a str>,
    back: FxHashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn of(sides: Sides<'a>, pairs: &[Match]) -> Self {
        let mut names = Names {
            forth: FxHashMap::default(),
            back: FxHashMap::default(),
        };
        for pair in pairs {
            if let (Some(old), Some(new)) = (pair.before, pair.after)
                && let (Some(old), Some(new)) =
                    (sides.before.defines(old), sides.after.defines(new))
            {
                names.insert(old.name(), new.name());
            }
        }
        names
    }

    /// What is defined last counts.
    fn insert(&mut self, old: &'a str, new: &'a str) {
        if old != new {
            self.forth.insert(old, new);
            self.back.insert(new, old);
        } else if !self.is_empty() {
            self.forth.remove(old);
            self.back.remove(new);
        }
    }

    /// Every name is itself.
    fn is_empty(&self) -> bool {
        self.forth.is_empty() && self.back.is_empty()
    }

    fn same(&self, old: &Token<'_>, new: &Token<'_>) -> bool {
        match (self.forth.get(old.name()), self.back.get(new.name())) {
            (Some(&forth), Some(&back)) => forth == new.name() && back == old.name(),
            // So is a name that neither side defines in a line of its own (a type).
            (None, None) => old.name() == new.name(),
            _ => false,
        }
    }
}

/// What two lines say.
#[derive(Default)]
pub(super) struct Tokens<'f> {
    old: Vec<Token<'f>>,
    new: Vec<Token<'f>>,
}

impl<'f> Tokens<'f> {
    /// The tokens of two lines.
    pub(super) fn of(&mut self, old: &'f Line, new: &'f Line) -> (&[Token<'f>], &[Token<'f>]) {
        self.old.clear();
        self.new.clear();
        said(old, &mut self.old);
        said(new, &mut self.new);
        (&self.old, &self.new)
    }
}

/// How far two lines say the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sameness {
    /// In the same words.
    Words,
    /// In other names or numbers.
    Meaning,
    /// They do not.
    Different,
}

/// Compares lines that were paired.
pub(super) struct Comparison<'f> {
    names: Names<'f>,
    sides: Sides<'f>,
    tokens: Tokens<'f>,
    resolved: FxHashMap<(bool, u64), Option<String>>,
    /// True when every number that both sides define stands for the same on both: then a number is
    /// itself. So it is between two prints of one stage, which share their numbering.
    shared_numbers: bool,
    /// Distinct metadata is itself and no other, even if another says the same.
    forth: FxHashMap<u64, u64>,
    back: FxHashMap<u64, u64>,
}

impl<'f> Comparison<'f> {
    pub(super) fn new(sides: Sides<'f>, pairs: &[Match]) -> Self {
        let (before, after) = (sides.before.function, sides.after.function);
        Comparison {
            names: Names::of(sides, pairs),
            sides,
            tokens: Tokens::default(),
            resolved: FxHashMap::default(),
            shared_numbers: before.shares_metadata_with(after),
            forth: FxHashMap::default(),
            back: FxHashMap::default(),
        }
    }

    /// Compares two lines. Those that read the same are not taken apart, where names and numbers are themselves.
    pub(super) fn same_lines(&mut self, old: usize, new: usize) -> Sameness {
        let (old, new) = (self.sides.before.line(old), self.sides.after.line(new));
        let is_alike = old.text == new.text && old.kind == new.kind;
        if is_alike && self.names.is_empty() && !old.text.contains('!') {
            return Sameness::Words;
        }
        let mut tokens = mem::take(&mut self.tokens);
        let (olds, news) = tokens.of(old, new);
        // Comments and the comma after a parameter may differ; numbers and names may not.
        let same = match self.same(olds, news) {
            false => Sameness::Different,
            true if olds.iter().zip(news).all(|(old, new)| old.text == new.text) => Sameness::Words,
            true => Sameness::Meaning,
        };
        self.tokens = tokens;
        same
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
        let (before, after) = (self.sides.before.function, self.sides.after.function);
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

#[cfg(test)]
mod tests {
    use super::*;
    use ir_text::TokenKind;
    use proptest::prelude::*;

    const NAMES: [&str; 5] = ["%a", "%b", "%1", "%2", "%3"];

    fn local(name: usize) -> Token<'static> {
        Token {
            kind: TokenKind::Local,
            text: NAMES[name],
        }
    }

    proptest! {
        #[test]
        fn names_that_are_themselves_need_not_be_kept(
            pairs in prop::collection::vec((0..5_usize, 0..5_usize), 0..8)
        ) {
            let mut names = Names { forth: FxHashMap::default(), back: FxHashMap::default() };
            let mut forth = FxHashMap::default();
            let mut back = FxHashMap::default();
            for (old, new) in pairs {
                names.insert(local(old).name(), local(new).name());
                forth.insert(old, new);
                back.insert(new, old);
            }
            for old in 0..5 {
                for new in 0..5 {
                    let whole = match (forth.get(&old), back.get(&new)) {
                        (Some(&forth), Some(&back)) => forth == new && back == old,
                        (None, None) => old == new,
                        _ => false,
                    };
                    prop_assert_eq!(names.same(&local(old), &local(new)), whole);
                }
            }
            if names.is_empty() {
                prop_assert!(forth.iter().all(|(old, new)| old == new));
            }
        }
    }
}
