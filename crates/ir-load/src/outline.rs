//! Every entity at the top level of a module's text, found in one pass.
//!
//! LLVM separates entities by nothing but their first tokens, so that is what is looked for: a
//! keyword, or a name with `=` after it, outside of brackets, strings and comments. What stands in
//! brackets is passed over at the speed of looking for their ends.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use memchr::memchr_iter;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::find::plain_line;
use crate::lex::{self, Seen};

/// The entities of one text.
#[derive(Debug)]
pub(crate) struct Outline<'a> {
    pub(crate) text: &'a [u8],
    /// All but metadata nodes, in their order.
    pub(crate) entities: Vec<Entity>,
    nodes: Nodes,
    globals: FxHashMap<Cow<'a, [u8]>, u32>,
    numbered: FxHashMap<u32, u32>,
    types: FxHashMap<Cow<'a, [u8]>, u32>,
    comdats: FxHashMap<Cow<'a, [u8]>, u32>,
    groups: FxHashMap<u32, u32>,
    /// The entity that the text ends in the middle of, if it does.
    pub(crate) cut: Option<Cut>,
}

/// What a text ends in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A place in [`Outline::entities`].
    Entity(usize),
    /// Something without a name, at this position.
    Elsewhere(usize),
}

/// One entity that is no metadata node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    pub(crate) kind: EntityKind,
    pub(crate) start: usize,
    /// Behind its last token.
    pub(crate) end: usize,
    /// Its name as it is written, quotes included, without the sigil. Empty where there is none.
    pub(crate) name: Range<usize>,
    /// The opening brace of a function's body.
    pub(crate) body: Option<usize>,
}

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntityKind {
    Define,
    Declare,
    /// A variable, an alias or an ifunc.
    Global,
    Type,
    Comdat,
    Attributes,
    NamedMetadata,
    SourceFilename,
    Target,
    Assembly,
    UseListOrder,
    Summary,
}

/// One metadata node. There may be millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) start: usize,
    length: u32,
    pub(crate) number: u32,
}

impl Node {
    pub(crate) fn end(self) -> usize {
        self.start + self.length as usize
    }
}

/// `!0 = …`, by their numbers, in runs that follow each other: there may be millions, and to put them
/// together would be to copy them.
#[derive(Debug)]
struct Nodes(Vec<Vec<Node>>);

impl Nodes {
    /// LLVM prints nodes in order; people need not.
    fn sort(&mut self) {
        self.0.retain(|run| !run.is_empty());
        if !self.0.iter().flatten().is_sorted_by_key(|node| node.number) {
            let mut all = self.0.concat();
            all.sort_by_key(|node| node.number);
            self.0 = vec![all];
        }
    }
}

impl PartialEq for Nodes {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().flatten().eq(other.0.iter().flatten())
    }
}

impl Eq for Nodes {}

/// What begins at a token.
enum Start {
    Entity(EntityKind, Range<usize>),
    Node(u32),
}

impl<'a> Outline<'a> {
    /// What was read of `text`, made ready to be looked up.
    pub(crate) fn new(text: &'a [u8], layout: Layout) -> Self {
        let Layout {
            entities,
            nodes,
            unclosed,
            ..
        } = layout;
        let cut = unclosed.map(|(at, place)| place.map_or(Cut::Elsewhere(at), Cut::Entity));
        let mut outline = Outline {
            text,
            entities,
            nodes,
            globals: HashMap::default(),
            numbered: HashMap::default(),
            types: HashMap::default(),
            comdats: HashMap::default(),
            groups: HashMap::default(),
            cut,
        };
        outline.enter_names();
        outline
    }

