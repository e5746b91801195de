//! A line cut into pieces, one for each token, as they are shown.

use std::borrow::Cow;
use std::ops::Range;

use ir_text::{LineKind, Token, TokenKind, attached, attributes, lex, printable};
use unicode_width::UnicodeWidthStr;

use super::options::Options;
use crate::alignment::{Diff, Pair, PairKind};
use crate::style::{Style, Tone};
use crate::symbols::embedded;
use crate::syntax::{self, Syntax};

/// One token, as it is shown.
pub(super) struct Piece<'l> {
    pub(super) text: Cow<'l, str>,
    pub(super) style: Style,
    pub(super) kind: TokenKind,
}

/// Cuts a line at its tokens. `changed` are byte ranges of changed words.
pub(super) fn cut<'l>(
    line: &'l str,
    kind: LineKind,
    changed: &[Range<usize>],
    tone: Tone,
    options: &Options<'_>,
) -> Vec<Piece<'l>> {
    let tokens = lex(line);
    let attached = attached(&tokens);
    let attributes = attributes(kind, &tokens);
    let mut end = 0;
    let mut pieces = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let start = end;
        end += token.text.len();
        if attached[at].is_some_and(|attached| !options.detail.shows(attached)) {
            continue;
        }
        let syntax = match token.kind {
            // A theme's colour for comments may well be the diff's green.
            TokenKind::Comment => None,
            _ if attributes[at] => Some(Syntax::Attribute),
            _ => Some(syntax::of(&tokens[at..])),
        };
        // Attributes are no news on a line that says something else.
        let is_news = !attributes[at] || options.show.includes(crate::alignment::Tag::Attributes);
        pieces.push(Piece {
            text: text(token, options),
            style: Style {
                tone: match (tone, token.kind) {
                    (Tone::Plain, TokenKind::Comment | TokenKind::Metadata) => Tone::Muted,
                    _ => tone,
                },
                emphasis: is_news
                    && changed
                        .iter()
                        .any(|word| word.start <= start && end <= word.end),
                syntax,
                role: None,
            },
            kind: token.kind,
        });
    }
    if kind == LineKind::Label {
        align_comment(&mut pieces, options.width);
    }
    pieces
}

/// Puts what stands behind a label where LLVM has it, or closer where there is no room: the label may be
/// called otherwise than in the text.
fn align_comment(pieces: &mut [Piece<'_>], width: usize) {
    /// LLVM's column for comments.
    const COLUMN: usize = 50;
    let [label, space, comment] = pieces else {
        return;
    };
    if space.kind == TokenKind::Space && comment.kind == TokenKind::Comment {
        let gap = match COLUMN + comment.text.width() < width {
            true => COLUMN.saturating_sub(label.text.width()).max(1),
            false => 1,
        };
        space.text = " ".repeat(gap).into();
    }
}

/// True for lines that differ and look the same: an operand is called alike and is another value.
pub(super) fn says_the_same(diff: &Diff, pair: &Pair, options: &Options<'_>) -> bool {
    let (PairKind::Changed, Some(before), Some(after)) = (pair.kind, pair.before, pair.after)
    else {
        return false;
    };
    let looks = |line: &ir_text::Line| -> String {
        let pieces = cut(&line.text, line.kind, &[], Tone::Plain, options);
        pieces.iter().map(|piece| piece.text.as_ref()).collect()
    };
    looks(&diff.before.lines[before]) == looks(&diff.after.lines[after])
}

/// What stands behind such a line.
pub(super) fn other_value() -> [Piece<'static>; 2] {
    let piece = |text, kind| Piece {
        text: Cow::Borrowed(text),
        style: Tone::Muted.style(),
        kind,
    };
    [
        piece("  ", TokenKind::Space),
        piece("; same text, other value", TokenKind::Comment),
    ]
}

/// What a block is called.
pub(super) fn block_name<'l>(block: &'l str, options: &Options<'_>) -> Cow<'l, str> {
    printable(&renamed(block, options).unwrap_or(Cow::Borrowed(block)))
        .into_owned()
        .into()
}

fn text<'l>(token: &Token<'l>, options: &Options<'_>) -> Cow<'l, str> {
    let shown = match token.kind {
        TokenKind::Global => {
            let symbol = token.name();
            (options.rename)(symbol)
                .filter(|shown| shown != symbol)
                .map(|shown| format!("@{shown}").into())
        }
        TokenKind::Local | TokenKind::Label => renamed(token.text, options),
        // Where a block is come from.
        TokenKind::Comment => comment(token.text, options),
        _ => None,
    };
    match shown {
        Some(shown) => printable(&shown).into_owned().into(),
        None => printable(token.text),
    }
}

/// A local's name with the symbol in it called by its path: LLVM names blocks by what was inlined.
fn renamed<'l>(text: &str, options: &Options<'_>) -> Option<Cow<'l, str>> {
    let symbol = embedded(text)?;
    let shown = (options.rename)(&text[symbol.clone()])?;
    let quoted = text.contains('"');
    let text = format!("{}{shown}{}", &text[..symbol.start], &text[symbol.end..]);
    Some(match quoted {
        true => text.replace('"', "").into(),
        false => text.into(),
    })
}

fn comment<'l>(text: &str, options: &Options<'_>) -> Option<Cow<'l, str>> {
    let list = text.strip_prefix("; preds = ")?;
    embedded(list)?;
    let names: Vec<Cow<'_, str>> = list
        .split(", ")
        .map(|name| renamed(name, options).unwrap_or(Cow::Borrowed(name)))
        .collect();
    Some(format!("; preds = {}", names.join(", ")).into())
}
