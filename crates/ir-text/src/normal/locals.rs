//! What the values and blocks of a function are called in a normal form that is written down.
//!
//! rustc names them after its own temporaries, which change with its version and with debug info, and
//! LLVM's passes choose among the names that they meet. None of that is part of what a function does. A
//! value is called after the part that Enzyme gave it (`de`, an adjoint), else after its instruction, and
//! a block after the sweep that it belongs to; parameters keep the names that their author gave them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::definition::{Defined, Definition};
use super::metadata::Metadata;
use super::walk::{NormalLine, walk};
use crate::function::Function;
use crate::lex::{Token, TokenKind, lex};

/// New names by old ones, without sigils.
pub(super) struct Locals(FxHashMap<String, String>);

impl Locals {
    /// Names for the locals of a function, by the order in which they are defined.
    pub(super) fn of(lines: &[NormalLine<'_>]) -> Self {
        let parameters = || {
            lines
                .iter()
                .filter_map(|line| line.defines)
                .filter(|definition| definition.what == Defined::Parameter)
                .map(|definition| definition.name.name())
        };
        let taken: FxHashSet<&str> = parameters().collect();
        let mut names: FxHashMap<String, String> = parameters()
            .map(|name| (name.to_owned(), name.to_owned()))
            .collect();
        let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
        for definition in computed(lines) {
            let kind = kind(&definition);
            let count = counts.entry(kind).or_default();
            let new = loop {
                *count += 1;
                let name = format!("{kind}.{count}");
                if !taken.contains(name.as_str()) {
                    break name;
                }
            };
            names
                .entry(definition.name.name().to_owned())
                .or_insert(new);
        }
        Locals(names)
    }

    /// How a local or label is written, if it is one of these.
    pub(super) fn written(&self, token: &Token<'_>) -> Option<String> {
        let new = self.0.get(token.name())?;
        let is_as_it_was = new == token.name();
        Some(match token.kind {
            _ if is_as_it_was => token.text.to_owned(),
            TokenKind::Label => format!("{new}:"),
            _ => format!("%{new}"),
        })
    }
}

/// The values and blocks that a function defines.
fn computed<'a>(lines: &[NormalLine<'a>]) -> impl Iterator<Item = Definition<'a>> {
    lines
        .iter()
        .filter_map(|line| line.defines)
        .filter(|definition| definition.what != Defined::Parameter)
}

fn short(opcode: Option<&str>) -> Option<&str> {
    opcode.map(|opcode| match opcode {
        "getelementptr" => "gep",
        opcode => opcode,
    })
}

/// A word for what a value or block is.
fn kind<'a>(definition: &Definition<'a>) -> &'a str {
    let name = definition.name.name();
    match definition.what {
        Defined::Block => sweep(name),
        Defined::Value { opcode } => role(name).or(short(opcode)).unwrap_or("value"),
        Defined::Parameter => name,
    }
}

/// The part that Enzyme gave a value: `x'ipl` is a load from a shadow. No name of Rust's has a quote.
fn role(name: &str) -> Option<&str> {
    let (_, after) = name.split_once('\'')?;
    let end = after
        .find(|c: char| !c.is_ascii_alphabetic() && c != '_')
        .unwrap_or(after.len());
    let role = after[..end]
        .trim_end_matches('_')
        .trim_end_matches("_unwrap");
    (!role.is_empty()).then_some(role)
}

/// The sweep of the derivative that a block belongs to.
fn sweep(label: &str) -> &'static str {
    [
        ("invert", "invert"),
        ("incinvert", "incinvert"),
        ("mergeinvert", "merge"),
        ("remat_", "remat"),
    ]
    .iter()
    .find(|(start, _)| label.starts_with(start))
    .map_or("bb", |(_, word)| word)
}

/// The same text with numbers for the names of values and blocks: differences are looked for in it,
/// because a line more shifts the names of all that follow.
pub fn numbered(text: &str) -> String {
    /// No parameter has such a number.
    const FIRST: usize = 1_000_000;
    let function = Function::parse(text);
    let lines = walk(&function, &Metadata::of(&function));
    let numbers = computed(&lines)
        .enumerate()
        .map(|(at, definition)| {
            let name = definition.name.name().to_owned();
            (name, (FIRST + at).to_string())
        })
        .collect();
    let locals = Locals(numbers);
    let mut out = String::with_capacity(text.len());
    for token in text.split_inclusive('\n').flat_map(lex) {
        let written = match token.kind {
            TokenKind::Local | TokenKind::Label => locals.written(&token),
            _ => None,
        };
        out.push_str(written.as_deref().unwrap_or(token.text));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lex::lex;

    const TEXT: &str = "\
define double @f(ptr %load.0, ptr %load.1, ptr %\"x'\", double %0) {
1:
  %2 = load double, ptr %load.1, align 8
  %\"_5'ipl\" = load double, ptr %\"x'\", align 8
  %_9.pre = tail call double @tanh(double %2)
  br label %invertbb4.i
invertbb4.i:
  %\"_9'de.0\" = phi double [ %_9.pre, %1 ]
  ret double %\"_9'de.0\"
}
";

    #[test]
    fn values_are_called_after_what_they_are() {
        let function = Function::parse(TEXT);
        let lines = walk(&function, &Metadata::of(&function));
        let locals = Locals::of(&lines);
        let name = |text: &str| locals.written(&lex(text)[0]);
        // A parameter keeps its name, and no value gets it.
        assert_eq!(name("%load.1").unwrap(), "%load.1");
        assert_eq!(name("%2").unwrap(), "%load.2");
        assert_eq!(name("%\"_5'ipl\"").unwrap(), "%ipl.1");
        assert_eq!(name("%_9.pre").unwrap(), "%call.1");
        assert_eq!(name("%\"_9'de.0\"").unwrap(), "%de.1");
        assert_eq!(name("invertbb4.i:").unwrap(), "invert.1:");
        assert_eq!(name("%1").unwrap(), "%bb.1");
        assert_eq!(name("%\"x'\"").unwrap(), "%\"x'\"");
        assert_eq!(name("%T"), None);
    }

    #[test]
    fn numbers_take_the_place_of_names() {
        let text = numbered(TEXT);
        assert!(
            text.contains("%1000001 = load double, ptr %load.1"),
            "{text}"
        );
        assert!(text.contains("br label %1000004"), "{text}");
        assert!(text.contains("1000004:\n"), "{text}");
    }
}
