//! Short names for symbols, where they are names of one symbol only.

use std::borrow::Cow;
use std::collections::HashMap;

use ir_text::{TokenKind, lex};

/// What to call the symbols that these texts name: what `shorten` makes of each, where it makes that of
/// no other.
pub fn unique_names(
    texts: &[&str],
    shorten: &dyn Fn(&str) -> Cow<'_, str>,
) -> HashMap<String, String> {
    let mut users: HashMap<String, Vec<&str>> = HashMap::new();
    for token in texts
        .iter()
        .flat_map(|text| text.lines())
        .flat_map(lex)
        .filter(|token| token.kind == TokenKind::Global)
    {
        let symbols = users.entry(shorten(token.name()).into_owned()).or_default();
        if !symbols.contains(&token.name()) {
            symbols.push(token.name());
        }
    }
    users
        .into_iter()
        .filter_map(|(short, symbols)| match symbols.as_slice() {
            [only] => Some(((*only).to_owned(), short)),
            _ => None,
        })
        .collect()
}