    fn enter_names(&mut self) {
        let symbols = self
            .entities
            .iter()
            .filter(|entity| entity.kind.is_global());
        self.globals = HashMap::with_capacity_and_hasher(symbols.count(), FxBuildHasher);
        for (at, entity) in (0_u32..).zip(&self.entities) {
            let written = &self.text[entity.name.clone()];
            let number = lex::number(written);
            match entity.kind {
                kind if kind.is_global() => match number {
                    Some(number) => _ = self.numbered.entry(number).or_insert(at),
                    // Of several of one name LLVM says that they are too many; the first will do.
                    None => _ = self.globals.entry(lex::plain_name(written)).or_insert(at),
                },
                EntityKind::Type => _ = self.types.entry(Cow::Borrowed(written)).or_insert(at),
                EntityKind::Comdat => {
                    _ = self.comdats.entry(lex::plain_name(written)).or_insert(at)
                }
                EntityKind::Attributes => {
                    if let Some(number) = number {
                        self.groups.entry(number).or_insert(at);
                    }
                }
                _ => {}
            }
        }
    }

    /// The function, variable, alias or ifunc of that name, as a place in [`Outline::entities`].
    pub(crate) fn global(&self, symbol: &[u8]) -> Option<usize> {
        self.globals.get(symbol).map(|&at| at as usize)
    }

    /// The one that `@` and `written` refer to.
    pub(crate) fn global_written(&self, written: &[u8]) -> Option<usize> {
        let found = match lex::number(written) {
            Some(number) => self.numbered.get(&number),
            None => self.globals.get(&*lex::plain_name(written)),
        };
        found.map(|&at| at as usize)
    }

    /// The type that `%` and `written` refer to.
    pub(crate) fn type_written(&self, written: &[u8]) -> Option<usize> {
        if self.types.is_empty() {
            return None;
        }
        let plain = || {
            // Quotes that are not needed may still be written, at either place.
            let wanted = lex::plain_name(written);
            self.types
                .iter()
                .find(|(name, _)| lex::number(name).is_none() && lex::plain_name(name) == wanted)
                .map(|(_, at)| at)
        };
        let found = self.types.get(written);
        let found = match found {
            None if lex::number(written).is_none() => plain(),
            found => found,
        };
        found.map(|&at| at as usize)
    }

    /// The comdat of that name.
    pub(crate) fn comdat(&self, name: &[u8]) -> Option<usize> {
        self.comdats.get(name).map(|&at| at as usize)
    }

    /// The attribute group of that number.
    pub(crate) fn group(&self, number: u32) -> Option<usize> {
        self.groups.get(&number).map(|&at| at as usize)
    }

    /// The metadata node of that number.
    pub(crate) fn node(&self, number: u32) -> Option<Node> {
        let runs = &self.nodes.0;
        let run = runs.partition_point(|run| run.last().is_some_and(|last| last.number < number));
        let run = runs.get(run)?;
        let at = run.partition_point(|node| node.number < number);
        run.get(at).copied().filter(|node| node.number == number)
    }

    /// An entity's name without quotes and escapes.
    pub(crate) fn name(&self, entity: &Entity) -> Cow<'a, [u8]> {
        lex::plain_name(&self.text[entity.name.clone()])
    }
}

/// Where the entities of a text lie, which is all that there is to read of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    entities: Vec<Entity>,
    nodes: Nodes,
    /// Where the text ended within brackets or a string, and in which entity.
    unclosed: Option<(usize, Option<usize>)>,
    seen: Seen,
    /// Where reading stopped.
    end: usize,
}

impl Layout {
    /// Reads the text once. Any bytes will do.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut layout = read(text);
        layout.nodes.sort();
        layout
    }

    /// True for what is certainly no more than one module, if it begins with one: the head of another
    /// would have been seen.
    pub(crate) fn is_of_one_module(&self) -> bool {
        let names = self.entities.iter();
        let names = names.filter(|entity| entity.kind == EntityKind::SourceFilename);
        self.unclosed.is_none()
            && !self.seen.long_string
            && self.seen.heads <= 1
            && names.count() <= 1
    }

    /// Where the first entity begins.
    fn start(&self) -> Option<usize> {
        let entity = self.entities.first().map(|entity| entity.start);
        let node = self.nodes.0.iter().flatten().next().map(|node| node.start);
        entity.into_iter().chain(node).min()
    }
}

