//! Paints a screen's rows. It knows no IR.

use diff_view::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;
use view_model::glyphs::Glyphs;
use view_model::screen::placed::{Screen, Stands};

use crate::looks::Looks;

/// Paints a screen on a buffer of its size.
pub fn paint(screen: &Screen, looks: &Looks, glyphs: Glyphs, buffer: &mut Buffer) {
    let area = buffer.area;
    buffer.set_style(area, looks.ground());
    for placed in &screen.rows {
        let whole = Rect::new(placed.x, placed.y, placed.width, 1).intersection(area);
        if whole.is_empty() {
            continue;
        }
        let mut x = whole.x;
        for (text, span) in placed.row.pieces() {
            let left = whole.right().saturating_sub(x);
            if left == 0 {
                break;
            }
            let shown = glyphs.shown(text);
            // What orders a terminal about is spelled out already; a tab is none of that and has no width.
            let shown = shown.replace('\t', " ");
            let look = looks.of_style(span.style);
            (x, _) = buffer.set_stringn(x, placed.y, &shown, usize::from(left), look);
        }
        let rest = Rect::new(x, placed.y, whole.right().saturating_sub(x), 1);
        // A tinted line is tinted to its end.
        let last = placed
            .row
            .spans()
            .last()
            .map_or(Tone::Plain, |span| span.style.tone);
        if matches!(last, Tone::Added | Tone::Removed) && rest.width > 0 {
            buffer.set_style(
                rest,
                ratatui::style::Style::new().bg(looks
                    .of_style(last.style())
                    .bg
                    .unwrap_or(ratatui::style::Color::Reset)),
            );
        }
        match placed.mark {
            Stands::Plain => {}
            // Without a colour for it, reversing every blank would be a bar that hides the line.
            mark => buffer.set_style(reach(placed.row.text(), whole, mark), looks.of_row(mark)),
        }
    }
}

/// The part of a row that stands out: all of it, or what has text.
fn reach(text: &str, whole: Rect, mark: Stands) -> Rect {
    match mark {
        Stands::Lit => {
            let used = u16::try_from(text.trim_end().width()).unwrap_or(u16::MAX);
            Rect {
                width: whole.width.min(used),
                ..whole
            }
        }
        _ => whole,
    }
}

/// Where the terminal's cursor blinks.
pub fn cursor(screen: &Screen) -> Option<Position> {
    screen.cursor.map(|(x, y)| Position { x, y })
}
