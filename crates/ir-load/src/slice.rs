//! The smallest module that holds some functions and everything that they reach.
//!
//! Entities are copied as they stand, in their order, so that LLVM reads the same functions as it
//! would have read in the whole. What is written anew is little: lists of which only some members
//! are kept, and the list of what is local and used by the rest of the module, too (see `shared.rs`).

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

use crate::closed;
use crate::closure::{Closure, is_partial};
use crate::index::Index;
use crate::lex::{self, Reference};
use crate::outline::{Entity, EntityKind, Node};
use crate::shared;

/// A module's part, as text.
#[derive(Debug)]
pub struct Slice {
    /// The part, a module of its own.
    pub text: Vec<u8>,
    /// What became of the rest.
    pub report: Report,
    /// Where each stretch of the text comes from, in the order of the text.
    pieces: Vec<Piece>,
}

/// What a slice left out, and what it put in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Functions with a body that were kept.
    pub functions: usize,
    /// Functions with a body that were left out.
    pub functions_dropped: usize,
    /// Variables and aliases that were left out.
    pub globals_dropped: usize,
    /// Directives about the order of uses that were left out: they list every use, and some are gone.
    pub use_list_orders: usize,
    /// Entries of a summary for link-time optimisation that were left out.
    pub summaries: usize,
    /// Functions and variables that what was left out uses, too.
    pub shared: usize,
    /// Metadata that the kept functions refer to, but that is missing because the file was cut off.
    pub dangling: usize,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it begins in the slice.
    at: usize,
    /// Where it begins in the original.
    from: usize,
    /// True for a copy, in which places correspond one to one.
    is_copy: bool,
}

/// The first line of a slice. No entity stands in it, so none is ever taken for a file's beginning.
const HEADING: &[u8] = b"; a part of a module, cut out by irad\n";

/// The part of a module that the functions of these symbols need. `None` when one is not there.
pub fn slice(index: &Index<'_>, symbols: &[&str]) -> Option<Slice> {
    let outline = &index.outline;
    let roots: Option<Vec<usize>> = symbols
        .iter()
        .map(|symbol| {
            let found = outline.global(symbol.as_bytes());
            // A name that is no text is known by what is shown of it.
            let is_shown_so = |entity: &Entity| {
                entity.kind.is_global() && String::from_utf8_lossy(&outline.name(entity)) == *symbol
            };
            found.or_else(|| outline.entities.iter().position(is_shown_so))
        })
        .collect();
    let roots = roots?;
    let mut closure = Closure::new(outline);
    for &root in &roots {
        closure.keep(root);
    }
    closure.keep_what_is_of_the_module();
    for caller in shared::differentiating(outline, &roots) {
        closure.keep(caller);
    }
    closure.finish();
    closure.keep_allocator();
    closure.finish();
    Some(Writer::write(closure))
}

impl Slice {
    /// The line and column of the original (both from 1) that a line and column of the slice stand
    /// for.
    pub fn original(&self, original: &[u8], line: usize, column: usize) -> (usize, usize) {
        let start = match line.checked_sub(2) {
            None => 0,
            Some(newlines) => memchr_iter(b'\n', &self.text)
                .nth(newlines)
                .map_or(self.text.len(), |newline| newline + 1),
        };
        let at = start
            .saturating_add(column.saturating_sub(1))
            .min(self.text.len());
        let piece = self.pieces.partition_point(|piece| piece.at <= at);
        let Some(piece) = piece.checked_sub(1).map(|piece| self.pieces[piece]) else {
            return (1, 1);
        };
        let offset = if piece.is_copy { at - piece.at } else { 0 };
        let at = (piece.from + offset).min(original.len());
        let before = &original[..at];
        let newlines = memchr_iter(b'\n', before).count();
        let start = memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        (newlines + 1, at - start + 1)
    }
}

/// The list that what is shared with the rest of the module stands in.
const USED: &[u8] = b"@llvm.compiler.used";

struct Writer<'o, 'a> {
    closure: Closure<'o, 'a>,
    slice: Slice,
    /// What is to be a member of `@llvm.compiler.used` and is none yet.
    shared: Vec<Vec<u8>>,
}

