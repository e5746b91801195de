//! Syntax colours: the terminal's own, or those of a theme for editors.

use syntect::highlighting::{Color as SyntectColour, Highlighter as Themed, Theme as SyntectTheme};
use syntect::parsing::Scope;
use two_face::theme::EmbeddedLazyThemeSet;

use crate::syntax::Syntax;

/// A colour as a theme names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the terminal's own sixteen.
    Terminal(u8),
    /// A fixed one.
    Rgb(u8, u8, u8),
}

/// The colours of IR's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// By position in [`Syntax::ALL`].
    colours: [Option<Colour>; Syntax::ALL.len()],
    background: Option<(u8, u8, u8)>,
    foreground: Option<(u8, u8, u8)>,
    is_opaque: bool,
}

/// `--theme` named a theme that there is not.
#[derive(Debug)]
pub struct UnknownTheme(pub String);

impl std::fmt::Display for UnknownTheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no theme {}", self.0)
    }
}

impl std::error::Error for UnknownTheme {}

/// The name of the terminal's own colours.
const ANSI: &str = "ansi";

/// The names that `--theme` takes. `ansi`, the first, uses the terminal's own colours.
pub fn theme_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = EmbeddedLazyThemeSet::theme_names()
        .iter()
        .map(|name| name.as_name())
        .filter(|name| *name != ANSI)
        .collect();
    names.sort_unstable();
    names.insert(0, ANSI);
    names
}

impl Theme {
    /// The terminal's own colours, for which nothing is loaded.
    pub fn ansi() -> Self {
        Theme {
            colours: Syntax::ALL.map(|syntax| match syntax {
                Syntax::Instruction | Syntax::Modifier | Syntax::Type => Some(Colour::Terminal(5)),
                Syntax::Integer | Syntax::Float => Some(Colour::Terminal(3)),
                Syntax::String => Some(Colour::Terminal(2)),
                Syntax::Shadow => Some(Colour::Terminal(6)),
                Syntax::Plain | Syntax::Variable | Syntax::Metadata | Syntax::Attribute => None,
            }),
            background: None,
            foreground: None,
            is_opaque: false,
        }
    }

    /// The theme of a name, in whatever case it is written. One theme is loaded, and no other.
    pub fn named(name: &str) -> Result<Self, UnknownTheme> {
        if name.eq_ignore_ascii_case(ANSI) {
            return Ok(Theme::ansi());
        }
        let name = EmbeddedLazyThemeSet::theme_names()
            .iter()
            .find(|known| known.as_name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownTheme(name.to_owned()))?;
        Ok(Theme::for_editors(two_face::theme::extra().get(*name)))
    }

    fn for_editors(theme: &SyntectTheme) -> Self {
        let themed = Themed::new(theme);
        let colours = Syntax::ALL.map(|syntax| {
            let scopes: Vec<Scope> = ["source.llvm"]
                .into_iter()
                .chain(syntax.scope())
                .filter_map(|scope| Scope::new(scope).ok())
                .collect();
            colour(themed.style_for_stack(&scopes).foreground)
        });
        let background = theme.settings.background.filter(|colour| colour.a > 1);
        let foreground = theme.settings.foreground.filter(|colour| colour.a > 1);
        Theme {
            colours,
            background: background.map(|colour| (colour.r, colour.g, colour.b)),
            foreground: foreground.map(|colour| (colour.r, colour.g, colour.b)),
            is_opaque: false,
        }
    }

    /// The theme for a terminal whose background is dark, light, or unknown. On another background than its
    /// own it brings its own, so that it can be read.
    pub fn on(mut self, is_dark: Option<bool>) -> Self {
        self.is_opaque = self
            .background
            .is_some_and(|background| Some(is_dark_colour(background)) != is_dark);
        // Changed lines are tinted on what the terminal may have, where the theme states none.
        let is_fixed = |colour: &Option<Colour>| matches!(colour, Some(Colour::Rgb(..)));
        if self.background.is_none() && self.colours.iter().any(is_fixed) {
            self.background = is_dark.map(|is_dark| match is_dark {
                true => (0x1e, 0x1e, 0x1e),
                false => (0xff, 0xff, 0xff),
            });
        }
        self
    }

    /// Its background and the colour of plain text, where it covers the terminal's.
    pub fn cover(&self) -> Option<((u8, u8, u8), Option<(u8, u8, u8)>)> {
        let background = self.background.filter(|_| self.is_opaque)?;
        Some((background, self.foreground))
    }

    /// What colour a token has, if not the text's.
    pub fn colour(&self, syntax: Syntax) -> Option<Colour> {
        self.colours[syntax as usize]
    }

    /// The colour of plain text, if the theme states one.
    pub fn foreground(&self) -> Option<(u8, u8, u8)> {
        self.foreground
    }

    /// True for a theme on a dark background; none if it states no background.
    pub fn is_dark(&self) -> Option<bool> {
        self.background.map(is_dark_colour)
    }

    /// The theme's background, if it states one.
    pub fn background(&self) -> Option<(u8, u8, u8)> {
        self.background
    }
}

/// True for a colour that light text is read on.
fn is_dark_colour((r, g, b): (u8, u8, u8)) -> bool {
    u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114 < 128 * 1000
}

/// Themes for terminals write "colour 5" as red 5 with alpha 0, and "default" as alpha 1.
fn colour(colour: SyntectColour) -> Option<Colour> {
    match colour.a {
        0 => Some(Colour::Terminal(colour.r)),
        1 => None,
        _ => Some(Colour::Rgb(colour.r, colour.g, colour.b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use two_face::theme::EmbeddedThemeName;

    #[test]
    fn the_terminals_colours_are_those_of_the_theme_of_that_name() {
        let themes = two_face::theme::extra();
        let ansi = Theme::for_editors(themes.get(EmbeddedThemeName::Ansi));
        let ours = Theme::ansi();
        for syntax in Syntax::ALL {
            // What the theme for editors does not know is ours.
            if !matches!(syntax, Syntax::Shadow | Syntax::Attribute) {
                assert_eq!(ours.colour(syntax), ansi.colour(syntax));
            }
        }
    }

    #[test]
    fn a_theme_covers_a_background_that_is_not_its_own() {
        let of = |name: &str, is_dark| Theme::named(name).unwrap().on(is_dark).cover().is_some();
        assert!(!of("Nord", Some(true)) && of("Nord", Some(false)) && of("Nord", None));
        assert!(!of("GitHub", Some(false)) && of("GitHub", Some(true)));
        assert!(!of("ansi", Some(true)) && !of("ansi", Some(false)) && !of("ansi", None));
    }

    #[test]
    fn every_name_has_a_theme() {
        for name in theme_names() {
            assert!(Theme::named(&name.to_uppercase()).is_ok());
        }
        assert!(Theme::named("no such theme").is_err());
    }
}
