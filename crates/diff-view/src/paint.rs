//! Where laid-out text goes: a terminal or a plain text.

use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor};

use crate::palette;

/// Takes pieces of text with what they mean. Every method does nothing by default.
pub trait Paint {
    /// A piece of a line.
    fn text(&mut self, text: &str, style: Style) {
        let _ = (text, style);
    }
    /// The end of a line.
    fn newline(&mut self) {}
}

/// What a piece of text means, and its syntax colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// What it means.
    pub tone: Tone,
    /// True for a changed word.
    pub emphasis: bool,
    /// What the syntax highlighting says.
    pub syntax: Option<Colour>,
}

/// What a piece of text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// A line of both sides.
    #[default]
    Plain,
    /// Part of a line that is new.
    Added,
    /// Part of a line that is gone.
    Removed,
    /// Something about the text and not of it.
    Muted,
    /// A title.
    Title,
    /// Where a hunk begins.
    Hunk,
    /// What needs attention.
    Warning,
    /// A derivative among what is none.
    Derivative,
}

/// A colour as a theme names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the terminal's own sixteen.
    Terminal(u8),
    /// A fixed one.
    Rgb(u8, u8, u8),
}

impl Tone {
    /// A tone on its own.
    pub fn style(self) -> Style {
        Style {
            tone: self,
            ..Style::default()
        }
    }
}

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
}

/// Text with ANSI escape codes.
#[derive(Debug, Default)]
pub struct AnsiPaint {
    /// What was painted.
    pub out: String,
    background: Option<(u8, u8, u8)>,
}

impl AnsiPaint {
    /// For a theme with a background of its own, changed lines are tinted with it; without one the
    /// terminal's own colours are used, whatever they are.
    pub fn new(background: Option<(u8, u8, u8)>) -> Self {
        AnsiPaint {
            out: String::new(),
            background,
        }
    }

    fn ansi(&self, style: Style) -> anstyle::Style {
        let mut ansi = palette::of(style.tone);
        let tinted = self
            .background
            .zip(palette::tint(style.tone))
            .map(|(background, tint)| palette::blend(background, tint, style.emphasis));
        if let Some((r, g, b)) = tinted {
            ansi = anstyle::Style::new().bg_color(Some(RgbColor(r, g, b).into()));
        }
        let flat = tinted.is_none() && matches!(style.tone, Tone::Added | Tone::Removed);
        if let Some(colour) = style.syntax.filter(|_| !flat) {
            ansi = ansi.fg_color(Some(match colour {
                Colour::Terminal(index) => terminal_colour(index),
                Colour::Rgb(r, g, b) => RgbColor(r, g, b).into(),
            }));
        }
        if style.emphasis {
            let effects = if tinted.is_some() {
                Effects::BOLD | Effects::UNDERLINE
            } else {
                Effects::BOLD | Effects::INVERT
            };
            ansi = ansi.effects(ansi.get_effects() | effects);
        }
        ansi
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
        let ansi = self.ansi(style);
        if ansi.is_plain() {
            self.out.push_str(text);
        } else {
            self.out
                .push_str(&format!("{}{text}{}", ansi.render(), ansi.render_reset()));
        }
    }

    fn newline(&mut self) {
        self.out.push('\n');
    }
}
