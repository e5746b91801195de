//! Lines of the source above what they became.

use ir_text::{Function, Line, Location, printable};

use super::options::Options;
use crate::row::Row;
use crate::style::Tone;

/// Which line of the source was shown last.
#[derive(Default)]
pub(super) struct Above {
    last: Option<Location>,
}

impl Above {
    /// The row above a line, where it comes from another line of the source than the one before it.
    pub(super) fn row(
        &mut self,
        function: &Function,
        line: &Line,
        options: &Options<'_>,
    ) -> Option<Row> {
        let read = options.source?;
        let location = function.location(line)?;
        if self.last.as_ref() == Some(&location) {
            return None;
        }
        let words = read(&location)?;
        let text = format!("{:>5} | {}", location.line, words.trim_end());
        let text: String = printable(&text)
            .chars()
            .map(|c| if c == '\t' { ' ' } else { c })
            .take(options.width)
            .collect();
        self.last = Some(location);
        let mut row = Row::default();
        row.push(&text, Tone::Title.style(), None);
        Some(row)
    }
}
