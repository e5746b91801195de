//! What a slice shares with the rest of its module.
//!
//! LLVM knows every use of an internal function or variable, and goes by it: the last call of one is inlined
//! whatever its size, arguments that all calls agree on become constants, what no call needs is dropped, and
//! a function whose address nobody takes changes its calling convention. Of others it notes whether their
//! address matters. A slice without the other users would be optimised as if there were none. So what they
//! use, too, is listed in `@llvm.compiler.used`, which is a use that nobody knows anything of. The engine does
//! the same to a whole module, so that both are optimised alike.

use std::ops::Range;
use std::thread;

use memchr::{memchr_iter, memrchr};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::closure::{Closure, is_partial};
use crate::lex::{self, Reference};
use crate::outline::{Entity, EntityKind, Outline};

/// The functions that ask Enzyme to differentiate one of `roots`.
pub(crate) fn differentiating(outline: &Outline<'_>, roots: &[usize]) -> Vec<usize> {
    const REQUESTS: [&[u8]; 3] = [
        b"__enzyme_autodiff",
        b"__enzyme_reverse",
        b"__enzyme_fwddiff",
    ];
    let requests: FxHashSet<usize> = outline
        .entities
        .iter()
        .enumerate()
        .filter(|(_, entity)| entity.kind.is_global())
        .filter(|(_, entity)| {
            let name = outline.name(entity);
            REQUESTS.iter().any(|request| name.starts_with(request))
        })
        .map(|(at, _)| at)
        .collect();
    if requests.is_empty() {
        return Vec::new();
    }
    let mut callers = Vec::new();
    for (at, entity) in outline.entities.iter().enumerate() {
        if entity.kind != EntityKind::Define {
            continue;
        }
        let (mut asks, mut names) = (false, false);
        // Where the derivative that a request is named by is a function, the request stands there, too.
        let is_told_elsewhere = |request: usize| {
            let name = outline.name(&outline.entities[request]);
            let rest = REQUESTS.iter().find_map(|word| name.strip_prefix(*word));
            rest.filter(|rest| !rest.is_empty())
                .and_then(|rest| outline.global(rest))
                .is_some_and(|own| own != at && outline.entities[own].kind == EntityKind::Define)
        };
        lex::references(
            outline.text,
            entity.start,
            entity.end,
            &mut |kind, start, end| {
                if kind == Reference::Global
                    && let Some(found) = outline.global_written(&outline.text[start + 1..end])
                {
                    asks |= requests.contains(&found) && !is_told_elsewhere(found);
                    names |= roots.contains(&found);
                }
            },
        );
        if asks && names {
            callers.push(at);
        }
    }
    callers
}

/// What is kept and used by something that is not kept, in order.
pub(crate) fn shared(closure: &Closure<'_, '_>) -> Vec<usize> {
    /// From this size on, in bytes, a second thread pays.
    const LARGE: usize = 8 << 20;
    let seeker = Seeker::new(closure);
    let outline = closure.outline;
    let count = outline.entities.len();
    let mut found = if seeker.wanted == 0 {
        FxHashSet::default()
    } else if outline.text.len() < LARGE {
        seeker.used_by(0..count)
    } else {
        // About half of the text before it, and half after.
        let half = outline.entities.last().map_or(0, |last| last.end / 2);
        let middle = outline
            .entities
            .partition_point(|entity| entity.start < half);
        thread::scope(|scope| {
            let second = scope.spawn(|| seeker.used_by(middle..count));
            let mut found = seeker.used_by(0..middle);
            found.extend(second.join().expect("looking does not panic"));
            found
        })
    };
    let mut found: Vec<usize> = found.drain().collect();
    found.sort_unstable();
    found
}

/// A member of `@llvm.compiler.used`.
pub(crate) fn member(outline: &Outline<'_>, at: usize) -> Vec<u8> {
    let entity = &outline.entities[at];
    let name = &outline.text[entity.name.clone()];
    match space_of(outline, entity) {
        Some(space) => {
            let before = format!("ptr addrspacecast (ptr {space} @");
            [before.as_bytes(), name, b" to ptr)"].concat()
        }
        None => [b"ptr @", name].concat(),
    }
}

