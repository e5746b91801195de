//! Text with ANSI escape codes, for terminals.

use std::fmt::Write;

use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor};

use super::painter::Paint;
use super::palette;
use crate::row::Row;
use crate::style::{Style, Tone};
use crate::theme::{Colour, Theme};

/// Text with ANSI escape codes.
#[derive(Debug)]
pub struct AnsiPaint {
    /// What was painted.
    pub out: String,
    theme: Theme,
}

/// All that decides how a piece of text looks.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    tone: Tone,
    emphasis: bool,
    syntax: Option<Colour>,
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

    fn look(&self, style: Style) -> Look {
        Look {
            tone: style.tone,
            emphasis: style.emphasis,
            syntax: style.syntax.and_then(|syntax| self.theme.colour(syntax)),
        }
    }

    fn ansi(&self, look: Look) -> anstyle::Style {
        let mut ansi = palette::of(look.tone);
        let tinted = self
            .theme
            .background()
            .zip(palette::tint(look.tone))
            .map(|(background, tint)| palette::blend(background, tint, look.emphasis));
        if let Some((r, g, b)) = tinted {
            ansi = anstyle::Style::new().bg_color(Some(RgbColor(r, g, b).into()));
        }
        let is_flat = tinted.is_none() && matches!(look.tone, Tone::Added | Tone::Removed);
        if let Some(colour) = look.syntax.filter(|_| !is_flat) {
            ansi = ansi.fg_color(Some(match colour {
                Colour::Terminal(index) => terminal_colour(index),
                Colour::Rgb(r, g, b) => RgbColor(r, g, b).into(),
            }));
        }
        if look.emphasis {
            let effects = if tinted.is_some() {
                Effects::BOLD | Effects::UNDERLINE
            } else {
                Effects::BOLD | Effects::INVERT
            };
            ansi = ansi.effects(ansi.get_effects() | effects);
        }
        ansi
    }

    fn write(&mut self, text: &str, look: Look) {
        let ansi = self.ansi(look);
        if ansi.is_plain() {
            self.out.push_str(text);
        } else {
            let written = write!(self.out, "{ansi}{text}{ansi:#}");
            debug_assert!(written.is_ok(), "a text takes all that is written to it");
        }
    }
}

fn terminal_colour(index: u8) -> Color {
    Ansi256Color(index)
        .into_ansi()
        .map_or(Color::Ansi256(Ansi256Color(index)), |colour: AnsiColor| {
            Color::Ansi(colour)
        })
}

impl Paint for AnsiPaint {
    fn text(&mut self, text: &str, style: Style) {
        self.write(text, self.look(style));
    }

    fn newline(&mut self) {
        self.out.push('\n');
    }

    /// Tokens that look alike are painted in one go.
    fn row(&mut self, row: &Row) {
        let mut rest = row.spans();
        while let Some((first, after)) = rest.split_first() {
            let look = self.look(first.style);
            let alike = after
                .iter()
                .take_while(|span| {
                    first.kind.is_some() && span.kind.is_some() && self.look(span.style) == look
                })
                .count();
            let end = rest[alike].range.end;
            self.write(&row.text()[first.range.start..end], look);
            rest = &after[alike..];
        }
        self.newline();
    }
}
