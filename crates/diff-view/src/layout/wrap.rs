//! Breaks lines into rows.

use ir_text::TokenKind;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::cut::Piece;
use crate::row::Row;
use crate::style::{Style, Tone};
use crate::syntax::Syntax;

/// A row, and how many columns it takes.
#[derive(Default)]
pub(super) struct Wrapped {
    pub(super) row: Row,
    pub(super) width: usize,
}

impl Wrapped {
    fn push(&mut self, text: &str, style: Style, kind: TokenKind) {
        self.width += text.width();
        self.row.push(text, style, Some(kind));
    }
}

/// How far a wrapped line's further rows are indented.
const HANGING: usize = 6;

/// Breaks pieces into rows of at most `width` columns, at white space where that is possible.
pub(super) fn wrap(pieces: &[Piece<'_>], width: usize) -> Vec<Wrapped> {
    let width = width.max(HANGING + 8);
    let is_space = |piece: &Piece<'_>| piece.text.chars().all(char::is_whitespace);
    let mut rows = Vec::new();
    let mut row = Wrapped::default();
    let mut rest = pieces;
    let trailing = trailing_attributes(pieces);
    while !rest.is_empty() {
        // Attributes behind the code stand together, under the code where there is no room beside it.
        if rest.len() == trailing {
            let columns: usize = rest.iter().map(|piece| piece.text.width()).sum();
            if row.width + columns > width && row.width > HANGING {
                rows.push(std::mem::replace(&mut row, hanging(rest[0].style.tone)));
                rest = &rest[1..];
                continue;
            }
        }
        // What stands between two spaces stays together, if a row can hold it.
        let length = rest.iter().take_while(|piece| !is_space(piece)).count();
        let (word, after) = rest.split_at(length.max(1));
        rest = after;
        let columns: usize = word.iter().map(|piece| piece.text.width()).sum();
        if row.width + columns > width && row.width > HANGING {
            rows.push(std::mem::replace(&mut row, hanging(word[0].style.tone)));
            if is_space(&word[0]) {
                continue;
            }
        }
        for piece in word {
            break_up(piece, width, &mut row, &mut rows);
        }
    }
    rows.push(row);
    rows
}

/// How many pieces at the end are attributes of a call, the space before them included; 0 for a line that
/// has none.
fn trailing_attributes(pieces: &[Piece<'_>]) -> usize {
    let is_attribute = |piece: &Piece<'_>| piece.style.syntax == Some(Syntax::Attribute);
    let count = pieces
        .iter()
        .rev()
        .take_while(|piece| is_attribute(piece) || piece.kind == TokenKind::Space)
        .count();
    let start = pieces.len() - count;
    match pieces[start..].first() {
        Some(first) if first.kind == TokenKind::Space && count > 1 => count,
        _ => 0,
    }
}

/// Adds a piece to a row, and goes on to further ones where it is too long.
fn break_up(piece: &Piece<'_>, width: usize, row: &mut Wrapped, rows: &mut Vec<Wrapped>) {
    let mut start = 0;
    let mut column = row.width;
    for (at, c) in piece.text.char_indices() {
        if column + c.width().unwrap_or(0) > width {
            row.push(&piece.text[start..at], piece.style, piece.kind);
            rows.push(std::mem::replace(row, hanging(piece.style.tone)));
            start = at;
            column = row.width;
        }
        column += c.encode_utf8(&mut [0; 4]).width();
    }
    row.push(&piece.text[start..], piece.style, piece.kind);
    row.width = column;
}

fn hanging(tone: Tone) -> Wrapped {
    let mut row = Wrapped::default();
    row.push(&" ".repeat(HANGING), tone.style(), TokenKind::Space);
    row
}