struct Seeker<'c, 'o, 'a> {
    closure: &'c Closure<'o, 'a>,
    /// Places of what is kept, by how their names begin.
    beginnings: FxHashMap<u128, Vec<usize>>,
    wanted: usize,
}

/// The first bytes of the name at `at`, as a number, and how many they are.
fn beginning(text: &[u8], at: usize) -> (u128, usize) {
    let mut bytes = [0; 16];
    let mut length = 0;
    for (byte, &found) in bytes.iter_mut().zip(&text[at.min(text.len())..]) {
        if !lex::is_name(found) {
            break;
        }
        *byte = found;
        length += 1;
    }
    (u128::from_le_bytes(bytes), length)
}

impl<'c, 'o, 'a> Seeker<'c, 'o, 'a> {
    fn new(closure: &'c Closure<'o, 'a>) -> Self {
        let outline = closure.outline;
        let mut beginnings: FxHashMap<u128, Vec<usize>> = FxHashMap::default();
        let mut wanted = 0;
        for (at, entity) in outline.entities.iter().enumerate() {
            if closure.kept[at] && may_be_listed(outline, entity) {
                let start = beginning(&outline.name(entity), 0).0;
                beginnings.entry(start).or_default().push(at);
                wanted += 1;
            }
        }
        Seeker {
            closure,
            beginnings,
            wanted,
        }
    }

    /// What of the wanted is used by what is left out of these entities.
    fn used_by(&self, range: Range<usize>) -> FxHashSet<usize> {
        let outline = self.closure.outline;
        let mut found = FxHashSet::default();
        for at in range {
            let entity = &outline.entities[at];
            let is_left_out = matches!(entity.kind, EntityKind::Define | EntityKind::Global)
                && !self.closure.kept[at]
                && !is_partial(outline, entity);
            if is_left_out && self.may_use(entity, &found) {
                self.uses(entity, &mut found);
            }
            // What is only declared here has a body in the whole, but what it uses of its like is declared there, too.
            if self.closure.closed.contains(&at) {
                let mut used = FxHashSet::default();
                self.uses(entity, &mut used);
                found.extend(used.iter().filter(|at| !self.closure.closed.contains(at)));
            }
            if found.len() == self.wanted {
                break;
            }
        }
        found
    }

    /// False when an entity certainly does not use anything wanted but what is found. Strings and comments
    /// are not told from the rest here.
    fn may_use(&self, entity: &Entity, found: &FxHashSet<usize>) -> bool {
        let text = &self.closure.outline.text[..entity.end];
        memchr_iter(b'@', &text[entity.start..]).any(|at| {
            let at = entity.start + at + 1;
            let is_quoted = text.get(at) == Some(&b'"');
            let at = at + usize::from(is_quoted);
            let (start, length) = beginning(text, at);
            let Some(places) = self.beginnings.get(&start) else {
                // An escape may stand for any byte.
                return is_quoted && text.get(at + length) == Some(&b'\\');
            };
            let end = match is_quoted {
                true => memchr::memchr(b'"', &text[at..]).map_or(text.len(), |length| at + length),
                false => lex::word_end(text, at),
            };
            let written = &text[at..end];
            places.iter().any(|place| {
                let outline = self.closure.outline;
                let is_same = *outline.name(&outline.entities[*place]) == *written;
                (is_same || is_quoted && written.contains(&b'\\')) && !found.contains(place)
            })
        })
    }

    fn uses(&self, entity: &Entity, found: &mut FxHashSet<usize>) {
        let outline = self.closure.outline;
        let text = outline.text;
        lex::references(text, entity.start, entity.end, &mut |kind, start, end| {
            if kind == Reference::Global
                && let Some(used) = outline.global_written(&text[start + 1..end])
                && self.is_wanted(used)
                && !is_described(&text[..entity.end], entity.start, start)
            {
                found.insert(used);
            }
        });
    }

