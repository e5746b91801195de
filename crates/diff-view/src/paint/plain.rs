//! Text without any style.

use super::painter::Paint;
use crate::row::Row;
use crate::style::Style;

/// Text without any style.
#[derive(Debug, Default)]
pub struct PlainPaint {
    /// What was painted.
    pub out: String,
    line: usize,
}

impl Paint for PlainPaint {
    fn text(&mut self, text: &str, _style: Style) {
        self.out.push_str(text);
    }

    fn newline(&mut self) {
        // Nobody sees trailing space, but golden files and patches do.
        let kept = self.out[self.line..].trim_end_matches(' ').len();
        self.out.truncate(self.line + kept);
        self.out.push('\n');
        self.line = self.out.len();
    }

    fn row(&mut self, row: &Row) {
        self.out.push_str(row.text());
        self.newline();
    }
}
