//! What the colours of code mean: what a token is, or what an instruction is there for.

use clap::ValueEnum;
use diff_view::{Diff, Function, Paint, Row, Tone};
use trace::{AdRole, Part};
use view_model::marks::{Mark, count, of_derivative};
use view_model::roles::{legend, look};

use super::side::Shown;
use crate::output::Canvas;

/// The flag that says what the colours of code mean.
#[derive(clap::Args, Clone, Copy)]
#[command(next_help_heading = "Form")]
pub struct ColourArgs {
    /// Colour code by what its tokens are, or by what each instruction of the derivative is there for; a letter before
    /// each line then says it where there is no colour.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = ColourBy::Syntax)]
    pub colour_by: ColourBy,
}

/// What the colours of code mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColourBy {
    /// What a token is.
    Syntax,
    /// What an instruction is there for.
    Roles,
}

/// A row that is coloured by the role of its instruction.
pub fn coloured(mut row: Row, role: AdRole) -> Row {
    row.colour_by(look(role));
    row
}

/// Columns of the letter.
pub const LETTER: usize = 2;

/// What the lines of both sides are there for.
pub struct LineRoles {
    before: Vec<Mark>,
    after: Vec<Mark>,
}

impl LineRoles {
    /// What is known of both sides.
    pub fn of(shown: &Shown<'_>, diff: &Diff) -> Self {
        let marks = |function: &Function, roles: &Option<Vec<Part>>| {
            let parts = roles.as_deref();
            parts
                .and_then(|parts| of_derivative(function, parts))
                .unwrap_or_default()
        };
        LineRoles {
            before: marks(&diff.before, &shown.before.roles),
            after: marks(&diff.after, &shown.after.roles),
        }
    }

    /// Says what the letters mean, or that no roles are known.
    pub fn legend(&self, width: usize, canvas: &mut Canvas) {
        let own = match self.after.is_empty() {
            true => &self.before,
            false => &self.after,
        };
        if own.is_empty() {
            let words = "roles are known of what Enzyme makes, and of none of these lines";
            canvas.paragraph(words, 0, width, Tone::Muted.style());
            return;
        }
        let mut used = 0;
        for (at, (words, role)) in legend(&count(own)).into_iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            if used > 0 && used + comma.len() + words.len() > width {
                canvas.newline();
                used = 0;
            } else {
                canvas.text(comma, Tone::Muted.style());
                used += comma.len();
            }
            let style = role.map_or(Tone::Muted.style(), |role| look(role).style());
            canvas.text(&words, style);
            used += words.len();
        }
        canvas.newline();
    }

    /// Rows of one column with a letter before each instruction, coloured by what it is there for.
    pub fn rows(&self, rows: Vec<Row>) -> impl Iterator<Item = Row> {
        let mut last = None;
        rows.into_iter().map(move |inner| {
            let mark = match (inner.after, inner.before) {
                (Some(line), _) => self.after.get(line),
                (None, Some(line)) => self.before.get(line),
                (None, None) => None,
            };
            let role = mark.and_then(|mark| mark.role);
            let is_first = last != Some((inner.before, inner.after));
            last = Some((inner.before, inner.after));
            let mut row = Row::of(inner.before, inner.after);
            match role {
                Some(role) => {
                    let letter = if is_first { role.letter() } else { ' ' };
                    row.push(&format!("{letter} "), look(role).style(), None);
                    row.append(&coloured(inner, role));
                }
                None => {
                    row.push("  ", Tone::Plain.style(), None);
                    row.append(&inner);
                }
            }
            row
        })
    }
}
