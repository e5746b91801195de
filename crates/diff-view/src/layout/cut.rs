//! A line cut into pieces, one for each token, as they are shown.

use std::borrow::Cow;
use std::ops::Range;

use ir_text::{Token, TokenKind, lex};

use super::options::Options;
use crate::style::{Style, Tone};
use crate::syntax;

/// One token, as it is shown.
pub(super) struct Piece<'l> {
    pub(super) text: Cow<'l, str>,
    pub(super) style: Style,
    pub(super) kind: TokenKind,
}

/// Cuts a line at its tokens. `changed` are byte ranges of changed words.
pub(super) fn cut<'l>(
    line: &'l str,
    changed: &[Range<usize>],
    tone: Tone,
    options: &Options<'_>,
) -> Vec<Piece<'l>> {
    let tokens = lex(line);
    let mut end = 0;
    tokens
        .iter()
        .enumerate()
        .map(|(at, token)| {
            let start = end;
            end += token.text.len();
            Piece {
                text: text(token, options),
                style: Style {
                    tone: match (tone, token.kind) {
                        (Tone::Plain, TokenKind::Comment | TokenKind::Metadata) => Tone::Muted,
                        _ => tone,
                    },
                    emphasis: changed
                        .iter()
                        .any(|word| word.start <= start && end <= word.end),
                    // A theme's colour for comments may well be the diff's green.
                    syntax: match token.kind {
                        TokenKind::Comment => None,
                        _ => Some(syntax::of(&tokens[at..])),
                    },
                },
                kind: token.kind,
            }
        })
        .collect()
}

fn text<'l>(token: &Token<'l>, options: &Options<'_>) -> Cow<'l, str> {
    if token.kind == TokenKind::Global {
        let symbol = token.name();
        if let Some(shown) = (options.rename)(symbol).filter(|shown| shown != symbol) {
            return printable(&format!("@{shown}")).into_owned().into();
        }
    }
    printable(token.text)
}

/// Text with its control characters spelled out: names in IR may hold anything, and a terminal would
/// obey.
fn printable(text: &str) -> Cow<'_, str> {
    let is_unprintable = |c: char| c.is_control() && c != '\t';
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