impl<'o, 'a> Writer<'o, 'a> {
    fn write(closure: Closure<'o, 'a>) -> Slice {
        let outline = closure.outline;
        let shared = shared::shared(&closure);
        // Where there is one it says where it stands; else it is put behind the variables.
        let mut lists = outline
            .entities
            .iter()
            .filter(|entity| entity.kind == EntityKind::Global);
        let has_no_list = !lists.any(|entity| outline.text[entity.start..].starts_with(USED));
        let mut writer = Writer {
            closure,
            slice: Slice {
                text: HEADING.to_vec(),
                report: Report {
                    shared: shared.len(),
                    ..Report::default()
                },
                pieces: Vec::new(),
            },
            shared: shared
                .iter()
                .map(|&at| shared::member(outline, at))
                .collect(),
        };
        for (at, entity) in outline.entities.iter().enumerate() {
            let is_function = matches!(entity.kind, EntityKind::Define | EntityKind::Declare);
            if is_function && has_no_list {
                writer.list(entity.start);
            }
            writer.entity(at, entity);
        }
        let end = outline.entities.last().map_or(0, |last| last.end);
        writer.list(end);
        writer.nodes();
        writer.slice.report.dangling = writer.closure.dangling;
        writer.slice
    }

    fn entity(&mut self, at: usize, entity: &Entity) {
        let outline = self.closure.outline;
        let report = &mut self.slice.report;
        if is_partial(outline, entity) {
            self.partial(entity);
        } else if self.closure.closed.contains(&at) {
            report.functions_dropped += 1;
            self.put(&closed::declaration(outline, entity), entity.start);
        } else if self.closure.kept[at] {
            report.functions += usize::from(entity.kind == EntityKind::Define);
            self.copy(entity.start..entity.end);
        } else if self.closure.declared.contains(&at) {
            report.functions_dropped += 1;
            let name = String::from_utf8_lossy(&outline.text[entity.name.clone()]);
            self.put(format!("declare i32 @{name}(...)").as_bytes(), entity.start);
        } else {
            match entity.kind {
                EntityKind::Define => report.functions_dropped += 1,
                EntityKind::Global => report.globals_dropped += 1,
                EntityKind::UseListOrder => report.use_list_orders += 1,
                EntityKind::Summary => report.summaries += 1,
                _ => {}
            }
        }
    }

    /// `@llvm.compiler.used`, if it is still to be written.
    fn list(&mut self, from: usize) {
        if self.shared.is_empty() {
            return;
        }
        let members = std::mem::take(&mut self.shared);
        let mut line = Vec::new();
        for part in [USED, b" = appending global ["] {
            line.extend_from_slice(part);
        }
        line.extend_from_slice(members.len().to_string().as_bytes());
        line.extend_from_slice(b" x ptr] [");
        line.extend_from_slice(&members.join(&b", "[..]));
        line.extend_from_slice(b"], section \"llvm.metadata\"");
        self.put(&line, from);
    }

