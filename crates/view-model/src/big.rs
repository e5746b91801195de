//! Headings that are read from the last row of a room: letters of four rows, where they fit.

use diff_view::{Row, Tone};
use font8x8::{BASIC_FONTS, UnicodeFonts};
use unicode_width::UnicodeWidthStr;

use crate::glyphs::Glyphs;
use crate::overlay::line;

/// Rows and columns of a large letter.
const LETTER: usize = 4;
/// On fewer rows than this a large heading would leave no room.
const ROOM: usize = 20;

/// A heading: in large letters where a screen of this size has room for them and signs to draw them with.
pub fn heading(text: &str, width: usize, height: usize, glyphs: Glyphs) -> Vec<Row> {
    let fits = text.width() * LETTER <= width && height >= ROOM && text.is_ascii();
    if !fits || glyphs.ascii {
        let rule = if glyphs.ascii { "=" } else { "━" };
        let rule = rule.repeat(text.width().min(width));
        return vec![line(text, Tone::Title), line(&rule, Tone::Title)];
    }
    (0..LETTER)
        .map(|row| line(&letters(text, row), Tone::Title))
        .collect()
}

/// One of the four rows of letters, of which each sign shows two by two points.
fn letters(text: &str, row: usize) -> String {
    let signs = [
        ' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█',
    ];
    let mut out = String::new();
    for letter in text.chars() {
        let points = BASIC_FONTS.get(letter).unwrap_or_default();
        let (upper, lower) = (points[2 * row], points[2 * row + 1]);
        for column in 0..LETTER {
            let of = |points: u8| usize::from(points >> (2 * column) & 0b11);
            out.push(signs[of(upper) | of(lower) << 2]);
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_large_where_there_is_room() {
        let large = heading("Slope", 80, 24, Glyphs::default());
        assert_eq!(large.len(), 4);
        assert!(large.iter().all(|row| row.text().width() <= 20));
        assert!(large.iter().any(|row| row.text().contains('█')));
        assert_eq!(
            heading("Slope", 19, 24, Glyphs::default())[0].text(),
            "Slope"
        );
        let plain = heading("Slope", 80, 24, Glyphs { ascii: true });
        assert_eq!([plain[0].text(), plain[1].text()], ["Slope", "====="]);
    }
}
