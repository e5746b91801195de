//! What the rest of a module does to a slice's local functions and variables.
//!
//! LLVM knows every use of an internal function, and goes by it: the last call of one is inlined
//! whatever its size, arguments that all calls agree on become constants, what no call needs is
//! dropped, and a function whose address nobody takes changes its calling convention. A slice without
//! the other callers would be optimised as if there were none. So each is stood in for: a call by a
//! call with the same constants, in which what the caller had computed is a parameter; a load or a
//! store by itself; any other use, in a function or an initialiser, by a variable that holds the
//! address. Stand-ins are visible from outside, so that nothing removes them. A function that is small
//! enough to be inlined wherever it is called is inlined into its stand-ins as it was into the callers.
//!
//! What callers had computed is unknown in a slice, unless they only pass on what they were given
//! themselves (see `callers.rs`). Where LLVM finds out more about it in the whole module (a value's range,
//! or that it is always the same), the whole may be optimised further.

use std::ops::Range;
use std::thread;

use memchr::{memchr_iter, memrchr};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::callers::{Callers, arguments, parameters, value};
use crate::index::{split_top, types_of};
use crate::lex::{self, Reference};
use crate::outline::{Entity, Kind, Outline};
use crate::slice::{Closure, is_partial};

/// What the names of stand-ins begin with.
pub(crate) const STAND_IN: &[u8] = b"irad.outside.";

/// Calls of one function that differ in their constants are stood in for one by one, up to here.
pub(crate) const MOST_CALLS: usize = 16;

/// A stand-in for a use.
pub(crate) struct StandIn {
    /// It stands before the entity at this place, as what it stands for did.
    pub(crate) before: usize,
    pub(crate) text: Vec<u8>,
}

