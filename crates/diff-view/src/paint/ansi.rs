//! Text with ANSI escape codes, for terminals.

use std::fmt::Write;

use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor};

use super::painter::Paint;
use super::palette;
use crate::row::Row;
use crate::style::{Style, Tone};
use crate::syntax::Syntax;
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
    /// What has a colour of its own on changed lines, too.
    is_shadow: bool,
    is_dim: bool,
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
            is_shadow: style.syntax == Some(Syntax::Shadow),
            is_dim: style.syntax == Some(Syntax::Attribute),
        }
    }

    fn ansi(&self, look: Look) -> anstyle::Style {
        let mut ansi = palette::of(look.tone);
        let tinted = self
            .theme
            .background()
            .zip(palette::tint(look.tone))
            .map(|(background, tint)| palette::blend(background, tint, look.emphasis));
        if let Some(colour) = tinted {
            ansi = anstyle::Style::new().bg_color(Some(rgb(colour)));
        }
        if let Some((background, foreground)) = self.theme.cover() {
            if tinted.is_none() {
                ansi = ansi.bg_color(Some(rgb(background)));
            }
            if ansi.get_fg_color().is_none() {
                ansi = ansi.fg_color(foreground.map(rgb));
            }
        }
        let is_flat = tinted.is_none() && matches!(look.tone, Tone::Added | Tone::Removed);
        if let Some(colour) = look.syntax.filter(|_| !is_flat || look.is_shadow) {
            ansi = ansi.fg_color(Some(match colour {
                Colour::Terminal(index) => terminal_colour(index),
                Colour::Rgb(r, g, b) => rgb((r, g, b)),
            }));
        }
        if look.is_dim && look.syntax.is_none() {
            ansi = ansi.effects(ansi.get_effects() | Effects::DIMMED);
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

    /// Fills the rest of a line with the background of what it ends with.
    fn fill(&mut self, tone: Tone) {
        let look = self.look(tone.style());
        if let Some(background) = self.ansi(look).get_bg_color() {
            let style = anstyle::Style::new().bg_color(Some(background));
            let written = write!(self.out, "{style}\x1b[K{style:#}");
            debug_assert!(written.is_ok(), "a text takes all that is written to it");
        }
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

fn rgb((r, g, b): (u8, u8, u8)) -> Color {
    RgbColor(r, g, b).into()
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
        self.fill(Tone::Plain);
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
        let last = row
            .spans()
            .last()
            .map_or(Tone::Plain, |span| span.style.tone);
        self.fill(last);
        self.out.push('\n');
    }
}
