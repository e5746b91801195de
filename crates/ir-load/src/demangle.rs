//! Symbols as people read them.

use std::borrow::Cow;

/// The path of a mangled symbol (legacy or v0), without its hash; `None` when it is not mangled.
pub fn demangle_path(symbol: &str) -> Option<String> {
    let demangled = rustc_demangle::try_demangle(symbol).ok()?;
    Some(format!("{demangled:#}"))
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
