//! Text with ANSI escape codes, for terminals.

use std::fmt::Write;

use super::look::look;
use super::painter::Paint;
use crate::row::Row;
use crate::style::{Style, Tone};
use crate::theme::Theme;

/// Text with ANSI escape codes.
#[derive(Debug)]
pub struct AnsiPaint {
    /// What was painted.
    pub out: String,
    theme: Theme,
}

impl AnsiPaint {
    /// For a theme with a background of its own, changed lines are tinted with it; without one the
    /// terminal's own colours are used, whatever they are.
    pub fn new(theme: Theme) -> Self {
        AnsiPaint {
            out: String::new(),
            theme,
        }
    }

    /// Fills the rest of a line with the background of what it ends with.
    fn fill(&mut self, tone: Tone) {
        if let Some(background) = look(&self.theme, tone.style()).get_bg_color() {
            let style = anstyle::Style::new().bg_color(Some(background));
            let written = write!(self.out, "{style}\x1b[K{style:#}");
            debug_assert!(written.is_ok(), "a text takes all that is written to it");
        }
    }

    fn write(&mut self, text: &str, ansi: anstyle::Style) {
        if ansi.is_plain() {
            self.out.push_str(text);
        } else {
            let written = write!(self.out, "{ansi}{text}{ansi:#}");
            debug_assert!(written.is_ok(), "a text takes all that is written to it");
        }
    }
}

impl Paint for AnsiPaint {
    fn text(&mut self, text: &str, style: Style) {
        self.write(text, look(&self.theme, style));
    }

    fn newline(&mut self) {
        self.fill(Tone::Plain);
        self.out.push('\n');
    }

    /// Tokens that look alike are painted in one go.
    fn row(&mut self, row: &Row) {
        let mut rest = row.spans();
        while let Some((first, after)) = rest.split_first() {
            let ansi = look(&self.theme, first.style);
            let alike = after
                .iter()
                .take_while(|span| {
                    first.kind.is_some()
                        && span.kind.is_some()
                        && look(&self.theme, span.style) == ansi
                })
                .count();
            let end = rest[alike].range.end;
            self.write(&row.text()[first.range.start..end], ansi);
            rest = &after[alike..];
        }
        let last = row
            .spans()
            .last()
            .map_or(Tone::Plain, |span| span.style.tone);
        self.fill(last);
        self.out.push('\n');
    }
}
