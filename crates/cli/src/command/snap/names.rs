//! What symbols are called in a snapshot: by their paths, and what only a hash names, by what it holds.

use std::borrow::Cow;
use std::collections::HashMap;

use diff_view::{Token, TokenKind, lex};

/// The symbols of one snapshot, each with the name that it goes by there.
pub struct Names<'m> {
    /// The module's text, for what nameless constants hold.
    module: &'m [u8],
    /// Where the module's variables are defined, once that was looked for.
    variables: Option<HashMap<&'m str, &'m str>>,
    /// What the engine told of variables that passes have made.
    given: HashMap<String, String>,
    names: HashMap<String, String>,
    /// How many symbols go by each name.
    users: HashMap<String, usize>,
    /// Nameless constants that were referred to, in their order, by symbol.
    constants: Vec<String>,
}

impl<'m> Names<'m> {
    /// No name so far.
    pub fn new(module: &'m [u8]) -> Self {
        Names {
            module,
            variables: None,
            given: HashMap::new(),
            names: HashMap::new(),
            users: HashMap::new(),
            constants: Vec::new(),
        }
    }

    /// Names the function that the snapshot is about, without the generic arguments that only one of
    /// Rust's two manglings spells out: which instance it is, the entry says.
    pub fn subject(&mut self, symbol: &str) {
        if !self.names.contains_key(symbol) {
            let path = ir_load::demangle(symbol);
            let name = without_arguments(&path);
            self.give(symbol, name);
        }
    }

    /// How a global is written.
    pub fn global(&mut self, token: &Token<'_>) -> String {
        format!("@{}", quoted(&self.name(token.name())))
    }

    /// A piece of text in which symbols may stand.
    pub fn words<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !text.contains("_ZN") && !text.contains("_R") {
            return text.into();
        }
        let words = ir_load::demangle_words(text);
        let is_bare = words != text && !text.contains('"');
        match is_bare {
            // A local without quotes needs them as soon as its name is a path.
            true => match (text.strip_prefix('%'), text.strip_suffix(':')) {
                (Some(_), _) => format!("%{}", quoted(&words[1..])).into(),
                (_, Some(_)) => format!("{}:", quoted(&words[..words.len() - 1])).into(),
                _ => words.into(),
            },
            false => words.into(),
        }
    }

    fn name(&mut self, symbol: &str) -> String {
        if let Some(name) = self.names.get(symbol) {
            return name.clone();
        }
        if let Some(kind) = nameless(symbol) {
            let is_place = self.is_place(symbol);
            let kind = if is_place { "location" } else { kind };
            let count = self.users.entry(format!("{kind}.")).or_default();
            *count += 1;
            let name = format!("{kind}.{count}");
            self.names.insert(symbol.to_owned(), name.clone());
            if !is_place {
                self.constants.push(symbol.to_owned());
            }
            return name;
        }
        let path = ir_load::demangle(symbol).into_owned();
        self.give(symbol, path)
    }

    /// Symbols of one path (instances that only their hashes tell apart) are numbered.
    fn give(&mut self, symbol: &str, path: String) -> String {
        let count = self.users.entry(path.clone()).or_default();
        *count += 1;
        let name = match *count {
            1 => path,
            count => format!("{path}#{count}"),
        };
        self.names.insert(symbol.to_owned(), name.clone());
        name
    }

    /// Takes in definitions of variables as the engine printed them.
    pub fn learn(&mut self, definitions: &[String]) {
        for line in definitions {
            if let Some((symbol, _)) = variable(line) {
                self.given.insert(symbol.to_owned(), line.clone());
            }
        }
    }

    fn definition(&mut self, symbol: &str) -> Option<String> {
        if let Some(line) = self.given.get(symbol) {
            return Some(line.clone());
        }
        let module = self.module;
        let variables = self.variables.get_or_insert_with(|| {
            module
                .split(|&byte| byte == b'\n')
                .filter(|line| line.first() == Some(&b'@'))
                .filter_map(|line| std::str::from_utf8(line).ok())
                .filter_map(variable)
                .collect()
        });
        variables.get(symbol).map(|line| (*line).to_owned())
    }

    /// True for what `#[track_caller]` passes: a file's path with line and column.
    fn is_place(&mut self, symbol: &str) -> bool {
        let Some(line) = self.definition(symbol) else {
            return false;
        };
        let Some((_, value)) = line.split_once("constant <{ ptr, [16 x i8] }> <{ ptr ") else {
            return false;
        };
        let tokens = lex(value);
        let file = tokens
            .first()
            .filter(|token| token.kind == TokenKind::Global)
            .and_then(|token| self.definition(token.name()));
        file.is_some_and(|file| file.contains(".rs\\00\"") || file.contains(".rs\""))
    }

    /// Definitions of the nameless constants that were referred to, and of those that they refer to.
    /// What nothing defines here is left out.
    pub fn constants(&mut self) -> String {
        let mut out = String::new();
        let mut at = 0;
        while let Some(symbol) = self.constants.get(at).cloned() {
            at += 1;
            let Some(line) = self.definition(&symbol) else {
                continue;
            };
            for token in lex(&line) {
                match token.kind {
                    TokenKind::Global => out.push_str(&self.global(&token)),
                    TokenKind::Comment => {}
                    _ => out.push_str(token.text),
                }
            }
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
        out
    }
}

