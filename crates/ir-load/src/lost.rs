//! Attribute groups that a text refers to and does not hold.
//!
//! LLVM takes such a reference for no attributes at all, and says nothing. They stand behind all
//! functions, so that they are what a file lacks that was cut off between two of them; of metadata and
//! of functions that are missing LLVM speaks itself.

use std::collections::BTreeSet;

use memchr::memchr_iter;

use crate::index::Index;
use crate::lex::{self, Reference};
use crate::outline::EntityKind;

/// References to attribute groups that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The group of the first of them.
    pub group: u32,
    /// The line of that one.
    pub line: usize,
    /// How many groups are missing.
    pub count: usize,
}

/// Up to this size, in bytes, a text is looked through; of a larger one only the functions' heads are.
const LARGE: usize = 8 << 20;

impl Index<'_> {
    /// Attributes that the text lacks. `None` where it holds all that it refers to.
    pub fn lost_attributes(&self) -> Option<Lost> {
        let outline = &self.outline;
        let text = outline.text;
        let mut first = None;
        let mut groups = BTreeSet::new();
        let is_large = text.len() > LARGE;
        let entities = outline.entities.iter().filter(|entity| match is_large {
            true => matches!(entity.kind, EntityKind::Define | EntityKind::Declare),
            false => entity.kind.is_global(),
        });
        for entity in entities {
            let end = match entity.body {
                Some(body) if is_large => body,
                _ => entity.end,
            };
            let whole = &text[..end];
            let is_missing = |number| outline.group(number).is_none();
            let may_miss = memchr_iter(b'#', &whole[entity.start..]).any(|at| {
                let number = entity.start + at + 1;
                lex::number(&whole[number..lex::word_end(whole, number)]).is_some_and(is_missing)
            });
            if !may_miss {
                continue;
            }
            // Now strings and comments are told from the rest.
            lex::references(whole, entity.start, end, &mut |kind, at, _| {
                if let Reference::Attributes(number) = kind
                    && is_missing(number)
                {
                    first.get_or_insert((number, at));
                    groups.insert(number);
                }
            });
        }
        let (group, at) = first?;
        Some(Lost {
            group,
            line: 1 + memchr_iter(b'\n', &text[..at]).count(),
            count: groups.len(),
        })
    }
}
