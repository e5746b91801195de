//! Rows once more, for who paints them in a way of its own.

use std::mem;

use super::painter::Paint;
use crate::row::Row;
use crate::style::Style;

/// Collects rows.
#[derive(Clone, Debug, Default)]
pub struct RowPaint {
    /// What was painted.
    pub rows: Vec<Row>,
    row: Row,
}

impl Paint for RowPaint {
    fn text(&mut self, text: &str, style: Style) {
        self.row.push(text, style, None);
    }

    fn newline(&mut self) {
        self.rows.push(mem::take(&mut self.row));
    }

    fn row(&mut self, row: &Row) {
        let mut whole = mem::take(&mut self.row);
        whole.append(row);
        (whole.before, whole.after) = (row.before, row.after);
        self.rows.push(whole);
    }
}
