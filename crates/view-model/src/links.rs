//! Which line of a text is which of the next one: how a cursor, a role and a line's history stay with a line.

use diff_view::{Diff, PairKind};

/// Which line of a text is which of the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    forth: Vec<Link>,
    back: Vec<Link>,
}

/// The line on the other side: none, one that says the same, or one that says something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link(u32);

const NONE: u32 = u32::MAX;
const CHANGED: u32 = 1 << 31;

/// A line on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The line.
    pub line: usize,
    /// It says something else there.
    pub changed: bool,
}

impl Link {
    fn linked(self) -> Option<Linked> {
        (self.0 != NONE).then_some(Linked {
            line: (self.0 & !CHANGED) as usize,
            changed: self.0 & CHANGED != 0,
        })
    }
}

impl Links {
    /// The links of a diff.
    pub fn of(diff: &Diff) -> Self {
        let mut links = Links {
            forth: vec![Link(NONE); diff.before.lines.len()],
            back: vec![Link(NONE); diff.after.lines.len()],
        };
        for pair in &diff.pairs {
            let (Some(before), Some(after)) = (pair.before, pair.after) else {
                continue;
            };
            let flag = if pair.kind == PairKind::Changed {
                CHANGED
            } else {
                0
            };
            let link = |line: usize| match u32::try_from(line) {
                Ok(line) if line < CHANGED => Link(line | flag),
                _ => Link(NONE),
            };
            links.forth[before] = link(after);
            links.back[after] = link(before);
        }
        links
    }

    /// The line of the next text that a line is.
    pub fn forth(&self, line: usize) -> Option<Linked> {
        self.forth.get(line)?.linked()
    }

    /// The line of the text before that a line is.
    pub fn back(&self, line: usize) -> Option<Linked> {
        self.back.get(line)?.linked()
    }

    /// How many lines there are in the next text.
    pub fn len_after(&self) -> usize {
        self.back.len()
    }

    /// How many lines there are in the text before.
    pub fn len_before(&self) -> usize {
        self.forth.len()
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        (self.forth.len() + self.back.len()) * size_of::<Link>()
    }
}
