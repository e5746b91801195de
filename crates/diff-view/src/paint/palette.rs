//! The diff's colours.
//!
//! The terminal's own sixteen, as foregrounds: its user has made them readable on its background,
//! dark or light. A background is tinted only for a theme that states its own.

use anstyle::{AnsiColor, Effects, Style};

use crate::style::Tone;

/// How a tone looks in the terminal's own colours.
pub(super) fn of(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Added => AnsiColor::Green.on_default(),
        Tone::Removed => AnsiColor::Red.on_default(),
        Tone::Muted => Style::new().effects(Effects::DIMMED),
        Tone::Title => Style::new().effects(Effects::BOLD),
        Tone::Hunk => AnsiColor::Cyan.on_default(),
        Tone::Derivative => AnsiColor::Magenta.on_default().effects(Effects::BOLD),
        Tone::Warning => AnsiColor::Yellow.on_default().effects(Effects::BOLD),
    }
}

/// The colour that a tone lends to a theme's background.
pub(super) fn tint(tone: Tone) -> Option<(u8, u8, u8)> {
    match tone {
        Tone::Added => Some((0, 160, 60)),
        Tone::Removed => Some((220, 40, 50)),
        _ => None,
    }
}

/// `background` with a share of `tint`, a larger one for emphasis.
pub(super) fn blend(background: (u8, u8, u8), tint: (u8, u8, u8), emphasis: bool) -> (u8, u8, u8) {
    let share = if emphasis { 110 } else { 55 };
    let mix = |a: u8, b: u8| {
        let mixed = (u16::from(a) * (255 - share) + u16::from(b) * share) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    (
        mix(background.0, tint.0),
        mix(background.1, tint.1),
        mix(background.2, tint.2),
    )
}
