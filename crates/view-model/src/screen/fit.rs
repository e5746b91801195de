//! Makes rows and words fit a width.

use diff_view::{Row, Style, Tone};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::glyphs::Glyphs;

/// A row, cut where it is too long.
pub(crate) fn shortened(row: &Row, width: usize, glyphs: Glyphs) -> Row {
    if row.text().width() <= width {
        return row.clone();
    }
    let room = width.saturating_sub(glyphs.ellipsis().width());
    let mut short = Row::default();
    for (text, span) in row.pieces() {
        let left = room.saturating_sub(short.text().width());
        short.push(&cut(text, left), span.style, span.kind);
    }
    short.push(glyphs.ellipsis(), Tone::Muted.style(), None);
    short
}

/// A path, or its end where there is no room for it: its last part is what people know it by.
pub(crate) fn ending(path: &str, width: usize, glyphs: Glyphs) -> String {
    if path.width() <= width {
        return path.to_owned();
    }
    let room = width.saturating_sub(glyphs.ellipsis().width());
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= room
    };
    let end: Vec<char> = path.chars().rev().take_while(fits).collect();
    glyphs
        .ellipsis()
        .chars()
        .chain(end.into_iter().rev())
        .collect()
}

/// A row on as many as it takes.
pub(crate) fn wrapped(row: &Row, width: usize) -> Vec<Row> {
    if row.text().width() <= width {
        return vec![row.clone()];
    }
    let mut rows = vec![Row::default()];
    let mut used = 0;
    let push = |rows: &mut Vec<Row>, text: &str, style: Style| {
        if let Some(last) = rows.last_mut() {
            last.push(text, style, None);
        }
    };
    for (text, span) in row.pieces() {
        for word in text.split_inclusive(' ') {
            if used + word.trim_end().width() > width && used > 2 {
                rows.push(Row::default());
                push(&mut rows, "  ", Tone::Plain.style());
                used = 2;
            }
            let word = cut(word, width.saturating_sub(used).max(1));
            used += word.width();
            push(&mut rows, &word, span.style);
        }
    }
    rows
}

pub(crate) fn cut(text: &str, width: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= width
    };
    text.chars().take_while(fits).collect()
}
