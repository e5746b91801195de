//! Aligns two texts of an LLVM function and lays their difference out.
//!
//! [`Function`] is a text split into lines, [`Diff`] the alignment of two of them, [`Hunk`] what of
//! it is worth showing; the functions in [`layout`] lay hunks out on a [`Paint`].

mod align;

mod blocks;

mod highlight;
mod hunk;
pub mod layout;

mod paint;
mod palette;
mod words;

pub use align::{Diff, Prepared, Row, RowKind, Tag, diff, diff_prepared};
pub use highlight::{Highlighter, UnknownTheme, theme_names};
pub use hunk::{Counts, Hunk, Show, hunks};
pub use ir_text::{Function, Line, LineKind, Token, TokenKind, lex};
pub use paint::{AnsiPaint, Colour, Paint, PlainPaint, Style, Tone};