/// Below this size one reader is done before others have begun.
const LARGE: usize = 8 << 20;

/// Reads a text, in parts where there is much of it.
fn read(text: &[u8]) -> Layout {
    if text.len() >= LARGE {
        let threads = thread::available_parallelism().map_or(1, |count| count.get().min(4));
        // Bodies are read faster than metadata, so the parts are more than the readers.
        if let Some(found) = read_in_parts(text, threads, 8 * threads) {
            return found;
        }
    }
    Reader::read(text, 0, text.len())
}

/// Reads a text in parts, several at once. Where a part may begin is a guess by the look of a line. It was right
/// if the reader of the part before comes to that very place, outside of everything, and an entity
/// begins there; `None` if it was not.
fn read_in_parts(text: &[u8], threads: usize, count: usize) -> Option<Layout> {
    let mut bounds = vec![0];
    for part in 1..count {
        let from = (text.len() / count * part).max(bounds[part - 1]);
        bounds.push(likely_start(text, from)?);
    }
    bounds.push(text.len());
    let parts: Vec<OnceLock<Layout>> = bounds[1..].iter().map(|_| OnceLock::new()).collect();
    let next = AtomicUsize::new(0);
    let reader = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(at) else { break };
            part.get_or_init(|| Reader::read(text, bounds[at], bounds[at + 1]));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(reader);
        }
        reader();
    });
    let mut parts = parts.into_iter().map_while(OnceLock::into_inner);
    let mut whole = parts.next()?;
    for part in parts {
        if part.start() != Some(whole.end) {
            return None;
        }
        let offset = whole.entities.len();
        whole.entities.extend(part.entities);
        whole.nodes.0.extend(part.nodes.0);
        whole.unclosed = part
            .unclosed
            .map(|(at, place)| (at, place.map(|place| place + offset)));
        whole.seen.heads += part.seen.heads;
        whole.seen.long_string |= part.seen.long_string;
        whole.end = part.end;
    }
    (whole.end == text.len()).then_some(whole)
}

/// The first line at or after `from` that looks as if an entity began with it.
fn likely_start(text: &[u8], from: usize) -> Option<usize> {
    const PATIENCE: usize = 4 << 20;
    let near = &text[from..text.len().min(from + PATIENCE)];
    memchr_iter(b'\n', near)
        .map(|at| from + at + 1)
        .find(|&at| {
            let line = &text[at..];
            line.starts_with(b"define ")
                || line.starts_with(b"declare ")
                || line.starts_with(b"!") && line.get(1).is_some_and(u8::is_ascii_digit)
        })
}

impl EntityKind {
    /// True for what `@` refers to.
    pub(crate) fn is_global(self) -> bool {
        matches!(
            self,
            EntityKind::Define | EntityKind::Declare | EntityKind::Global
        )
    }
}

struct Reader<'a> {
    text: &'a [u8],
    entities: Vec<Entity>,
    nodes: Vec<Node>,
    open: Option<(Start, usize)>,
    /// Behind the last token.
    end: usize,
    /// The last brace that was opened outside of all brackets.
    body: Option<usize>,
    seen: Seen,
}

impl<'a> Reader<'a> {
    /// Reads from `start`, which must not be within anything, until it comes to `stop` or beyond.
    fn read(text: &'a [u8], start: usize, stop: usize) -> Layout {
        let mut reader = Reader {
            text,
            entities: Vec::new(),
            // Room for one in every line; what is not used costs nothing.
            nodes: Vec::with_capacity((stop - start) / 64),
            open: None,
            end: start,
            body: None,
            seen: Seen::default(),
        };
        let (end, unclosed) = reader.until(start, stop);
        Layout {
            entities: reader.entities,
            nodes: Nodes(vec![reader.nodes]),
            unclosed,
            seen: reader.seen,
            end,
        }
    }

