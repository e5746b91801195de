//! What symbols are called.

use std::collections::HashMap;

use diff_view::unique_names;

use super::listing::Listing;

/// What to call a symbol: its path, where no other symbol in these texts has the same one.
pub fn renamer(raw: bool, texts: &[&str]) -> impl Fn(&str) -> Option<String> + use<> {
    let names = match raw {
        true => HashMap::new(),
        false => unique_names(texts, &|symbol| ir_load::demangle(symbol)),
    };
    move |symbol| names.get(symbol).cloned()
}

/// The same for what listings hold.
pub fn renamer_of(raw: bool, listings: &[&Listing]) -> impl Fn(&str) -> Option<String> + use<> {
    let lines = listings.iter().flat_map(|listing| &listing.lines);
    let texts: Vec<&str> = lines.map(|(line, _)| line.as_str()).collect();
    renamer(raw, &texts)
}
