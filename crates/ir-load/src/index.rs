//! Where a module's functions lie in its text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use memchr::memchr_iter;

use crate::demangle::demangle_path;
use crate::lex;
use crate::outline::{Cut, Entity, EntityKind, Layout, Outline};

/// The functions of one module of text, in the order in which they stand there.
#[derive(Debug)]
pub struct Index<'a> {
    pub(crate) outline: Outline<'a>,
    /// Names and lines of a hundred thousand functions are not needed to find one of them.
    functions: OnceLock<Vec<Function>>,
}

/// One `define` or `declare`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its symbol.
    pub symbol: String,
    /// Its demangled path, or the symbol.
    pub path: String,
    /// False for a declaration.
    pub is_defined: bool,
    /// The line where it begins, from 1.
    pub line: usize,
    /// Where its text lies.
    pub span: Range<usize>,
}

/// What `irad list` says about a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its linkage, in LLVM's words; `external` when none is written.
    pub linkage: String,
    /// Its parameter and return types, in LLVM's words.
    pub function_type: String,
    /// Instructions, debug records left out.
    pub instructions: usize,
    /// Basic blocks.
    pub blocks: usize,
    /// Symbols that it refers to and that are functions here.
    pub callees: BTreeSet<String>,
}

impl<'a> Index<'a> {
    /// Reads the text once. Any bytes will do; what does not look like an entity is passed over.
    pub fn of(text: &'a [u8]) -> Self {
        Index::with(text, Layout::of(text))
    }

    /// The same of a text that was read already.
    pub(crate) fn with(text: &'a [u8], layout: Layout) -> Self {
        Index {
            outline: Outline::new(text, layout),
            functions: OnceLock::new(),
        }
    }

    /// Every function, declarations included.
    pub fn functions(&self) -> &[Function] {
        self.functions.get_or_init(|| {
            let (mut line, mut from) = (1, 0);
            self.entities()
                .map(|entity| {
                    line += memchr_iter(b'\n', &self.outline.text[from..entity.start]).count();
                    from = entity.start;
                    self.function(entity, line)
                })
                .collect()
        })
    }