    /// Says where it stopped, and what was left open by the text's end.
    fn until(&mut self, start: usize, stop: usize) -> (usize, Option<(usize, Option<usize>)>) {
        let text = self.text;
        let mut unclosed = None;
        let mut at = start;
        loop {
            at = self.seen.blank(text, at);
            if at >= stop {
                break;
            }
            let byte = text[at];
            let start = at;
            match byte {
                b'"' | b'(' | b'{' => {
                    let (end, closed) = match byte {
                        b'"' => self.seen.string(text, at),
                        b'(' => self.seen.group(text, at, lex::ROUND),
                        _ => {
                            self.body = Some(at);
                            self.seen.group(text, at, lex::CURLY)
                        }
                    };
                    if !closed {
                        unclosed = Some(start);
                    }
                    at = end;
                }
                b'!' if let Some((number, end)) = node_line(text, at) => {
                    self.begin(Start::Node(number), start);
                    at = end;
                }
                b'@' | b'%' | b'$' | b'!' | b'^' => {
                    let (name, end) = match byte {
                        b'!' => (at + 1, metadata_name_end(text, at + 1)),
                        _ => lex::name_at(text, at + 1),
                    };
                    at = end.max(start + 1);
                    if end > name && text.get(lex::skip_blank(text, end)) == Some(&b'=') {
                        let kind = match byte {
                            b'@' => EntityKind::Global,
                            b'%' => EntityKind::Type,
                            b'$' => EntityKind::Comdat,
                            b'^' => EntityKind::Summary,
                            _ => EntityKind::NamedMetadata,
                        };
                        let number = lex::number(&text[name..end]);
                        if byte == b'!' && number.is_some() {
                            at = node_value(text, lex::skip_blank(text, end));
                        }
                        self.begin(
                            match (byte, number) {
                                (b'!', Some(number)) => Start::Node(number),
                                _ => Start::Entity(kind, name..end),
                            },
                            start,
                        );
                    }
                }
                _ if lex::is_name(byte) => {
                    at = lex::word_end(text, at);
                    if let Some(kind) = self.keyword(start, at) {
                        let name = self.keyword_name(kind, at);
                        self.begin(Start::Entity(kind, name), start);
                    }
                }
                _ => at += 1,
            }
            self.end = at;
        }
        let had_open = matches!(self.open, Some((Start::Entity(..), _)));
        if unclosed.is_some() && !had_open {
            self.open = None;
        }
        self.close();
        if at < text.len() {
            return (at, None);
        }
        // A function's head may be all that is left of it.
        if had_open && unclosed.is_none() {
            let last = self.entities.last();
            let headless =
                last.filter(|last| last.kind == EntityKind::Define && last.body.is_none());
            unclosed = headless.map(|last| last.start);
        }
        let unclosed = unclosed.map(|at| (at, had_open.then(|| self.entities.len() - 1)));
        (at, unclosed)
    }

    /// The kind of entity that the word at `start..end` begins, if it does.
    fn keyword(&self, start: usize, end: usize) -> Option<EntityKind> {
        let text = self.text;
        let kind = match &text[start..end] {
            b"define" => EntityKind::Define,
            b"declare" => EntityKind::Declare,
            b"source_filename" => EntityKind::SourceFilename,
            b"target" => EntityKind::Target,
            b"module" => EntityKind::Assembly,
            b"attributes" => EntityKind::Attributes,
            b"uselistorder" | b"uselistorder_bb" => EntityKind::UseListOrder,
            _ => return None,
        };
        // Some of these words mean other things elsewhere: a target type, a summary's module.
        let next = lex::skip_blank(text, end);
        let word = &text[next..lex::word_end(text, next)];
        let is_start = match kind {
            EntityKind::SourceFilename => text.get(next) == Some(&b'='),
            EntityKind::Target => matches!(word, b"triple" | b"datalayout"),
            EntityKind::Assembly => word == b"asm",
            EntityKind::Attributes => text.get(next) == Some(&b'#'),
            _ => text.get(end) != Some(&b':'),
        };
        is_start.then_some(kind)
    }

