//! What every painter can do.

use crate::row::Row;
use crate::style::Style;

/// Takes text with what it means.
pub trait Paint {
    /// A piece of a line.
    fn text(&mut self, text: &str, style: Style);

    /// The end of a line.
    fn newline(&mut self);

    /// A row, which ends the line.
    fn row(&mut self, row: &Row) {
        for (text, span) in row.pieces() {
            self.text(text, span.style);
        }
        self.newline();
    }

    /// Rows, one below the other.
    fn rows(&mut self, rows: impl IntoIterator<Item = Row>)
    where
        Self: Sized,
    {
        for row in rows {
            self.row(&row);
        }
    }
}
