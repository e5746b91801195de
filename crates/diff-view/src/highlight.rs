//! Syntax colours from syntect, for the lines that are printed and no others.

use std::ops::Range;

use syntect::highlighting::{
    Color as SyntectColour, HighlightIterator, HighlightState, Highlighter as Themed, Theme,
};
use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};
use two_face::theme::EmbeddedLazyThemeSet;

use crate::paint::Colour;

/// Colours lines of IR.
pub struct Highlighter {
    syntaxes: SyntaxSet,
    theme: Theme,
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

/// The names that `--theme` takes. `ansi`, the first, uses the terminal's own colours.
pub fn theme_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = EmbeddedLazyThemeSet::theme_names()
        .iter()
        .map(|name| name.as_name())
        .filter(|name| *name != "ansi")
        .collect();
    names.sort_unstable();
    names.insert(0, "ansi");
    names
}

impl Highlighter {
    /// Loads the LLVM syntax and a theme.
    pub fn new(theme: &str) -> Result<Self, UnknownTheme> {
        let name = EmbeddedLazyThemeSet::theme_names()
            .iter()
            .find(|name| name.as_name().eq_ignore_ascii_case(theme))
            .ok_or_else(|| UnknownTheme(theme.to_owned()))?;
        Ok(Highlighter {
            syntaxes: two_face::syntax::extra_no_newlines(),
            theme: two_face::theme::extra().get(*name).clone(),
        })
    }

    /// The theme's background, if it states one.
    pub fn background(&self) -> Option<(u8, u8, u8)> {
        let colour = self.theme.settings.background?;
        (colour.a > 1).then_some((colour.r, colour.g, colour.b))
    }

    /// The coloured ranges of a line. IR has no construct that spans lines, so each stands alone.
    pub fn line(&self, line: &str) -> Vec<(Range<usize>, Option<Colour>)> {
        let mut parse = ParseState::new(self.syntax());
        let Ok(ops) = parse.parse_line(line, &self.syntaxes) else {
            return vec![(0..line.len(), None)];
        };
        let themed = Themed::new(&self.theme);
        let mut state = HighlightState::new(&themed, ScopeStack::new());
        let mut at = 0;
        HighlightIterator::new(&mut state, &ops, line, &themed)
            .map(|(style, text)| {
                let range = at..at + text.len();
                at = range.end;
                (range, colour(style.foreground))
            })
            .collect()
    }

    fn syntax(&self) -> &SyntaxReference {
        self.syntaxes
            .find_syntax_by_extension("ll")
            .unwrap_or_else(|| self.syntaxes.find_syntax_plain_text())
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