/// All stand-ins, in the order of their places.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) stand_ins: Vec<StandIn>,
    /// Attribute groups that their calls refer to.
    pub(crate) groups: Vec<usize>,
}

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
        if entity.kind != Kind::Define {
            continue;
        }
        let (mut asks, mut names) = (false, false);
        lex::references(
            outline.text,
            entity.start,
            entity.end,
            &mut |kind, start, end| {
                if kind == Reference::Global
                    && let Some(found) = outline.global_written(&outline.text[start + 1..end])
                {
                    asks |= requests.contains(&found);
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

/// Stand-ins for every use that something left out makes of something local that is kept.
pub(crate) fn stand_ins(closure: &Closure<'_, '_>) -> Found {
    let outline = closure.outline;
    let mut seeker = Seeker::new(closure);
    if seeker.wanted.is_empty() {
        return Found::default();
    }
    for at in seeker.candidates() {
        let entity = &outline.entities[at];
        if seeker.is_done() {
            break;
        }
        if outline.text[entity.name.clone()].starts_with(STAND_IN) {
            seeker.earlier(at, entity);
        } else if seeker.may_use(entity) {
            seeker.uses(at, entity);
        }
    }
    seeker.found
}

/// Something local that is kept, and what is known of its uses outside.
#[derive(Default)]
struct Wanted {
    calls: FxHashSet<String>,
    /// Another call would say nothing new.
    is_called: bool,
    /// Its address is taken; nothing could say more.
    is_taken: bool,
    is_function: bool,
}

struct Seeker<'c, 'o, 'a> {
    closure: &'c Closure<'o, 'a>,
    wanted: FxHashMap<usize, Wanted>,
    /// Places of the wanted, by how their names begin.
    beginnings: FxHashMap<u128, Vec<usize>>,
    taken: usize,
    next: usize,
    found: Found,
    callers: Callers<'o, 'a>,
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
        let mut wanted: FxHashMap<usize, Wanted> = FxHashMap::default();
        let mut beginnings: FxHashMap<u128, Vec<usize>> = FxHashMap::default();
        for (at, entity) in outline.entities.iter().enumerate() {
            if !closure.kept[at] || !is_local(outline, entity) {
                continue;
            }
            let name = outline.name(entity);
            beginnings
                .entry(beginning(&name, 0).0)
                .or_default()
                .push(at);
            wanted.insert(
                at,
                Wanted {
                    is_function: entity.kind == Kind::Define,
                    ..Wanted::default()
                },
            );
        }
        Seeker {
            closure,
            wanted,
            beginnings,
            taken: 0,
            next: 0,
            found: Found::default(),
            callers: Callers::new(outline, &closure.kept),
        }
    }

    fn is_done(&self) -> bool {
        self.taken == self.wanted.len()
    }

    /// What is left out and may use something wanted, in order.
    fn candidates(&self) -> Vec<usize> {
        const LARGE: usize = 8 << 20;
        let outline = self.closure.outline;
        let within = |range: Range<usize>| -> Vec<usize> {
            let places = range.filter(|&at| {
                let entity = &outline.entities[at];
                matches!(entity.kind, Kind::Define | Kind::Global)
                    && !self.closure.kept[at]
                    && !is_partial(outline, entity)
                    && self.may_use(entity)
            });
            places.collect()
        };
        let count = outline.entities.len();
        if outline.text.len() < LARGE {
            return within(0..count);
        }
        // About half of the text before it, and half after.
        let half = outline.entities.last().map_or(0, |last| last.end / 2);
        let middle = outline
            .entities
            .partition_point(|entity| entity.start < half);
        thread::scope(|scope| {
            let second = scope.spawn(|| within(middle..count));
            let mut found = within(0..middle);
            found.extend(second.join().expect("looking does not panic"));
            found
        })
    }

    /// False when an entity certainly does not use anything wanted in a way that says something new.
    /// Strings and comments are not told from the rest here.
    fn may_use(&self, entity: &Entity) -> bool {
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
            let after = text.get(end + usize::from(is_quoted));
            places.iter().any(|place| {
                let outline = self.closure.outline;
                let wanted = &self.wanted[place];
                let is_same = *outline.name(&outline.entities[*place]) == *written;
                (is_same || is_quoted && written.contains(&b'\\'))
                    && !wanted.is_taken
                    && !(wanted.is_called && after == Some(&b'('))
            })
        })
    }

    fn wanted_at(&self, start: usize, end: usize) -> Option<usize> {
        let outline = self.closure.outline;
        let found = outline.global_written(&outline.text[start + 1..end])?;
        self.wanted.contains_key(&found).then_some(found)
    }

    /// A stand-in that an earlier slicing put in is kept as it is, if all that it uses is kept.
    fn earlier(&mut self, at: usize, entity: &Entity) {
        let outline = self.closure.outline;
        let mut uses = Vec::new();
        let mut is_whole = true;
        lex::references(
            outline.text,
            entity.start,
            entity.end,
            &mut |kind, start, end| {
                if kind == Reference::Global && start + 1 != entity.name.start {
                    uses.extend(self.wanted_at(start, end));
                    is_whole &= outline
                        .global_written(&outline.text[start + 1..end])
                        .is_some_and(|found| self.closure.kept[found]);
                }
            },
        );
        if !is_whole || uses.is_empty() {
            return;
        }
        self.groups(entity.start, entity.end);
        if entity.kind == Kind::Global {
            self.take(uses[0]);
        }
        self.found.stand_ins.push(StandIn {
            before: at,
            text: outline.text[entity.start..entity.end].to_vec(),
        });
    }

    fn uses(&mut self, at: usize, entity: &Entity) {
        let outline = self.closure.outline;
        let text = outline.text;
        let mut uses = Vec::new();
        lex::references(text, entity.start, entity.end, &mut |kind, start, end| {
            if kind == Reference::Global
                && let Some(found) = self.wanted_at(start, end)
            {
                uses.push((found, start, end));
            }
        });
        for (found, start, end) in uses {
            let wanted = &self.wanted[&found];
            if wanted.is_taken {
                continue;
            }
            let are_many = wanted.calls.len() >= MOST_CALLS;
            let in_body = entity.body.is_some_and(|body| body < start);
            let stand_ins = match (in_body, wanted.is_function) {
                (false, _) => None,
                (true, true) => self.calls(at, start, end, are_many),
                (true, false) => access(&text[..entity.end], start).map(|found| vec![found]),
            };
            let Some(stand_ins) = stand_ins else {
                self.take(found);
                let name = self.name();
                let target = String::from_utf8_lossy(&text[start..end]);
                let space = space_of(outline, &outline.entities[found]);
                let line = format!("@{name} = constant ptr{space} {target}");
                self.found.stand_ins.push(StandIn {
                    before: at,
                    text: line.into_bytes(),
                });
                continue;
            };
            for (stand_in, says_all) in stand_ins {
                let heading = format!("){} {{\n", target_of(outline, entity));
                let stand_in = stand_in.replacen(") {\n", &heading, 1);
                let wanted = self.wanted.get_mut(&found).expect("it was there above");
                if wanted.is_called || !wanted.calls.insert(stand_in.clone()) {
                    continue;
                }
                wanted.is_called = says_all;
                let (close, _) = lex::group_end(text, end, lex::ROUND);
                self.groups(close, line_end(text, close));
                let name = self.name();
                self.found.stand_ins.push(StandIn {
                    before: at,
                    text: stand_in
                        .replacen("@\0", &format!("@{name}"), 1)
                        .into_bytes(),
                });
            }
        }
    }

    /// Keeps the attribute groups that `at..end` refers to.
    fn groups(&mut self, at: usize, end: usize) {
        let outline = self.closure.outline;
        lex::references(outline.text, at, end, &mut |kind, _, _| {
            if let Reference::Attributes(number) = kind {
                self.found.groups.extend(outline.group(number));
            }
        });
    }

    fn take(&mut self, at: usize) {
        if let Some(wanted) = self.wanted.get_mut(&at)
            && !wanted.is_taken
        {
            wanted.is_taken = true;
            self.taken += 1;
        }
    }

    /// A name that nothing has yet.
    fn name(&mut self) -> String {
        loop {
            let name = format!("irad.outside.{}", self.next);
            self.next += 1;
            if self.closure.outline.global(name.as_bytes()).is_none() {
                return name;
            }
        }
    }

    /// Stand-ins for the call of what is named at `start..end` in the function at `at`, one for each way
    /// in which that function is called as far as the call passes its parameters on.
    fn calls(
        &mut self,
        at: usize,
        start: usize,
        end: usize,
        is_general: bool,
    ) -> Option<Vec<(String, bool)>> {
        let outline = self.closure.outline;
        let parameters = parameters(outline, &outline.entities[at]);
        let passes = arguments(outline.text, end).is_some_and(|arguments| {
            let mut values = arguments.iter().filter_map(|argument| value(argument));
            values.any(|value| parameters.contains(&value))
        });
        if is_general || !passes {
            return Some(vec![self.call(start, end, is_general, &[])?]);
        }
        let mut found = Vec::new();
        for given in self.callers.contexts(at) {
            let names = parameters.iter().copied();
            let known: Vec<(&str, String)> = names
                .zip(given)
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            found.push(self.call(start, end, false, &known)?);
        }
        Some(found)
    }

    /// A stand-in for the call of what is named at `start..end`, with a NUL for its own name, and
    /// whether it says as much about such calls as can be said. `None` when it is no plain call.
    /// With `is_general` its constants are taken for unknown, too; `known` are names with the constants
    /// that they stand for.
    fn call(
        &self,
        start: usize,
        end: usize,
        is_general: bool,
        known: &[(&str, String)],
    ) -> Option<(String, bool)> {
        let outline = self.closure.outline;
        let text = outline.text;
        let line = memrchr(b'\n', &text[..start]).map_or(0, |newline| newline + 1);
        let before = std::str::from_utf8(&text[line..start]).ok()?.trim();
        let (has_result, before) = match before.strip_prefix('%') {
            Some(rest) => (true, rest.split_once(" = ")?.1.trim_start()),
            None => (false, before),
        };
        let before = before.strip_prefix("tail ").unwrap_or(before);
        let before = before.strip_prefix("notail ").unwrap_or(before);
        let before = before
            .strip_prefix("call ")
            .or_else(|| before.strip_prefix("invoke "))?;
        let odd = |text: &str| text.contains(['"', ';', '%']) || text.contains("addrspace");
        if odd(before) || text.get(end) != Some(&b'(') {
            return None;
        }
        let (close, is_closed) = lex::group_end(text, end, lex::ROUND);
        let after = &text[close..line_end(text, close)];
        if !is_closed || memchr::memmem::find(after, b"[ \"").is_some() {
            return None;
        }
        let returns = types_of(before).pop()?;
        let list = std::str::from_utf8(&text[end + 1..close - 1]).ok()?;
        let mut parameters = Vec::new();
        let mut arguments = Vec::new();
        for argument in split_top(list) {
            let argument = argument.trim();
            if argument.is_empty() {
                continue;
            }
            let ty = types_of(argument).into_iter().next()?;
            if !argument.starts_with(&ty) || ty == "metadata" || argument.contains("addrspace") {
                return None;
            }
            if !is_general && is_constant(outline, &self.closure.kept, argument) {
                arguments.push(argument.to_owned());
                continue;
            }
            let name = format!("%a{}", parameters.len());
            // What cannot be told from the value is left out: the type alone is always right.
            let attributes = argument
                .rsplit_once(" %")
                .filter(|(_, value)| !value.contains([' ', '"', '(', '{', '[', '<']))
                .map_or(ty.as_str(), |(attributes, _)| attributes);
            let own = value(argument);
            if let Some((_, constant)) = known.iter().find(|(name, _)| Some(*name) == own) {
                arguments.push(format!("{attributes} {constant}"));
                continue;
            }
            arguments.push(format!("{attributes} {name}"));
            parameters.push(format!("{ty} {name}"));
        }
        let says_all = parameters.len() == arguments.len();
        // Being cold, or never to be inlined, is part of a call.
        let mut attributes = String::new();
        lex::references(after, 0, after.len(), &mut |kind, _, _| {
            if let Reference::Attributes(number) = kind {
                attributes.push_str(&format!(" #{number}"));
            }
        });
        let target = String::from_utf8_lossy(&text[start..end]);
        let result = if has_result { returns.as_str() } else { "void" };
        let (keep, give) = if has_result {
            ("%r = ", format!("ret {returns} %r"))
        } else {
            ("", "ret void".to_owned())
        };
        let text = format!(
            "define {result} @\0({}) {{\n  {keep}call {before} {target}({}){attributes}\n  {give}\n}}",
            parameters.join(", "),
            arguments.join(", "),
        );
        Some((text, says_all))
    }
}

