//! What layouts are made of: rows of styled spans that know which lines they show.

use std::ops::Range;

use ir_text::TokenKind;

use crate::style::{Role, Style};

/// One row of a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line of the text before that it shows, counted from 0; none for a heading. A line that is
    /// wrapped takes several rows.
    pub before: Option<usize>,
    /// The line of the text after that it shows.
    pub after: Option<usize>,
    text: String,
    spans: Vec<Span>,
}

/// A piece of a row: one token of the line, or something that stands beside the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it stands in the row's text, in bytes.
    pub range: Range<usize>,
    /// What it means.
    pub style: Style,
    /// What token of the line it is; none for signs, padding and headings.
    pub kind: Option<TokenKind>,
}

impl Row {
    /// An empty row that shows these lines.
    pub fn of(before: Option<usize>, after: Option<usize>) -> Self {
        Row {
            before,
            after,
            ..Row::default()
        }
    }

    /// Its text, from the left to the right.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its spans, which add up to its text.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Its spans with the text of each.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.spans
            .iter()
            .map(|span| (&self.text[span.range.clone()], span))
    }

    /// Adds a span at its end.
    pub fn push(&mut self, text: &str, style: Style, kind: Option<TokenKind>) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.spans.push(Span {
            range: start..self.text.len(),
            style,
            kind,
        });
    }

    /// Has the colours of code say what the instruction is there for. Signs and notes keep theirs.
    pub fn colour_by(&mut self, role: Role) {
        for span in self.spans.iter_mut().filter(|span| span.kind.is_some()) {
            span.style.role = Some(role);
        }
    }

    /// Adds what another row shows at its end.
    pub fn append(&mut self, other: &Row) {
        for (text, span) in other.pieces() {
            self.push(text, span.style, span.kind);
        }
    }
}