    /// The kept members of a list, and what is new in it.
    fn partial(&mut self, entity: &Entity) {
        let text = self.closure.outline.text;
        let whole = &text[entity.start..entity.end];
        let is_metadata = entity.kind == EntityKind::NamedMetadata;
        let (open, close) = if is_metadata {
            (b'{', b'}')
        } else {
            (b'[', b']')
        };
        // The last pair of brackets outside of strings: a section's name may hold some.
        let mut pair = None;
        let mut begin = 0;
        let mut at = 0;
        while at < whole.len() {
            match whole[at] {
                b'"' => at = lex::string_end(whole, at).0,
                byte => {
                    if byte == open {
                        begin = at + 1;
                    } else if byte == close {
                        pair = Some(begin..at);
                    }
                    at += 1;
                }
            }
        }
        let Some(pair) = pair.filter(|pair| pair.start <= pair.end) else {
            return;
        };
        let members = split(&whole[pair.clone()]);
        let mut kept: Vec<&[u8]> = members
            .iter()
            .copied()
            .filter(|member| self.holds_only_kept(member))
            .collect();
        let mut new = Vec::new();
        if text[entity.start..].starts_with(USED) {
            new = std::mem::take(&mut self.shared);
            new.retain(|member| !kept.contains(&member.as_slice()));
        }
        let is_whole = kept.len() == members.len() && new.is_empty();
        kept.extend(new.iter().map(Vec::as_slice));
        if kept.is_empty() {
            return;
        }
        if is_whole {
            self.copy(entity.start..entity.end);
            return;
        }
        let mut line = Vec::new();
        if is_metadata {
            line.extend_from_slice(&whole[..pair.start]);
            line.extend_from_slice(&kept.join(&b", "[..]));
            line.extend_from_slice(&whole[pair.end..]);
        } else {
            // `@llvm.used = appending global [2 x ptr] [ptr @a, ptr @b], section "llvm.metadata"`
            let Some(size) = whole.iter().position(|&byte| byte == b'[') else {
                return;
            };
            let count = lex::skip_blank(whole, size + 1);
            // In damaged text the list may stand before its type.
            let Some(between) = whole.get(lex::word_end(whole, count)..pair.start) else {
                return;
            };
            line.extend_from_slice(&whole[..count]);
            line.extend_from_slice(kept.len().to_string().as_bytes());
            line.extend_from_slice(between);
            line.extend_from_slice(&kept.join(&b", "[..]));
            line.extend_from_slice(&whole[pair.end..]);
        }
        self.put(&line, entity.start);
    }

    fn holds_only_kept(&self, member: &[u8]) -> bool {
        let (outline, closure) = (self.closure.outline, &self.closure);
        let mut all = true;
        lex::references(member, 0, member.len(), &mut |kind, start, end| {
            all &= match kind {
                Reference::Global => outline
                    .global_written(&member[start + 1..end])
                    .is_some_and(|at| closure.kept[at]),
                Reference::Metadata(number) => closure.nodes.contains_key(&number),
                _ => true,
            };
        });
        all
    }

    fn nodes(&mut self) {
        let outline = self.closure.outline;
        let mut nodes: Vec<(Node, bool)> = Vec::new();
        if !self.strips_all() {
            nodes.extend(self.closure.nodes.values().map(|&node| (node, true)));
            let lists = self.closure.lists.iter();
            nodes.extend(
                lists
                    .filter(|number| !self.closure.nodes.contains_key(number))
                    .filter_map(|&number| Some((outline.node(number)?, false))),
            );
        }
        nodes.sort_unstable_by_key(|(node, _)| node.start);
        for (node, is_whole) in nodes {
            if is_whole {
                self.copy(node.start..node.end());
                continue;
            }
            // A compile unit's list: what nothing else refers to is left out of it.
            let mut members = Vec::new();
            let text = outline.text;
            lex::references(text, node.start, node.end(), &mut |kind, start, end| {
                if let Reference::Metadata(number) = kind
                    && start != node.start
                    && self.closure.nodes.contains_key(&number)
                {
                    members.push(&text[start..end]);
                }
            });
            let mut line = format!("!{} = !{{", node.number).into_bytes();
            line.extend_from_slice(&members.join(&b", "[..]));
            line.push(b'}');
            self.put(&line, node.start);
        }
    }

    /// True when metadata is missing in the middle of what is there, because the file was cut off.
    fn strips_all(&self) -> bool {
        self.closure.outline.cut.is_some() && self.closure.broken_nodes
    }

    /// Copies a stretch of the original.
    fn copy(&mut self, range: Range<usize>) {
        let outline = self.closure.outline;
        let mut from = range.start;
        let mut gaps = orders(outline.text, range.clone());
        self.slice.report.use_list_orders += gaps.len();
        if outline.cut.is_some() {
            let all = self.strips_all();
            let is_missing = |number| all || outline.node(number).is_none();
            gaps.extend(attachments(outline.text, range.clone(), &is_missing));
            gaps.sort_unstable_by_key(|gap| gap.start);
        }
        for gap in gaps {
            if gap.start >= from {
                self.stretch(from..gap.start);
                from = gap.end;
            }
        }
        self.stretch(from..range.end);
        self.slice.text.push(b'\n');
    }

