//! What the values and blocks of a function are called in a snapshot.
//!
//! rustc names them after its own temporaries, which change with its version and with debug info, and
//! LLVM's passes choose among the names that they meet. None of that is part of what a function does. A
//! value is called after the part that Enzyme gave it (`de`, an adjoint), else after its instruction, and
//! a block after the sweep that it belongs to; parameters keep the names that their author gave them.

use std::collections::{HashMap, HashSet};

use diff_view::{Function, LineKind, Token, TokenKind, lex};

/// New names by old ones, without sigils.
pub struct Locals(HashMap<String, String>);

impl Locals {
    /// Names for the locals of a function, by the order in which they are defined.
    pub fn of(function: &Function) -> Self {
        let mut taken: HashSet<String> = HashSet::new();
        let mut names = HashMap::new();
        for line in &function.lines {
            if line.kind == LineKind::Parameter
                && let Some(name) = lex(&line.text)
                    .iter()
                    .rfind(|token| token.kind == TokenKind::Local)
            {
                taken.insert(name.name().to_owned());
                names.insert(name.name().to_owned(), name.name().to_owned());
            }
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        for (old, kind) in defined(function) {
            let count = counts.entry(kind.clone()).or_default();
            let new = loop {
                *count += 1;
                let name = format!("{kind}.{count}");
                if !taken.contains(&name) {
                    break name;
                }
            };
            names.entry(old).or_insert(new);
        }
        Locals(names)
    }

    /// How a local or label is written, if it is one of these.
    pub fn written(&self, token: &Token<'_>) -> Option<String> {
        let new = self.0.get(token.name())?;
        let is_as_it_was = new == token.name();
        Some(match token.kind {
            _ if is_as_it_was => token.text.to_owned(),
            TokenKind::Label => format!("{new}:"),
            _ => format!("%{new}"),
        })
    }
}

/// The values and blocks that a function defines, with a word for what each is.
fn defined(function: &Function) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in &function.lines {
        let tokens: Vec<Token<'_>> = lex(&line.text)
            .into_iter()
            .filter(|token| token.kind != TokenKind::Space)
            .collect();
        match (line.kind, tokens.as_slice()) {
            (LineKind::Label, [label, ..]) => {
                found.push((label.name().to_owned(), sweep(label.name()).to_owned()));
            }
            (LineKind::Instruction, [name, equals, rest @ ..])
                if name.kind == TokenKind::Local && equals.text == "=" =>
            {
                let opcode = rest
                    .iter()
                    .map(|token| token.text)
                    .find(|word| !matches!(*word, "tail" | "musttail" | "notail"));
                let opcode = opcode.map(|word| match word {
                    "getelementptr" => "gep",
                    word => word,
                });
                let kind = role(name.name()).or(opcode).unwrap_or("value");
                found.push((name.name().to_owned(), kind.to_owned()));
            }
            _ => {}
        }
    }
    found
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
    let numbers: HashMap<String, String> = defined(&function)
        .into_iter()
        .enumerate()
        .map(|(at, (name, _))| (name, (FIRST + at).to_string()))
        .collect();
    let locals = Locals(numbers);
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        for token in lex(line) {
            let written = match token.kind {
                TokenKind::Local | TokenKind::Label => locals.written(&token),
                _ => None,
            };
            out.push_str(written.as_deref().unwrap_or(token.text));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let locals = Locals::of(&function);
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
