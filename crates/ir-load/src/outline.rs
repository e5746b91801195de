//! Every entity at the top level of a module's text, found in one pass.
//!
//! LLVM separates entities by nothing but their first tokens, so that is what is looked for: a
//! keyword, or a name with `=` after it, outside of brackets, strings and comments. What stands in
//! brackets is passed over at the speed of looking for their ends.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::thread;

use memchr::memchr_iter;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::lex::{self, Comments};

/// The entities of one text.
#[derive(Debug)]
pub(crate) struct Outline<'a> {
    pub(crate) text: &'a [u8],
    /// All but metadata nodes, in their order.
    pub(crate) entities: Vec<Entity>,
    /// `!0 = …`, by their numbers.
    nodes: Vec<Node>,
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
    pub(crate) kind: Kind,
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
pub(crate) enum Kind {
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

/// What begins at a token.
enum Start {
    Entity(Kind, Range<usize>),
    Node(u32),
}

impl<'a> Outline<'a> {
    /// Reads the text once. Any bytes will do.
    pub(crate) fn of(text: &'a [u8]) -> Self {
        let Found {
            entities,
            mut nodes,
            unclosed,
            ..
        } = read(text);
        // LLVM prints nodes in order; people need not.
        if !nodes.is_sorted_by_key(|node| node.number) {
            nodes.sort_by_key(|node| node.number);
        }
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
                Kind::Type => _ = self.types.entry(Cow::Borrowed(written)).or_insert(at),
                Kind::Comdat => _ = self.comdats.entry(lex::plain_name(written)).or_insert(at),
                Kind::Attributes => {
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
        // Without gaps, as LLVM prints them, the number is the place.
        match self.nodes.get(number as usize) {
            Some(node) if node.number == number => Some(*node),
            _ => {
                let at = self.nodes.partition_point(|node| node.number < number);
                let node = self.nodes.get(at)?;
                (node.number == number).then_some(*node)
            }
        }
    }

    /// An entity's name without quotes and escapes.
    pub(crate) fn name(&self, entity: &Entity) -> Cow<'a, [u8]> {
        lex::plain_name(&self.text[entity.name.clone()])
    }
}

/// What one reader found.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    entities: Vec<Entity>,
    nodes: Vec<Node>,
    /// Where the text ended within brackets or a string, and in which entity.
    unclosed: Option<(usize, Option<usize>)>,
    /// Where reading stopped.
    end: usize,
}

impl Found {
    /// Where the first entity begins.
    fn start(&self) -> Option<usize> {
        let entity = self.entities.first().map(|entity| entity.start);
        let node = self.nodes.first().map(|node| node.start);
        entity.into_iter().chain(node).min()
    }
}

/// Below this size one reader is done before others have begun.
const LARGE: usize = 8 << 20;

/// Reads a text, in parts where there is much of it.
fn read(text: &[u8]) -> Found {
    if text.len() >= LARGE {
        let threads = thread::available_parallelism().map_or(1, |count| count.get().min(4));
        if let Some(found) = read_in_parts(text, threads) {
            return found;
        }
    }
    Reader::read(text, 0, text.len())
}

