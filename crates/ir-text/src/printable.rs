//! Text that a terminal and a clipboard may be given: names in IR may hold anything, and both would obey.

use std::borrow::Cow;

/// The text with its control characters spelled out, C1 and those that turn the direction of text among them;
/// tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.is_ascii()
        && !text
            .bytes()
            .any(|byte| byte != b'\t' && byte.is_ascii_control())
    {
        return text.into();
    }
    if !text.contains(is_unprintable) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_unprintable(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    out.into()
}

/// True for what is no text but an order: control characters, line and paragraph separators, and marks that
/// turn the direction of text or hide it.
fn is_unprintable(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_to_a_terminal_are_spelled_out() {
        assert_eq!(printable("a\u{1b}[2J"), "a\\u{1b}[2J");
        assert_eq!(printable("a\u{9b}2J\u{7f}"), "a\\u{9b}2J\\u{7f}");
        assert_eq!(printable("x\u{202e}y\u{2066}"), "x\\u{202e}y\\u{2066}");
        assert_eq!(printable("\tä — 日本"), "\tä — 日本");
        assert!(matches!(printable("%x = add"), Cow::Borrowed(_)));
    }
}
