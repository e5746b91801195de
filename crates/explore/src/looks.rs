//! How styles look on this terminal: a theme's colours, or none.

use anstyle::{Ansi256Color, AnsiColor, Color as Painted, Effects};
use diff_view::{Style, Theme, look, theme_names};
use ratatui::style::{Color, Modifier, Style as Look};
use view_model::screen::placed::Stands;

/// How styles look on this terminal.
#[derive(Clone, Debug)]
pub struct Looks {
    theme: Option<Theme>,
    name: String,
    is_dark: Option<bool>,
}

impl Looks {
    /// A theme, or no colours.
    pub fn of(name: Option<&str>, is_dark: Option<bool>) -> Self {
        let theme = name.and_then(|name| Theme::named(name).ok());
        Looks {
            theme: theme.map(|theme| theme.on(is_dark)),
            name: name.unwrap_or_default().to_owned(),
            is_dark,
        }
    }

    /// The next theme in turn, and its name; none where there are no colours.
    pub fn next(&mut self) -> Option<String> {
        self.theme.as_ref()?;
        let names = theme_names();
        let at = names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(&self.name));
        let next = names[(at.unwrap_or(0) + 1) % names.len()];
        *self = Looks::of(Some(next), self.is_dark);
        Some(next.to_owned())
    }

    /// What lies under everything.
    pub fn ground(&self) -> Look {
        let cover = self.theme.as_ref().and_then(Theme::cover);
        cover.map_or_else(Look::new, |((r, g, b), foreground)| {
            let ground = Look::new().bg(Color::Rgb(r, g, b));
            foreground.map_or(ground, |(r, g, b)| ground.fg(Color::Rgb(r, g, b)))
        })
    }

    /// How a piece of text looks.
    pub fn of_style(&self, style: Style) -> Look {
        let ansi = look(self.theme.as_ref().unwrap_or(&Theme::ansi()), style);
        let mut found = Look::new();
        if self.theme.is_some() {
            if let Some(colour) = ansi.get_fg_color() {
                found = found.fg(of_colour(colour));
            }
            if let Some(colour) = ansi.get_bg_color() {
                found = found.bg(of_colour(colour));
            }
        }
        let effects = [
            (Effects::BOLD, Modifier::BOLD),
            (Effects::DIMMED, Modifier::DIM),
            (Effects::UNDERLINE, Modifier::UNDERLINED),
            (Effects::INVERT, Modifier::REVERSED),
        ];
        for (effect, modifier) in effects {
            if ansi.get_effects().contains(effect) {
                found = found.add_modifier(modifier);
            }
        }
        found
    }

    /// What a whole row has, beside what its pieces have.
    pub fn of_row(&self, stands: Stands) -> Look {
        let tint = |dark: (u8, u8, u8), light: (u8, u8, u8)| {
            self.theme.as_ref()?;
            let (r, g, b) = match self.backdrop()? {
                true => dark,
                false => light,
            };
            Some(Look::new().bg(Color::Rgb(r, g, b)))
        };
        match stands {
            Stands::Plain => Look::new(),
            Stands::Cursor => tint((0x3a, 0x3f, 0x58), (0xd4, 0xdc, 0xf2))
                .unwrap_or_else(|| Look::new().add_modifier(Modifier::REVERSED)),
            Stands::Lit => tint((0x4d, 0x40, 0x14), (0xff, 0xf0, 0xb3))
                .unwrap_or_else(Look::new)
                .add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            Stands::Bar => tint((0x2a, 0x2c, 0x36), (0xe8, 0xe8, 0xec)).unwrap_or_else(Look::new),
        }
    }

    /// Whether text stands on something dark: the theme's own background where it covers the terminal's.
    fn backdrop(&self) -> Option<bool> {
        let cover = self.theme.as_ref().and_then(Theme::cover);
        match cover {
            Some(((r, g, b), _)) => {
                Some(u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114 < 128 * 1000)
            }
            None => self.is_dark,
        }
    }
}

fn of_colour(colour: Painted) -> Color {
    match colour {
        Painted::Ansi(colour) => of_ansi(colour),
        Painted::Ansi256(Ansi256Color(index)) => Color::Indexed(index),
        Painted::Rgb(rgb) => Color::Rgb(rgb.0, rgb.1, rgb.2),
    }
}

fn of_ansi(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::Red,
        AnsiColor::Green => Color::Green,
        AnsiColor::Yellow => Color::Yellow,
        AnsiColor::Blue => Color::Blue,
        AnsiColor::Magenta => Color::Magenta,
        AnsiColor::Cyan => Color::Cyan,
        AnsiColor::White => Color::Gray,
        AnsiColor::BrightBlack => Color::DarkGray,
        AnsiColor::BrightRed => Color::LightRed,
        AnsiColor::BrightGreen => Color::LightGreen,
        AnsiColor::BrightYellow => Color::LightYellow,
        AnsiColor::BrightBlue => Color::LightBlue,
        AnsiColor::BrightMagenta => Color::LightMagenta,
        AnsiColor::BrightCyan => Color::LightCyan,
        AnsiColor::BrightWhite => Color::White,
    }
}