    /// The name of what a keyword begins: a function's symbol, an attribute group's number.
    fn keyword_name(&mut self, kind: EntityKind, at: usize) -> Range<usize> {
        let text = self.text;
        let nothing = at..at;
        match kind {
            EntityKind::Attributes => {
                let name = lex::skip_blank(text, at) + 1;
                name..lex::word_end(text, name)
            }
            EntityKind::Define | EntityKind::Declare => {
                // The first `@` outside of brackets: a return type or a range holds none of its own.
                let mut at = at;
                loop {
                    at = match text.get(at) {
                        None => return nothing,
                        Some(b'@') => {
                            let (name, end) = lex::name_at(text, at + 1);
                            return name..end;
                        }
                        Some(b'"') => self.seen.string(text, at).0,
                        Some(b'(') => self.seen.group(text, at, lex::ROUND).0,
                        Some(b'{') => self.seen.group(text, at, lex::CURLY).0,
                        Some(_) => self.seen.comment(text, at).max(at + 1),
                    };
                }
            }
            _ => nothing,
        }
    }

    fn begin(&mut self, start: Start, at: usize) {
        self.close();
        self.open = Some((start, at));
        self.body = None;
    }

    fn close(&mut self) {
        let Some((start, at)) = self.open.take() else {
            return;
        };
        match start {
            // Half a node says nothing that could be used.
            Start::Node(_)
                if !self.text[..self.end].ends_with(b")")
                    && !self.text[..self.end].ends_with(b"}") => {}
            Start::Node(number) => self.nodes.push(Node {
                start: at,
                length: u32::try_from(self.end - at).unwrap_or(u32::MAX),
                number,
            }),
            Start::Entity(kind, name) => self.entities.push(Entity {
                kind,
                start: at,
                end: self.end,
                name,
                body: self.body.filter(|_| kind == EntityKind::Define),
            }),
        }
    }
}

/// The number and the end of a node that is all of one line, as LLVM prints them. What else a line may be
/// is left to be read token by token.
fn node_line(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let digits = lex::word_end(text, at + 1);
    let number = lex::number(&text[at + 1..digits])?;
    if !text[digits..].starts_with(b" = ") {
        return None;
    }
    let end = digits + plain_line(&text[digits..])?;
    // Neither within a list nor behind one can two of these follow each other without a comma.
    let is_whole = matches!(text[end - 1], b')' | b'}') && text.get(end + 1) == Some(&b'!');
    is_whole.then_some((number, end))
}

/// Where the brackets of a node begin whose `=` stands at `at`. What is written in another way than
/// `= distinct !DILocation(` is left to be read as anything else.
fn node_value(text: &[u8], at: usize) -> usize {
    let Some(rest) = text[at..].strip_prefix(b"= ") else {
        return at;
    };
    let rest = rest.strip_prefix(b"distinct ").unwrap_or(rest);
    match rest.strip_prefix(b"!") {
        Some(rest) => lex::word_end(text, text.len() - rest.len()),
        None => at,
    }
}

/// Metadata names may hold escapes, and no quotes.
fn metadata_name_end(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && (lex::is_name(text[at]) || text[at] == b'\\') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn large_texts_are_read_in_parts() {
        let one = "define void @f() {\n  ret void\n}\n\n!0 = !{!\"a\"}\n";
        let text = one.repeat(100);
        for count in 1..5 {
            let parts = read_in_parts(text.as_bytes(), 2, count);
            assert_eq!(parts, Some(Reader::read(text.as_bytes(), 0, text.len())));
        }
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "define void @f() {", "\n", "\n}\n", "\n!0 = !{", "}", "\n!1 = !DILocation(", ")",
                    "\ndeclare void @g()", "\"", ";", "/*", "*/", "@h = global i32 0", "\n\n", "{", "=",
                    "\ndefine void @k() { ret void }", " ret void, !dbg ", "distinct", "\r",
                ]),
                0..80,
            ),
            count in 2..5_usize,
        ) {
            let text = parts.concat();
            if let Some(found) = read_in_parts(text.as_bytes(), 2, count) {
                prop_assert_eq!(found, Reader::read(text.as_bytes(), 0, text.len()));
            }
        }
    }
}