/// True for an argument that means the same in the slice.
pub(crate) fn is_constant(outline: &Outline<'_>, kept: &[bool], argument: &str) -> bool {
    let mut is_constant = true;
    let text = argument.as_bytes();
    lex::references(text, 0, text.len(), &mut |kind, start, end| {
        is_constant &= match kind {
            Reference::Global => outline
                .global_written(&text[start + 1..end])
                .is_some_and(|found| kept[found]),
            Reference::Type | Reference::Metadata(_) => false,
            _ => true,
        };
    });
    is_constant
}

/// What a function is compiled for, and how: two functions that differ in it are not inlined into each
/// other. What is known of its effects is not true of a stand-in.
fn target_of(outline: &Outline<'_>, entity: &Entity) -> String {
    const KEPT: [&[u8]; 9] = [
        b"optsize",
        b"minsize",
        b"strictfp",
        b"uwtable",
        b"nonlazybind",
        b"sanitize_address",
        b"sanitize_memory",
        b"sanitize_thread",
        b"sanitize_hwaddress",
    ];
    let text = outline.text;
    let mut written = String::new();
    let head = entity.body.unwrap_or(entity.end);
    lex::references(text, entity.start, head, &mut |kind, _, _| {
        let Reference::Attributes(number) = kind else {
            return;
        };
        let Some(group) = outline.group(number).map(|at| &outline.entities[at]) else {
            return;
        };
        let mut at = group.name.end;
        while at < group.end {
            let end = match text[at] {
                b'"' => {
                    let mut end = lex::string_end(text, at).0;
                    if text[end..].starts_with(b"=\"") {
                        end = lex::string_end(text, end + 1).0;
                    }
                    written.push(' ');
                    written.push_str(&String::from_utf8_lossy(&text[at..end]));
                    end
                }
                byte if lex::is_name(byte) => {
                    let end = lex::word_end(text, at);
                    if KEPT.contains(&&text[at..end]) && text.get(end) != Some(&b'(') {
                        written.push(' ');
                        written.push_str(&String::from_utf8_lossy(&text[at..end]));
                    }
                    end
                }
                _ => at + 1,
            };
            at = end;
        }
    });
    written
}

