//! Short names for symbols, where they are names of one symbol only.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use ir_text::{TokenKind, lex};

/// What to call the symbols that these texts name: what `shorten` makes of each, where it makes that of
/// no other. Symbols stand in the names of blocks, too, which LLVM calls by what was inlined.
pub fn unique_names(
    texts: &[&str],
    shorten: &dyn Fn(&str) -> Cow<'_, str>,
) -> HashMap<String, String> {
    let mut users: HashMap<String, Vec<&str>> = HashMap::new();
    // Most lines name no symbol.
    let names_one = |line: &&str| line.contains('@') || line.contains("_ZN") || line.contains("_R");
    let lines = texts.iter().flat_map(|text| text.lines());
    for token in lines.filter(names_one).flat_map(lex) {
        let symbol = match token.kind {
            TokenKind::Global => token.name(),
            TokenKind::Label => match embedded(token.text) {
                Some(symbol) => &token.text[symbol],
                None => continue,
            },
            _ => continue,
        };
        let symbols = users.entry(shorten(symbol).into_owned()).or_default();
        if !symbols.contains(&symbol) {
            symbols.push(symbol);
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

/// Where in a name a mangled symbol stands: `_ZN5model4lossE` in `%invert_ZN5model4lossE.exit`.
pub(crate) fn embedded(name: &str) -> Option<Range<usize>> {
    if let Some(start) = name.find("_ZN") {
        let bytes = name.as_bytes();
        let mut at = start + 3;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            let digits = bytes[at..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            let length: usize = name[at..at + digits].parse().ok()?;
            at = at.checked_add(digits)?.checked_add(length)?;
        }
        return (bytes.get(at) == Some(&b'E')).then_some(start..at + 1);
    }
    let start = name.match_indices("_R").map(|(at, _)| at).find(|at| {
        name.as_bytes()
            .get(at + 2)
            .is_some_and(u8::is_ascii_uppercase)
    })?;
    let length = name[start..]
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    Some(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_is_found_in_the_name_of_a_block() {
        let found = |name: &'static str| embedded(name).map(|range| &name[range]);
        assert_eq!(
            found("invert_ZN5model4loss17h0123456789abcdefE.exit.i"),
            Some("_ZN5model4loss17h0123456789abcdefE")
        );
        assert_eq!(
            found("_RNvCs5l_5model4loss.exit"),
            Some("_RNvCs5l_5model4loss")
        );
        assert_eq!(found("_ZN5model4"), None);
        assert_eq!(found("_ZN99999999999999999999999E"), None);
        assert_eq!(found("bb2.i"), None);
    }
}