/// Reads a text in parts at once. Where a part may begin is a guess by the look of a line. It was right
/// if the reader of the part before comes to that very place, outside of everything, and an entity
/// begins there; `None` if it was not.
fn read_in_parts(text: &[u8], count: usize) -> Option<Found> {
    let mut bounds = vec![0];
    for part in 1..count {
        let from = (text.len() / count * part).max(bounds[part - 1]);
        bounds.push(likely_start(text, from)?);
    }
    bounds.push(text.len());
    let parts: Vec<Found> = thread::scope(|scope| {
        let readers: Vec<_> = bounds
            .windows(2)
            .map(|pair| {
                let (start, end) = (pair[0], pair[1]);
                scope.spawn(move || Reader::read(text, start, end))
            })
            .collect();
        let parts = readers.into_iter().map(|reader| reader.join());
        parts
            .map(|part| part.expect("reading does not panic"))
            .collect()
    });
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    for part in parts {
        if part.start() != Some(whole.end) {
            return None;
        }
        let offset = whole.entities.len();
        whole.entities.extend(part.entities);
        whole.nodes.extend(part.nodes);
        whole.unclosed = part
            .unclosed
            .map(|(at, place)| (at, place.map(|place| place + offset)));
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

impl Kind {
    /// True for what `@` refers to.
    pub(crate) fn is_global(self) -> bool {
        matches!(self, Kind::Define | Kind::Declare | Kind::Global)
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
    comments: Comments,
}

impl<'a> Reader<'a> {
    /// Reads from `start`, which must not be within anything, until it comes to `stop` or beyond.
    fn read(text: &'a [u8], start: usize, stop: usize) -> Found {
        let mut reader = Reader {
            text,
            entities: Vec::new(),
            // Room for one in every line; what is not used costs nothing.
            nodes: Vec::with_capacity((stop - start) / 64),
            open: None,
            end: start,
            body: None,
            comments: Comments::default(),
        };
        let (end, unclosed) = reader.until(start, stop);
        Found {
            entities: reader.entities,
            nodes: reader.nodes,
            unclosed,
            end,
        }
    }

    /// Says where it stopped, and what was left open by the text's end.
    fn until(&mut self, start: usize, stop: usize) -> (usize, Option<(usize, Option<usize>)>) {
        let text = self.text;
        let mut unclosed = None;
        let mut at = start;
        loop {
            at = lex::skip_blank(text, at);
            if at >= stop {
                break;
            }
            let byte = text[at];
            let start = at;
            match byte {
                b'"' | b'(' | b'{' => {
                    let (end, closed) = match byte {
                        b'"' => lex::string_end(text, at),
                        b'(' => lex::group_end(text, at, lex::ROUND, &mut self.comments),
                        _ => {
                            self.body = Some(at);
                            lex::group_end(text, at, lex::CURLY, &mut self.comments)
                        }
                    };
                    if !closed {
                        unclosed = Some(start);
                    }
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
                            b'@' => Kind::Global,
                            b'%' => Kind::Type,
                            b'$' => Kind::Comdat,
                            b'^' => Kind::Summary,
                            _ => Kind::NamedMetadata,
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
            let headless = last.filter(|last| last.kind == Kind::Define && last.body.is_none());
            unclosed = headless.map(|last| last.start);
        }
        let unclosed = unclosed.map(|at| (at, had_open.then(|| self.entities.len() - 1)));
        (at, unclosed)
    }

    /// The kind of entity that the word at `start..end` begins, if it does.
    fn keyword(&self, start: usize, end: usize) -> Option<Kind> {
        let text = self.text;
        let kind = match &text[start..end] {
            b"define" => Kind::Define,
            b"declare" => Kind::Declare,
            b"source_filename" => Kind::SourceFilename,
            b"target" => Kind::Target,
            b"module" => Kind::Assembly,
            b"attributes" => Kind::Attributes,
            b"uselistorder" | b"uselistorder_bb" => Kind::UseListOrder,
            _ => return None,
        };
        // Some of these words mean other things elsewhere: a target type, a summary's module.
        let next = lex::skip_blank(text, end);
        let word = &text[next..lex::word_end(text, next)];
        let is_start = match kind {
            Kind::SourceFilename => text.get(next) == Some(&b'='),
            Kind::Target => matches!(word, b"triple" | b"datalayout"),
            Kind::Assembly => word == b"asm",
            Kind::Attributes => text.get(next) == Some(&b'#'),
            _ => text.get(end) != Some(&b':'),
        };
        is_start.then_some(kind)
    }

    /// The name of what a keyword begins: a function's symbol, an attribute group's number.
    fn keyword_name(&mut self, kind: Kind, at: usize) -> Range<usize> {
        let text = self.text;
        let nothing = at..at;
        match kind {
            Kind::Attributes => {
                let name = lex::skip_blank(text, at) + 1;
                name..lex::word_end(text, name)
            }
            Kind::Define | Kind::Declare => {
                // The first `@` outside of brackets: a return type or a range holds none of its own.
                let mut at = at;
                loop {
                    at = match text.get(at) {
                        None => return nothing,
                        Some(b'@') => {
                            let (name, end) = lex::name_at(text, at + 1);
                            return name..end;
                        }
                        Some(b'"') => lex::string_end(text, at).0,
                        Some(b'(') => lex::group_end(text, at, lex::ROUND, &mut self.comments).0,
                        Some(b'{') => lex::group_end(text, at, lex::CURLY, &mut self.comments).0,
                        Some(_) => lex::comment_end(text, at).max(at + 1),
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
                body: self.body.filter(|_| kind == Kind::Define),
            }),
        }
    }
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
            let parts = read_in_parts(text.as_bytes(), count);
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
            if let Some(found) = read_in_parts(text.as_bytes(), count) {
                prop_assert_eq!(found, Reader::read(text.as_bytes(), 0, text.len()));
            }
        }
    }
}