/// The address space of a function or variable, as a pointer's type names it; nothing for the usual one.
fn space_of(outline: &Outline<'_>, entity: &Entity) -> String {
    const WORD: &[u8] = b"addrspace(";
    let text = outline.text;
    let written = match entity.kind {
        // `internal addrspace(1) global i32 0`
        Kind::Global => {
            let rest = &text[entity.name.end..entity.end];
            let words = rest.split(|&byte| !lex::is_name(byte));
            let mut words = words.take_while(|word| !matches!(*word, b"global" | b"constant"));
            words.any(|word| word == b"addrspace").then_some(rest)
        }
        // `define void @f(ptr addrspace(3) %p) addrspace(1) {`
        _ => {
            let open = lex::skip_blank(
                text,
                entity.name.end + usize::from(text.get(entity.name.end) == Some(&b'"')),
            );
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
    match space.or_else(|| (entity.kind == Kind::Define).then(|| programs_space(outline))?) {
        Some(space) => format!(" {space}"),
        None => String::new(),
    }
}

/// Where functions lie that say nothing about it, if that is not the usual address space.
fn programs_space(outline: &Outline<'_>) -> Option<String> {
    let mut targets = outline
        .entities
        .iter()
        .filter(|entity| entity.kind == Kind::Target);
    targets.find_map(|target| {
        let written = std::str::from_utf8(&outline.text[target.start..target.end]).ok()?;
        let (_, layout) = written.split_once("datalayout")?;
        let (_, layout) = layout.split_once('"')?;
        let (layout, _) = layout.split_once('"')?;
        let space = layout.split('-').find_map(|part| part.strip_prefix('P'))?;
        (space != "0").then(|| format!("addrspace({space})"))
    })
}

fn line_end(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length)
}

/// A stand-in for the load or store of the variable that is named at `start`.
fn access(text: &[u8], start: usize) -> Option<(String, bool)> {
    let line = memrchr(b'\n', &text[..start]).map_or(0, |newline| newline + 1);
    let whole = text[line..].split(|&byte| byte == b'\n').next()?;
    let whole = std::str::from_utf8(whole).ok()?.trim();
    if whole.contains(['"', ';']) || whole.contains("addrspace") {
        return None;
    }
    let at = std::str::from_utf8(&text[line..start]).ok()?.trim_start();
    let plain = whole.split(", !").next()?;
    if let Some((_, load)) = plain.split_once(" = ").filter(|_| plain.starts_with('%')) {
        let ty = types_of(load.strip_prefix("load ")?).into_iter().next()?;
        if !at.ends_with(&format!("{ty}, ptr ")) {
            return None;
        }
        let text = format!("define {ty} @\0() {{\n  %r = {load}\n  ret {ty} %r\n}}");
        return Some((text, false));
    }
    let stored = plain.strip_prefix("store ")?;
    let value = at.strip_prefix("store ")?.strip_suffix(", ptr ")?;
    let ty = types_of(value).into_iter().next()?;
    let (before, value) = value.rsplit_once(' ')?;
    if !before.ends_with(&ty) || value.contains(['@', '(', '}', ']', '>']) {
        return None;
    }
    let parameter = if value.starts_with('%') {
        format!("{ty} {value}")
    } else {
        String::new()
    };
    let text = format!("define void @\0({parameter}) {{\n  store {stored}\n  ret void\n}}");
    Some((text, false))
}

/// True for a stand-in with an integer among its parameters.
pub(crate) fn computes(stand_in: &[u8]) -> bool {
    let head = memchr::memchr(b'{', stand_in).map_or(stand_in, |end| &stand_in[..end]);
    let list = memchr::memchr(b'(', head).map_or(&[][..], |open| &head[open..]);
    let mut words = list.split(|byte| !lex::is_name(*byte));
    words.any(|word| {
        word.strip_prefix(b"i")
            .is_some_and(|bits| !bits.is_empty() && bits.iter().all(u8::is_ascii_digit))
    })
}

/// True for a function or variable that only its module sees, and whose uses LLVM therefore knows.
pub(crate) fn is_local(outline: &Outline<'_>, entity: &Entity) -> bool {
    let head = match entity.kind {
        Kind::Define => &outline.text[entity.start..entity.name.start],
        Kind::Global => &outline.text[entity.name.end..entity.end],
        _ => return false,
    };
    let mut words = head
        .split(|&byte| !lex::is_name(byte))
        .filter(|word| !word.is_empty());
    let mut is_local = false;
    for word in &mut words {
        match word {
            b"internal" | b"private" => is_local = true,
            b"global" => return is_local,
            // What nobody writes to is the same however often it is read.
            b"constant" | b"alias" | b"ifunc" => return false,
            _ => {}
        }
    }
    is_local && entity.kind == Kind::Define
}