    /// The text that was read.
    pub fn bytes(&self) -> &'a [u8] {
        self.outline.text
    }

    /// The crate that rustc made it of, if the module says: the name of the first codegen unit.
    pub fn crate_name(&self) -> Option<String> {
        let head = &self.outline.text[..self.outline.text.len().min(1 << 14)];
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let unit = lines.find_map(|line| line.strip_prefix("source_filename = \""))?;
        let (name, rest) = unit.split_once('.')?;
        let is_unit = rest.contains("-cgu.") || rest.contains(".cgu.");
        (is_unit && !name.is_empty()).then(|| name.to_owned())
    }

    /// True when there is no function at all.
    pub fn is_empty(&self) -> bool {
        self.entities().next().is_none()
    }

    /// The function of that symbol.
    pub fn get(&self, symbol: &str) -> Option<Function> {
        let found = self.outline.global(symbol.as_bytes()).and_then(|at| {
            let entity = &self.outline.entities[at];
            is_function(entity).then(|| self.function(entity, self.line(entity.start)))
        });
        // A name that is no text is known by what is shown of it, and a damaged module may have a
        // variable of the same name.
        found.or_else(|| {
            let mut functions = self.functions().iter();
            functions
                .find(|function| function.symbol == symbol)
                .cloned()
        })
    }

    /// The functions whose symbols hold `part`.
    pub(crate) fn with_part(&self, part: &str) -> Vec<Function> {
        let finder = memchr::memmem::Finder::new(part);
        self.entities()
            .filter(|entity| finder.find(&self.outline.name(entity)).is_some())
            .map(|entity| self.function(entity, self.line(entity.start)))
            .collect()
    }

    /// The name of every function, variable, alias and ifunc, in their order; a number for what has
    /// no name.
    pub fn symbols(&self) -> impl Iterator<Item = Cow<'a, [u8]>> {
        let entities = self.outline.entities.iter();
        entities
            .filter(|entity| entity.kind.is_global())
            .map(|entity| self.outline.name(entity))
    }

    /// How many functions with a body there are, and how many variables and aliases, without LLVM's own.
    pub fn defined(&self) -> (usize, usize) {
        let count = |kind| {
            let entities = self.outline.entities.iter();
            let is_own = |entity: &&Entity| !self.outline.name(entity).starts_with(b"llvm.");
            entities
                .filter(|entity| entity.kind == kind)
                .filter(is_own)
                .count()
        };
        (count(EntityKind::Define), count(EntityKind::Global))
    }

    /// What the text ends in the middle of: a name, if it has one, and the line where it begins.
    pub fn cut_off(&self) -> Option<(Option<String>, usize)> {
        Some(match self.outline.cut? {
            Cut::Entity(at) => {
                let entity = &self.outline.entities[at];
                let name = self.outline.name(entity);
                let name = (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned());
                (name, self.line(entity.start))
            }
            Cut::Elsewhere(at) => (None, self.line(at)),
        })
    }

    /// True when a function's types are written as LLVM wrote them before pointers lost theirs.
    pub fn has_typed_pointers(&self) -> bool {
        self.entities().any(|entity| {
            let header = &self.outline.text[entity.start..entity.body.unwrap_or(entity.end)];
            memchr::memchr(b'*', header).is_some()
                && function_type(&first_line(header)).contains('*')
        })
    }

    fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.outline
            .entities
            .iter()
            .filter(|entity| is_function(entity))
    }

    fn function(&self, entity: &Entity, line: usize) -> Function {
        let symbol = String::from_utf8_lossy(&self.outline.name(entity)).into_owned();
        let newline = self.outline.text.get(entity.end) == Some(&b'\n');
        Function {
            path: demangle_path(&symbol).unwrap_or_else(|| symbol.clone()),
            symbol,
            is_defined: entity.kind == EntityKind::Define,
            line,
            span: entity.start..entity.end + usize::from(newline),
        }
    }

    fn line(&self, at: usize) -> usize {
        1 + memchr_iter(b'\n', &self.outline.text[..at]).count()
    }

    /// Its text, as it stands in the module.
    pub fn text(&self, function: &Function) -> String {
        String::from_utf8_lossy(&self.outline.text[function.span.clone()]).into_owned()
    }

    /// The contents of the module's attribute groups, by number.
    pub fn attribute_groups(&self) -> BTreeMap<u32, String> {
        let groups = self.outline.entities.iter();
        groups
            .filter(|entity| entity.kind == EntityKind::Attributes)
            .filter_map(|entity| {
                let number = lex::number(&self.outline.text[entity.name.clone()])?;
                let text = &self.outline.text[entity.name.end..entity.end];
                let text = String::from_utf8_lossy(text);
                let (_, body) = text.split_once('{')?;
                Some((number, body.strip_suffix('}')?.trim().to_owned()))
            })
            .collect()
    }

    /// Its parameter and return types, in LLVM's words.
    pub fn function_type(&self, function: &Function) -> String {
        function_type(&first_line(&self.outline.text[function.span.clone()]))
    }

    /// What can be said about a defined function from its text alone.
    pub fn summary(&self, function: &Function) -> Summary {
        let text = self.text(function);
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default();
        let mut instructions = 0;
        let mut blocks = 0;
        let mut callees = BTreeSet::new();
        let mut fresh = true;
        for line in lines {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with(';') || trimmed.starts_with("#dbg_") {
                continue;
            }
            if !line.starts_with([' ', '\t']) {
                if trimmed != "}" {
                    blocks += 1;
                    fresh = false;
                }
                continue;
            }
            // The first block needs no label.
            if fresh {
                blocks += 1;
                fresh = false;
            }
            // Continued lines (a switch's cases, a landing pad's clauses) are no instructions.
            if line.starts_with("  ") && !line.starts_with("   ") && !trimmed.starts_with(']') {
                instructions += 1;
            }
            globals_in(trimmed, &mut |name| {
                callees.insert(name);
            });
        }
        callees.retain(|name| {
            let found = self.outline.global(name.as_bytes());
            found.is_some_and(|at| is_function(&self.outline.entities[at]))
                && !name.starts_with("llvm.")
        });
        Summary {
            linkage: linkage(header),
            function_type: function_type(header),
            instructions,
            blocks,
            callees,
        }
    }
}

fn is_function(entity: &Entity) -> bool {
    matches!(entity.kind, EntityKind::Define | EntityKind::Declare) && !entity.name.is_empty()
}

fn first_line(text: &[u8]) -> Cow<'_, str> {
    let line = text.split(|&byte| byte == b'\n').next();
    String::from_utf8_lossy(line.unwrap_or_default())
}

/// The name at the start of `text`, which follows an `@`, and its length there.
pub fn global_at(text: &str) -> Option<(String, usize)> {
    if let Some(rest) = text.strip_prefix('"') {
        let end = rest.find('"')?;
        let name = lex::plain_name(&text.as_bytes()[..end + 2]);
        return Some((String::from_utf8_lossy(&name).into_owned(), end + 2));
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-$._".contains(c)))
        .unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), end))
}

fn globals_in(line: &str, found: &mut dyn FnMut(String)) {
    let bytes = line.as_bytes();
    let mut quoted = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'@' if !quoted => {
                if let Some((name, length)) = line.get(at + 1..).and_then(global_at) {
                    found(name);
                    at += length;
                }
            }
            b'"' => quoted = !quoted,
            _ => {}
        }
        at += 1;
    }
}

const LINKAGES: [&str; 10] = [
    "private",
    "internal",
    "available_externally",
    "linkonce",
    "weak",
    "common",
    "linkonce_odr",
    "weak_odr",
    "extern_weak",
    "external",
];