    fn is_wanted(&self, at: usize) -> bool {
        let name = self
            .closure
            .outline
            .name(&self.closure.outline.entities[at]);
        let places = self.beginnings.get(&beginning(&name, 0).0);
        places.is_some_and(|places| places.contains(&at))
    }
}

/// True when what is named at `start` is only spoken of to debuggers, which is no use.
fn is_described(text: &[u8], from: usize, start: usize) -> bool {
    let before = &text[from..start];
    if before.ends_with(b"metadata ptr ") {
        return true;
    }
    let line = memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    let line = lex::skip_blank(text, from + line);
    if !text[line..].starts_with(b"#dbg_") {
        return false;
    }
    let (end, _) = lex::group_end(text, lex::word_end(text, line + 1), lex::ROUND);
    start < end
}

/// The address space of a function or variable, as a pointer's type names it; none for the usual one.
fn space_of(outline: &Outline<'_>, entity: &Entity) -> Option<String> {
    const WORD: &[u8] = b"addrspace(";
    let text = outline.text;
    let written = match entity.kind {
        // `internal addrspace(1) global i32 0`
        EntityKind::Global => {
            let rest = &text[entity.name.end..entity.end];
            let words = rest.split(|&byte| !lex::is_name(byte));
            let mut words = words.take_while(|word| !matches!(*word, b"global" | b"constant"));
            words.any(|word| word == b"addrspace").then_some(rest)
        }
        // `define void @f(ptr addrspace(3) %p) addrspace(1) {`
        _ => {
            let open = lex::skip_blank(text, entity.name.end);
            let (close, _) = lex::group_end(text, open, lex::ROUND);
            let head = close..entity.body.unwrap_or(entity.end);
            text.get(head)
        }
    };
    let space = written.and_then(|written| {
        let at = memchr::memmem::find(written, WORD)?;
        let end = memchr::memchr(b')', &written[at..])?;
        Some(String::from_utf8_lossy(&written[at..=at + end]).into_owned())
    });
    let space =
        space.or_else(|| (entity.kind == EntityKind::Define).then(|| programs_space(outline))?);
    space.filter(|space| space != "addrspace(0)")
}

/// Where functions lie that say nothing about it, if that is not the usual address space.
fn programs_space(outline: &Outline<'_>) -> Option<String> {
    let mut targets = outline
        .entities
        .iter()
        .filter(|entity| entity.kind == EntityKind::Target);
    targets.find_map(|target| {
        let written = std::str::from_utf8(&outline.text[target.start..target.end]).ok()?;
        let (_, layout) = written.split_once("datalayout")?;
        let (_, layout) = layout.split_once('"')?;
        let (layout, _) = layout.split_once('"')?;
        let space = layout.split('-').find_map(|part| part.strip_prefix('P'))?;
        (space != "0").then(|| format!("addrspace({space})"))
    })
}

/// True for what may stand in such a list: a function or variable that has a name, and not one that LLVM or
/// Enzyme knows.
fn may_be_listed(outline: &Outline<'_>, entity: &Entity) -> bool {
    const KNOWN: [&[u8]; 3] = [b"llvm.", b"__enzyme_", b"enzyme_"];
    let text = outline.text;
    let written = &text[entity.name.clone()];
    let name = lex::plain_name(written);
    // What has a number instead of a name cannot be listed.
    if lex::number(written).is_some() || KNOWN.iter().any(|known| name.starts_with(known)) {
        return false;
    }
    match entity.kind {
        EntityKind::Define => true,
        // What is declared of libraries the engine lists in any case.
        EntityKind::Declare => name.starts_with(b"_ZN") || name.starts_with(b"_R"),
        EntityKind::Global => {
            let head = text[entity.name.end..entity.end].split(|&byte| !lex::is_name(byte));
            let mut words = head.take_while(|word| !matches!(*word, b"global" | b"constant"));
            !words.any(|word| matches!(word, b"alias" | b"ifunc"))
        }
        _ => false,
    }
}
