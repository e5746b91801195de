//! How a piece of text looks in a theme, for every painter that has colours.

use anstyle::{Ansi256Color, AnsiColor, Color, Effects, RgbColor};

use super::{palette, roles};
use crate::style::{Style, Tone};
use crate::syntax::Syntax;
use crate::theme::{Colour, Theme};

/// How a piece of text looks.
pub fn look(theme: &Theme, style: Style) -> anstyle::Style {
    let mut ansi = palette::of(style.tone);
    let tinted = theme
        .background()
        .zip(palette::tint(style.tone))
        .map(|(background, tint)| palette::blend(background, tint, style.emphasis));
    if let Some(colour) = tinted {
        ansi = anstyle::Style::new().bg_color(Some(rgb(colour)));
    }
    if let Some((background, foreground)) = theme.cover() {
        if tinted.is_none() {
            ansi = ansi.bg_color(Some(rgb(background)));
        }
        if ansi.get_fg_color().is_none() {
            ansi = ansi.fg_color(foreground.map(rgb));
        }
    }
    let is_flat = tinted.is_none() && matches!(style.tone, Tone::Added | Tone::Removed);
    // A shadow has a colour of its own on changed lines, too.
    let is_shadow = style.syntax == Some(Syntax::Shadow);
    let syntax = style.syntax.and_then(|syntax| theme.colour(syntax));
    if let Some(colour) = syntax.filter(|_| !is_flat || is_shadow) {
        ansi = ansi.fg_color(Some(match colour {
            Colour::Terminal(index) => terminal_colour(index),
            Colour::Rgb(r, g, b) => rgb((r, g, b)),
        }));
    }
    if style.syntax == Some(Syntax::Attribute) && syntax.is_none() {
        ansi = ansi.effects(ansi.get_effects() | Effects::DIMMED);
    }
    if let Some(role) = style.role {
        // It says more than a token does, on changed lines, too.
        let found = roles::of(role, theme.background());
        ansi = ansi
            .fg_color(
                found.get_fg_color().or(theme
                    .cover()
                    .and_then(|(_, foreground)| foreground.map(rgb))),
            )
            .effects(found.get_effects());
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