fn linkage(header: &str) -> String {
    header
        .split_whitespace()
        .skip(1)
        .find(|word| LINKAGES.contains(word))
        .unwrap_or("external")
        .to_owned()
}

/// `double (ptr, i64)` from `define noundef double @f(ptr noalias %x, i64 %n) #0 {`.
fn function_type(header: &str) -> String {
    let mut quoted = false;
    let Some(at) = header.find(|c| {
        quoted ^= c == '"';
        c == '@' && !quoted
    }) else {
        return String::new();
    };
    let returns = types_of(&header[..at]).pop().unwrap_or_default();
    let after = &header[at + 1..];
    let name = global_at(after).map_or(0, |(_, length)| length);
    let Some(list) = parenthesised(&after[name..]) else {
        return returns;
    };
    let parameters: Vec<String> = split_top(list)
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            types_of(part)
                .into_iter()
                .next()
                .unwrap_or_else(|| part.trim().to_owned())
        })
        .collect();
    format!("{returns} ({})", parameters.join(", "))
}

/// The words of `text` that are types; parenthesised arguments of attributes are passed over.
pub fn types_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let open = rest.as_bytes()[0];
        let length = if matches!(open, b'[' | b'{' | b'<') {
            balanced(rest)
        } else {
            let word = rest
                .find(|c: char| c.is_whitespace() || c == '(')
                .unwrap_or(rest.len());
            if rest[word..].starts_with('(') {
                word + balanced(&rest[word..])
            } else {
                word.max(1)
            }
        };
        let word = &rest[..length];
        let integer = word
            .strip_prefix('i')
            .is_some_and(|bits| !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit()));
        let named = matches!(
            word,
            "void"
                | "ptr"
                | "half"
                | "bfloat"
                | "float"
                | "double"
                | "x86_fp80"
                | "fp128"
                | "metadata"
                | "..."
        );
        // Typed pointers, as LLVM wrote them before 15.
        let named = named || word.ends_with('*');
        if integer || named || matches!(open, b'[' | b'{' | b'<') {
            found.push(word.to_owned());
        }
        rest = rest[length..].trim_start();
    }
    found
}

/// Length of the bracketed text that `text` starts with.
fn balanced(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        quoted ^= byte == b'"';
        match byte {
            _ if quoted => {}
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn parenthesised(text: &str) -> Option<&str> {
    let open = text.find('(')?;
    let length = balanced(&text[open..]);
    text.get(open + 1..open + length.saturating_sub(1))
}

/// A list taken apart at the commas that stand in no brackets and no strings.
pub fn split_top(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_i32;
    let mut quoted = false;
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        quoted ^= byte == b'"';
        match byte {
            _ if quoted => {}
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MODULE: &str = "\
@g = global i32 0

define internal noundef { double, i64 } @\"a \\22b\\22\"(ptr noalias align 8 captures(none) %x.0, i64 range(i64 0, 9) %x.1, [2 x float] %\"v, (w\") unnamed_addr #0 {
start:
  %0 = call double @tanh(double 1.0) #1
  switch i64 %x.1, label %a [
    i64 0, label %b
  ]

a:
  #dbg_value(i32 0, !1, !DIExpression(), !2)
  ret { double, i64 } zeroinitializer
}

declare double @tanh(double)
attributes #0 = { nounwind \"a\"=\"{b}\" }
";

    #[test]
    fn a_module_is_summed_up_from_its_text() {
        let index = Index::of(MODULE.as_bytes());
        let symbols: Vec<&str> = index
            .functions()
            .iter()
            .map(|f| f.symbol.as_str())
            .collect();
        assert_eq!(symbols, ["a \"b\"", "tanh"]);
        let function = &index.functions()[0];
        assert_eq!(function.line, 3);
        let summary = index.summary(function);
        assert_eq!(summary.linkage, "internal");
        assert_eq!(
            summary.function_type,
            "{ double, i64 } (ptr, i64, [2 x float])"
        );
        assert_eq!(summary.instructions, 3);
        assert_eq!(summary.blocks, 2);
        assert_eq!(summary.callees.into_iter().collect::<Vec<_>>(), ["tanh"]);
        assert_eq!(index.attribute_groups()[&0], "nounwind \"a\"=\"{b}\"");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let index = Index::of(&bytes);
            for function in index.functions() {
                index.summary(function);
            }
        }

        #[test]
        fn any_text_around_keywords_is_survived(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "define ", "declare ", "@", "\"", "{", "}", "\n", "(", ")", "<", ">", "[",
                    "%x", "\\4", "\\22", "attributes #", "0 = {", "double", ",", "é", "  ",
                ]),
                0..40,
            )
        ) {
            let text = parts.concat();
            let index = Index::of(text.as_bytes());
            index.attribute_groups();
            for function in index.functions() {
                index.summary(function);
            }
        }
    }
}
