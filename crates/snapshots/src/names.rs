//! What symbols are called in a snapshot: by their paths, and what only a hash names, by what it holds.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use ir_text::{Symbols, Token, TokenKind, lex};

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
    instances: BTreeMap<String, String>,
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
            instances: BTreeMap::new(),
            constants: Vec::new(),
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
        let (prefix, path) = split(symbol);
        let Some(path) = path else {
            return self.give(symbol, symbol.to_owned());
        };
        let plain = plain(&path);
        let wrap = |path: String| match prefix {
            "" => path,
            prefix => format!("{prefix}<{path}>"),
        };
        let name = self.give(symbol, wrap(plain.clone()));
        if plain != path {
            self.instances.insert(name.clone(), wrap(path));
        }
        name
    }

    /// What the names of symbols leave out: generic arguments, which only one of Rust's two manglings
    /// spells out.
    pub fn instances(&self) -> &BTreeMap<String, String> {
        &self.instances
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

impl Symbols for Names<'_> {
    fn global(&mut self, token: &Token<'_>) -> String {
        format!("@{}", quoted(&self.name(token.name())))
    }

    fn words<'t>(&self, text: &'t str) -> Cow<'t, str> {
        words(text)
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

/// A symbol's path, with what stands before it if something does (`diffe_ZN…`).
fn split(symbol: &str) -> (&str, Option<String>) {
    let starts = std::iter::once(0).chain(symbol.match_indices('_').map(|(at, _)| at));
    for at in starts {
        let rest = &symbol[at..];
        if (rest.starts_with("_ZN") || rest.starts_with("_R"))
            && let Some(path) = ir_load::demangle_path(rest)
        {
            return (&symbol[..at], Some(path));
        }
    }
    (symbol, None)
}

/// A path as both of Rust's manglings have it: without generic arguments, and with closures that have
/// no numbers. `<a::B<c> as d::E>::f::<g>` is `<a::B as d::E>::f`, and `<a::B<c>>::f` is `a::B::f`.
fn plain(path: &str) -> String {
    let path = path.replace("{{closure}}", "{closure}");
    let mut out = String::with_capacity(path.len());
    let mut rest = path.as_str();
    if let Some(end) = group(rest) {
        let inside = &rest[1..end];
        match split_as(inside) {
            Some((ty, of)) => out.push_str(&format!("<{} as {}>", plain(ty), plain(of))),
            None => out.push_str(&plain(inside)),
        }
        rest = &rest[end + 1..];
    }
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&rest[..at]);
        if let Some(closure) = rest[at..].strip_prefix("{closure#") {
            out.push_str("{closure}");
            rest = closure.split_once('}').map_or("", |(_, after)| after);
            continue;
        }
        match group(&rest[at..]) {
            // The legacy mangling's word for an implementation of somebody else's trait.
            Some(end) if rest[at..].starts_with("<impl ") => {
                out.push_str(&rest[at..=at + end]);
                rest = &rest[at + end + 1..];
            }
            Some(end) => {
                // The path's own separator goes with what it separates.
                out.truncate(out.strip_suffix("::").unwrap_or(&out).len());
                rest = &rest[at + end + 1..];
            }
            None => {
                out.push_str(&rest[at..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    out + rest
}

/// Where the angle bracket closes that a text begins with.
fn group(text: &str) -> Option<usize> {
    if !text.starts_with('<') {
        return None;
    }
    let (mut depth, mut last) = (0_usize, ' ');
    text.char_indices().find_map(|(at, c)| {
        match c {
            '<' => depth += 1,
            // The arrow of a function's type is no bracket.
            '>' if last != '-' => depth -= 1,
            _ => {}
        }
        last = c;
        (depth == 0).then_some(at)
    })
}

/// The two sides of an ` as ` that stands in no bracket.
fn split_as(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            ' ' if depth == 0 && text[at..].starts_with(" as ") => {
                return Some((&text[..at], &text[at + 4..]));
            }
            _ => {}
        }
    }
    None
}

/// A text that may hold symbols, with no more of each than its last name: LLVM writes down there what
/// it has inlined, and it is for people.
fn words(text: &str) -> Cow<'_, str> {
    if !text.contains("_ZN") && !text.contains("_R") {
        return text.into();
    }
    let last = |word| match split(word).1 {
        Some(path) => plain(&path)
            .rsplit("::")
            .next()
            .unwrap_or_default()
            .to_owned()
            .into(),
        None => Cow::Borrowed(word),
    };
    ir_load::map_symbols(text, last).into()
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
    use ir_text::normal_form;

    fn global(names: &mut Names<'_>, symbol: &str) -> String {
        let text = format!("@\"{symbol}\"");
        names.global(&lex(&text)[0])
    }

    #[test]
    fn hashes_leave_no_trace_in_a_normal_form() {
        let text = |hash: &str, constant: &str| {
            format!(
                "\
define double @_ZN5model4loss17h{hash}E(ptr %w.0) {{
start:
  call void @_ZN5model4help17h{hash}E(ptr @alloc_{constant}), !alias.scope !1
  ret double 0.0
}}
!1 = !{{!2}}
!2 = !{{!\"_ZN5model4help17h{hash}E: %x\"}}
"
            )
        };
        let normal = |text: &str| normal_form(text, &mut Names::new(b""));
        let form = normal(&text(
            "0123456789abcdef",
            "00112233445566778899aabbccddeeff",
        ));
        let other = text("fedcba9876543210", "ffeeddccbbaa99887766554433221100");
        assert_eq!(form, normal(&other));
        for word in ["17h", "_ZN", "alloc_0"] {
            assert!(!form.contains(word), "{word} in {form}");
        }
        assert!(form.contains("@\"model::help\"(ptr @alloc.1)"), "{form}");
        assert!(form.contains("!{!\"help: %x\"}"), "{form}");
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
    fn both_manglings_give_one_path() {
        for (path, expected) in [
            ("a::f::<b::C<d>>", "a::f"),
            ("a::f::<fn(b) -> c>", "a::f"),
            ("<a::B<T> as c::D<E>>::e::<f>", "<a::B as c::D>::e"),
            ("<a::Box<[f64; 4]>>::new", "a::Box::new"),
            ("a::Box<T>::new", "a::Box::new"),
            (
                "a::f::{closure#1}::{closure#0}",
                "a::f::{closure}::{closure}",
            ),
            ("a::f::{{closure}}", "a::f::{closure}"),
            (
                "core::ptr::drop_in_place<a::Box<[f64; 4]>>",
                "core::ptr::drop_in_place",
            ),
            ("a::<impl b::C for d>::e", "a::<impl b::C for d>::e"),
            ("tanh", "tanh"),
        ] {
            assert_eq!(plain(path), expected);
        }
    }

    #[test]
    fn what_a_name_leaves_out_is_known() {
        let mut names = Names::new(b"");
        let symbol = "diffe_RINvC1a4loss1f1gdEB2_";
        let path = ir_load::demangle(symbol).into_owned();
        let shown = global(&mut names, symbol);
        if path != symbol {
            assert!(!shown.contains("::<"), "{shown} of {path}");
            assert_eq!(names.instances().len(), 1, "{path}");
        }
        let symbol = "_RINvCs7cJ1zuyekgd_1a4lossdEB2_";
        assert_eq!(global(&mut names, symbol), "@\"a::loss\"");
        let known = names
            .instances()
            .values()
            .any(|path| path == "a::loss::<f64>");
        assert!(known, "{:?}", names.instances());
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