    fn stretch(&mut self, range: Range<usize>) {
        self.slice.pieces.push(Piece {
            at: self.slice.text.len(),
            from: range.start,
            is_copy: true,
        });
        let text = self.closure.outline.text;
        self.slice.text.extend_from_slice(&text[range]);
    }

    /// Puts in what does not stand in the original like this, in place of what stands at `from`.
    fn put(&mut self, text: &[u8], from: usize) {
        self.slice.pieces.push(Piece {
            at: self.slice.text.len(),
            from,
            is_copy: false,
        });
        self.slice.text.extend_from_slice(text);
        self.slice.text.push(b'\n');
    }
}

/// The members of a list, without the blanks around them.
fn split(list: &[u8]) -> Vec<&[u8]> {
    let mut members = Vec::new();
    let (mut depth, mut start, mut at) = (0_usize, 0, 0);
    while at < list.len() {
        match list[at] {
            b'"' => {
                at = lex::string_end(list, at).0;
                continue;
            }
            b'(' | b'{' | b'[' | b'<' => depth += 1,
            b')' | b'}' | b']' | b'>' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                members.push(list[start..at].trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    members.push(list[start..].trim_ascii());
    members.retain(|member| !member.is_empty());
    members
}

/// Where a function's body says in which order something global is used. It may be used elsewhere, too,
/// and then the order is one of all its uses.
fn orders(text: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    const WORD: &[u8] = b"uselistorder";
    let mut gaps = Vec::new();
    if memchr::memmem::find(&text[range.clone()], WORD).is_none() {
        return gaps;
    }
    let text = &text[..range.end];
    let mut at = range.start;
    while at < text.len() {
        at = match text[at] {
            b'"' => lex::string_end(text, at).0,
            b';' | b'/' => lex::comment_end(text, at).max(at + 1),
            // Names of values, which may be called like the word.
            b'%' | b'@' => lex::name_at(text, at + 1).1.max(at + 1),
            byte if lex::is_name(byte) => {
                let end = lex::word_end(text, at);
                let open = memchr::memchr(b'{', &text[end..]).map(|length| end + length);
                let is_order = &text[at..end] == WORD && text.get(end) != Some(&b':');
                match open.filter(|_| is_order) {
                    Some(open) => {
                        let (close, _) = lex::group_end(text, open, lex::CURLY);
                        if memchr::memchr(b'@', &text[end..open]).is_some() {
                            gaps.push(at..close);
                        }
                        close
                    }
                    None => end,
                }
            }
            _ => at + 1,
        };
    }
    gaps
}

/// Where attachments and debug records stand that refer to missing metadata, in their order.
fn attachments(
    text: &[u8],
    range: Range<usize>,
    is_missing: &dyn Fn(u32) -> bool,
) -> Vec<Range<usize>> {
    let mut gaps: Vec<Range<usize>> = Vec::new();
    lex::references(text, range.start, range.end, &mut |kind, start, end| {
        let Reference::Metadata(number) = kind else {
            return;
        };
        if !is_missing(number) || gaps.last().is_some_and(|gap| gap.end > start) {
            return;
        }
        // `, !dbg !5`, or ` !dbg !5` in a function's head.
        let before = text[range.start..start].trim_ascii_end();
        let word = before
            .iter()
            .rev()
            .take_while(|&&byte| lex::is_name(byte))
            .count();
        let name = before.len() - word;
        if word > 0 && before[..name].ends_with(b"!") {
            let front = before[..name - 1].trim_ascii_end();
            let front = front.strip_suffix(b",").unwrap_or(front);
            gaps.push(range.start + front.len()..end);
            return;
        }
        // `#dbg_value(ptr %x, !5, !DIExpression(), !6)`
        let line = memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let record =
            range.start + line + before[line..].len() - before[line..].trim_ascii_start().len();
        if text[record..].starts_with(b"#dbg_") {
            let open = lex::word_end(text, record + 1);
            let (end, _) = lex::group_end(text, open, lex::ROUND);
            gaps.push(record..end.min(range.end));
        }
    });
    gaps
}
