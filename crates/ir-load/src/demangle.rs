//! Symbols as people read them.

use std::borrow::Cow;

/// The path of a mangled symbol (legacy or v0), without its hash; `None` when it is not mangled.
pub fn demangle_path(symbol: &str) -> Option<String> {
    let demangled = rustc_demangle::try_demangle(symbol).ok()?;
    Some(of_type(format!("{demangled:#}")))
}

/// `<a::B>::f` as `a::B::f`, as people write it and legacy mangling has it: a method of a type, and of no trait.
fn of_type(path: String) -> String {
    let mut depth = 0_usize;
    let mut end = None;
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            // The arrow of a function's type.
            b'>' if at > 0 && path.as_bytes()[at - 1] == b'-' => {}
            b'>' => depth = depth.saturating_sub(1),
            b' ' if depth == 1 && path[at..].starts_with(" as ") => return path,
            _ => {}
        }
        if depth == 0 {
            end = Some(at);
            break;
        }
    }
    let Some(inner) = end.and_then(|end| path.get(1..end)) else {
        return path;
    };
    let is_path = inner.starts_with(|c: char| c.is_alphabetic() || c == '_');
    match is_path && inner.contains("::") {
        true => format!("{inner}{}", &path[inner.len() + 2..]),
        false => path,
    }
}

/// What to call a symbol in output. A prefix that Enzyme put before a mangled symbol is kept, with
/// the path in angle brackets: `diffe<model::loss>`.
pub fn demangle(symbol: &str) -> Cow<'_, str> {
    if let Some(path) = demangle_path(symbol) {
        return path.into();
    }
    for (at, _) in symbol.match_indices('_') {
        let rest = &symbol[at..];
        if at > 0
            && (rest.starts_with("_ZN") || rest.starts_with("_R"))
            && let Some(path) = demangle_path(rest)
        {
            return format!("{}<{path}>", &symbol[..at]).into();
        }
    }
    symbol.into()
}

/// A sentence with the mangled symbols in it demangled.
pub fn demangle_words(text: &str) -> String {
    map_symbols(text, |symbol| demangle(symbol))
}

/// A text in which each word that a symbol may be is replaced.
pub fn map_symbols<'t>(text: &'t str, replace: impl Fn(&'t str) -> Cow<'t, str>) -> String {
    let is_symbol = |c: char| c.is_ascii_alphanumeric() || "_$.".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_symbol) {
        out.push_str(&rest[..start]);
        let word = &rest[start..];
        let end = word.find(|c| !is_symbol(c)).unwrap_or(word.len());
        out.push_str(&replace(&word[..end]));
        rest = &word[end..];
    }
    out.push_str(rest);
    out
}

/// True for a function of Rust's own libraries, by its symbol or its path.
pub fn is_library(symbol: &str) -> bool {
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let path = path.trim_start_matches(['<', '&', '*', '[', '(']);
    let path = path.trim_start_matches("mut ").trim_start_matches("const ");
    ["core::", "alloc::", "std::", "hashbrown::", "irad."]
        .iter()
        .any(|root| path.starts_with(root))
        || path.contains("__rustc")
        // A trait of theirs, implemented for one of their types (`<f64 as core::ops::…>`).
        || path.split_once(" as ").is_some_and(|(ty, rest)| {
            !ty.contains("::") && ["core::", "alloc::", "std::"].iter().any(|root| rest.starts_with(root))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_called_by_their_types() {
        assert_eq!(of_type("<a::B>::f".to_owned()), "a::B::f");
        assert_eq!(
            of_type("<a::B<c::D>>::f::<e>".to_owned()),
            "a::B<c::D>::f::<e>"
        );
        for kept in [
            "<a::B as c::D>::f",
            "<[f64]>::f",
            "<f64>::f",
            "a::f",
            "<a::B",
            "",
        ] {
            assert_eq!(of_type(kept.to_owned()), kept);
        }
    }

    #[test]
    fn enzymes_prefixes_stay_in_front_of_the_path() {
        assert_eq!(
            demangle("diffe_ZN5model4loss17h0123456789abcdefE"),
            "diffe<model::loss>"
        );
        assert_eq!(
            demangle("_ZN5model4loss17h0123456789abcdefE"),
            "model::loss"
        );
        assert_eq!(demangle("tanh"), "tanh");
        assert_eq!(
            demangle_words("in `_ZN5model4loss17h0123456789abcdefE`, é."),
            "in `model::loss`, é."
        );
        assert_eq!(demangle("__rust_alloc"), "__rust_alloc");
    }
}
