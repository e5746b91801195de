//! Aligns two texts of an LLVM function and lays their difference out.
//!
//! A [`Diff`] is the alignment of two [`Function`]s, a [`Hunk`] what of it is worth showing. The
//! functions in [`layout`] make [`Row`]s of hunks: data that a [`Paint`] turns into something to look
//! at.

mod align;
mod alignment;
mod detail;
mod hunk;
pub mod layout;
mod paint;
mod row;
mod style;
mod symbols;
mod syntax;
mod theme;

pub use align::{Prepared, diff, diff_anew, diff_of_itself, diff_prepared};
pub use alignment::{Diff, Pair, PairKind, Tag, Words};
pub use detail::{Detail, Hidden};
pub use hunk::{Counts, Hunk, Show, hunks};
pub use ir_text::{Function, Line, LineKind, Location, Token, TokenKind, lex, printable};
pub use paint::{AnsiPaint, Paint, PlainPaint, RowPaint, look};
pub use row::{Row, Span};
pub use style::{Role, Style, Tone};
pub use symbols::unique_names;
pub use syntax::Syntax;
pub use theme::{Colour, Theme, UnknownTheme, theme_names};
