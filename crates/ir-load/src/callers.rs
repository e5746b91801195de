//! With which constants a local function is called.
//!
//! A caller that a slice leaves out often passes on what it was given itself: an element's size and
//! alignment go through three functions of the standard library before they are used. LLVM follows such
//! constants through the module, so a stand-in for the last of these calls has to have them.

use memchr::memmem::Finder;

use crate::index::split_top;
use crate::lex::{self, Reference};
use crate::outline::{Kind, Outline};
use crate::outside::{MOST_CALLS, is_constant, is_local};

/// How many callers after each other are looked at.
const DEPTH: usize = 4;

/// How often the text is searched for calls, which takes as long as reading it.
const MOST_SEARCHES: usize = 32;

/// A constant for each parameter of which one is known.
pub(crate) type Given = Vec<Option<String>>;

/// Finds calls in a whole module.
pub(crate) struct Callers<'o, 'a> {
    outline: &'o Outline<'a>,
    kept: Vec<bool>,
    searches: usize,
    /// Functions that are being looked at, each for the sake of the one before it.
    path: Vec<usize>,
}

impl<'o, 'a> Callers<'o, 'a> {
    pub(crate) fn new(outline: &'o Outline<'a>, kept: &[bool]) -> Self {
        Callers {
            outline,
            kept: kept.to_vec(),
            searches: 0,
            path: Vec::new(),
        }
    }

    /// Every way in which the function at `at` is called, as far as constants tell them apart. One of
    /// which nothing is known where not all calls are known or they are too many.
    pub(crate) fn contexts(&mut self, at: usize) -> Vec<Given> {
        let outline = self.outline;
        let count = parameters(outline, &outline.entities[at]).len();
        self.path.push(at);
        let found = self.known(at, count);
        self.path.pop();
        match found {
            Some(found) if !found.is_empty() => found,
            _ => vec![vec![None; count]],
        }
    }

    fn known(&mut self, at: usize, count: usize) -> Option<Vec<Given>> {
        let outline = self.outline;
        let is_seen = self.path[..self.path.len() - 1].contains(&at);
        if is_seen
            || self.path.len() > DEPTH
            || self.searches >= MOST_SEARCHES
            || !is_local(outline, &outline.entities[at])
        {
            return None;
        }
        self.searches += 1;
        let mut found: Vec<Given> = Vec::new();
        for (caller, end) in self.calls(at)? {
            let arguments = arguments(outline.text, end)?;
            if arguments.len() != count {
                return None;
            }
            let parameters = parameters(outline, &outline.entities[caller]);
            let place = |argument: &str| {
                let value = value(argument)?;
                parameters.iter().position(|name| *name == value)
            };
            let passes = arguments.iter().any(|argument| place(argument).is_some());
            let outer = match passes {
                true => self.contexts(caller),
                false => vec![Vec::new()],
            };
            for given in outer {
                let constant = |argument: &&str| match place(argument) {
                    Some(place) => given.get(place).cloned().flatten(),
                    None if is_constant(outline, &self.kept, argument) => {
                        value(argument).map(str::to_owned)
                    }
                    None => None,
                };
                let row: Given = arguments.iter().map(constant).collect();
                if !found.contains(&row) {
                    found.push(row);
                }
                if found.len() > MOST_CALLS {
                    return None;
                }
            }
        }
        Some(found)
    }

    /// The calls of the function at `at`: who calls, and where the name ends. `None` if it is used in
    /// any other way.
    fn calls(&self, at: usize) -> Option<Vec<(usize, usize)>> {
        let outline = self.outline;
        let text = outline.text;
        let own = outline.entities[at].name.clone();
        let mut needle = b"@".to_vec();
        needle.extend_from_slice(&text[own.clone()]);
        let finder = Finder::new(&needle);
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(length) = finder.find(&text[from..]) {
            let hit = from + length;
            let place = outline
                .entities
                .partition_point(|entity| entity.start <= hit);
            let entity = place.checked_sub(1).map(|place| &outline.entities[place]);
            let Some(entity) = entity.filter(|entity| hit < entity.end) else {
                from = hit + 1;
                continue;
            };
            from = entity.end;
            let mut is_used_otherwise = false;
            lex::references(text, entity.start, entity.end, &mut |kind, start, end| {
                if kind != Reference::Global
                    || start + 1 == own.start
                    || outline.global_written(&text[start + 1..end]) != Some(at)
                {
                    return;
                }
                let in_body = entity.body.is_some_and(|body| body < start);
                if in_body && text.get(end) == Some(&b'(') && is_call(text, start) {
                    found.push((place - 1, end));
                } else if !matches!(entity.kind, Kind::UseListOrder | Kind::Summary) {
                    is_used_otherwise = true;
                }
            });
            if is_used_otherwise {
                return None;
            }
        }
        Some(found)
    }
}

/// True for a name that stands where a call has what it calls.
fn is_call(text: &[u8], start: usize) -> bool {
    let line = memchr::memrchr(b'\n', &text[..start]).map_or(0, |newline| newline + 1);
    let before = &text[line..start];
    [&b"call "[..], b"invoke "].iter().any(|word| {
        memchr::memmem::find(before, word).is_some_and(|at| at == 0 || before[at - 1] == b' ')
    })
}

/// The names of a function's parameters; empty for one that has none or is written in an odd way.
pub(crate) fn parameters<'a>(
    outline: &Outline<'a>,
    entity: &crate::outline::Entity,
) -> Vec<&'a str> {
    let Some(list) = list(outline.text, entity.name.end) else {
        return Vec::new();
    };
    list.iter().map(|part| value(part).unwrap_or("")).collect()
}

/// The arguments of the call of what is named up to `end`.
pub(crate) fn arguments(text: &[u8], end: usize) -> Option<Vec<&str>> {
    list(text, end)
}

/// The parts of the list in the brackets that open at `at`.
fn list(text: &[u8], at: usize) -> Option<Vec<&str>> {
    if text.get(at) != Some(&b'(') {
        return None;
    }
    let (close, is_closed) = lex::group_end(text, at, lex::ROUND);
    let list = std::str::from_utf8(text.get(at + 1..close.checked_sub(1)?)?).ok()?;
    let parts = split_top(list).into_iter().map(str::trim);
    is_closed.then(|| parts.filter(|part| !part.is_empty()).collect())
}

/// The value at the end of an argument, where it is one word: `8` of `i64 noundef 8`.
pub(crate) fn value(argument: &str) -> Option<&str> {
    let (_, value) = argument.rsplit_once(' ')?;
    let is_word = !value.contains(['"', '(', ')', '[', ']', '{', '}', '<', '>', ',']);
    (is_word && !value.is_empty()).then_some(value)
}
