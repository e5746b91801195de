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
                Syntax::Plain | Syntax::Variable | Syntax::Metadata => None,
            }),
            background: None,
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
        Theme {
            colours,
            background: background.map(|colour| (colour.r, colour.g, colour.b)),
        }
    }

    /// What colour a token has, if not the text's.
    pub fn colour(&self, syntax: Syntax) -> Option<Colour> {
        self.colours[syntax as usize]
    }

    /// The theme's background, if it states one.
    pub fn background(&self) -> Option<(u8, u8, u8)> {
        self.background
    }
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
        assert_eq!(Theme::ansi(), ansi);
    }

    #[test]
    fn every_name_has_a_theme() {
        for name in theme_names() {
            assert!(Theme::named(&name.to_uppercase()).is_ok());
        }
        assert!(Theme::named("no such theme").is_err());
    }
}
