//! A line cut into pieces of one style each, renamed, coloured and wrapped.

use std::borrow::Cow;
use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Options;
use crate::paint::{Paint, Style, Tone};
use ir_text::{TokenKind, lex};

/// Text of one style.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    text: String,
    style: Style,
}

/// Pieces that fit on one row of the terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Wrapped {
    pieces: Vec<Piece>,
    width: usize,
}

impl Wrapped {
    pub(super) fn paint(&self, paint: &mut dyn Paint) {
        for piece in &self.pieces {
            paint.text(&piece.text, piece.style);
        }
    }

    /// Paints and fills up to `width` columns.
    pub(super) fn paint_padded(&self, width: usize, paint: &mut dyn Paint) {
        self.paint(paint);
        let missing = width.saturating_sub(self.width);
        if missing > 0 {
            paint.text(&" ".repeat(missing), Style::default());
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        self.width += text.width();
        match self.pieces.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => self.pieces.push(Piece {
                text: text.to_owned(),
                style,
            }),
        }
    }
}

/// Cuts a line at its tokens. `changed` are byte ranges of changed words.
pub(super) fn of(
    line: &str,
    changed: &[Range<usize>],
    tone: Tone,
    options: &Options<'_>,
) -> Vec<Piece> {
    let mut at = 0;
    let mut tokens: Vec<(Cow<'_, str>, bool, TokenKind)> = Vec::new();
    for token in lex(line) {
        let range = at..at + token.text.len();
        at = range.end;
        let emphasis = changed
            .iter()
            .any(|word| word.start <= range.start && range.end <= word.end);
        let text = match token.kind {
            TokenKind::Global => rename(token.text, token.name(), options),
            _ => Cow::Borrowed(token.text),
        };
        tokens.push((text, emphasis, token.kind));
    }
    let shown: String = tokens.iter().map(|(text, ..)| text.as_ref()).collect();
    let colours = match options.highlighter {
        Some(highlighter) => highlighter.line(&shown),
        None => Vec::new(),
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    for (text, emphasis, kind) in tokens {
        let end = start + text.len();
        let syntax = colours
            .iter()
            .find(|(range, _)| range.contains(&start))
            .and_then(|(_, colour)| *colour);
        pieces.push(Piece {
            text: text.into_owned(),
            style: Style {
                // A theme's colour for comments may well be the diff's green.
                syntax: syntax.filter(|_| kind != TokenKind::Comment),
                tone: match (tone, kind) {
                    (Tone::Plain, TokenKind::Comment | TokenKind::Metadata) => Tone::Muted,
                    _ => tone,
                },
                emphasis,
            },
        });
        start = end;
    }
    pieces
}

fn rename<'t>(text: &'t str, symbol: &str, options: &Options<'_>) -> Cow<'t, str> {
    match (options.rename)(symbol) {
        Some(shown) if shown != symbol => Cow::Owned(format!("@{shown}")),
        _ => Cow::Borrowed(text),
    }
}

/// How far a wrapped line's further rows are indented.
const HANGING: usize = 6;

/// Breaks pieces into rows of at most `width` columns, at white space where that is possible.
pub(super) fn wrap(pieces: Vec<Piece>, width: usize) -> Vec<Wrapped> {
    let width = width.max(HANGING + 8);
    let is_space = |piece: &Piece| piece.text.chars().all(char::is_whitespace);
    let mut rows = vec![Wrapped::default()];
    let mut at = 0;
    while at < pieces.len() {
        // What stands between two spaces stays together, if a row can hold it.
        let length = pieces[at..]
            .iter()
            .take_while(|piece| !is_space(piece))
            .count()
            .max(1);
        let word = &pieces[at..at + length];
        at += length;
        let columns: usize = word.iter().map(|piece| piece.text.width()).sum();
        let row = rows.last_mut().expect("never empty");
        if row.width + columns > width && row.width > HANGING {
            rows.push(hanging(word[0].style.tone));
            if is_space(&word[0]) {
                continue;
            }
        }
        for piece in word {
            for c in piece.text.chars() {
                let row = rows.last_mut().expect("never empty");
                if row.width + c.width().unwrap_or(0) > width {
                    rows.push(hanging(piece.style.tone));
                }
                let row = rows.last_mut().expect("never empty");
                row.push(c.encode_utf8(&mut [0; 4]), piece.style);
            }
        }
    }
    rows
}

fn hanging(tone: Tone) -> Wrapped {
    let mut row = Wrapped::default();
    row.push(&" ".repeat(HANGING), tone.style());
    row
}