/// A variable's symbol and the line that defines it.
fn variable(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end();
    let rest = line.strip_prefix('@')?;
    let symbol = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split(' ').next()?,
    };
    line.contains(" = ").then_some((symbol, line))
}

/// What kind of thing a symbol stands for that says nothing but a number or a hash.
fn nameless(symbol: &str) -> Option<&'static str> {
    let is_hash = |text: &str| text.len() >= 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if symbol.strip_prefix("alloc_").is_some_and(is_hash) {
        return Some("alloc");
    }
    for (start, kind) in [
        ("vtable.", "vtable"),
        ("__unnamed_", "unnamed"),
        ("str.", "str"),
        ("const.", "const"),
        (".memset_pattern", "pattern"),
        ("switch.table.", "switch.table"),
    ] {
        let Some(rest) = symbol.strip_prefix(start) else {
            continue;
        };
        if is_number(rest) || matches!(kind, "pattern" | "switch.table") {
            return Some(kind);
        }
    }
    let mut parts = symbol.strip_prefix("anon.")?.split('.');
    (parts.next().is_some_and(is_hash) && parts.next().is_some_and(is_number)).then_some("anon")
}

/// A path without the generic arguments at the ends of its parts: `a::f::<b>` and `diffe<a::f::<b>>`.
fn without_arguments(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find("::<") {
        out.push_str(&rest[..at]);
        let (mut depth, mut last) = (0_usize, ' ');
        let end = rest[at + 2..].find(|c| {
            match c {
                '<' => depth += 1,
                // The arrow of a function's type is no bracket.
                '>' if last != '-' => depth -= 1,
                _ => {}
            }
            last = c;
            depth == 0
        });
        match end {
            Some(end) => rest = &rest[at + 2 + end + 1..],
            None => return path.to_owned(),
        }
    }
    out + rest
}

/// A name as LLVM writes it: quoted, unless it is made of plain characters.
fn quoted(name: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-$._".contains(c);
    let begins_plainly = name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    match name.chars().all(is_plain) && begins_plainly {
        true => name.into(),
        false => format!("\"{name}\"").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(names: &mut Names<'_>, symbol: &str) -> String {
        let text = format!("@\"{symbol}\"");
        names.global(&lex(&text)[0])
    }

    #[test]
    fn symbols_of_one_path_are_told_apart() {
        let mut names = Names::new(b"");
        let (a, b) = (
            "_ZN1a4loss17h0123456789abcdefE",
            "_ZN1a4loss17hfedcba9876543210E",
        );
        assert_eq!(global(&mut names, a), "@\"a::loss\"");
        assert_eq!(global(&mut names, b), "@\"a::loss#2\"");
        assert_eq!(global(&mut names, a), "@\"a::loss\"");
        assert_eq!(global(&mut names, "tanh"), "@tanh");
    }

    #[test]
    fn generic_arguments_of_the_subject_are_left_out() {
        assert_eq!(without_arguments("a::f::<b::C<d>>"), "a::f");
        assert_eq!(without_arguments("diffe<a::f::<f64>>"), "diffe<a::f>");
        assert_eq!(without_arguments("<a::B as c::D>::e"), "<a::B as c::D>::e");
        assert_eq!(without_arguments("a::f::<fn(b) -> c>"), "a::f");
    }

    #[test]
    fn nameless_constants_are_numbered_and_defined() {
        let module = b"@alloc_00112233445566778899aabbccddeeff = private constant [8 x i8] c\"12345678\", align 8
@alloc_11112233445566778899aabbccddeeff = private constant <{ ptr, [16 x i8] }> <{ ptr @alloc_22112233445566778899aabbccddeeff, [16 x i8] c\"0123456789abcdef\" }>, align 8
@alloc_22112233445566778899aabbccddeeff = private constant [11 x i8] c\"src/lib.rs\\00\", align 1
";
        let mut names = Names::new(module);
        assert_eq!(
            global(&mut names, "alloc_11112233445566778899aabbccddeeff"),
            "@location.1"
        );
        assert_eq!(
            global(&mut names, "alloc_00112233445566778899aabbccddeeff"),
            "@alloc.1"
        );
        assert_eq!(
            names.constants(),
            "@alloc.1 = private constant [8 x i8] c\"12345678\", align 8\n"
        );
    }
}
