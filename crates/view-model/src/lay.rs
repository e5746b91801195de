//! The rows of a pane: no more than there is room for, from the cursor up and down.

use diff_view::{Location, Role, Row, Style, Tone};
use trace::{AdRole, Values};
use unicode_width::UnicodeWidthStr;

use crate::code::{self, Entry, Paper, Source};
use crate::marks::Mark;
use crate::model::{Model, Pane};
use crate::notes;
use crate::roles::look;
use crate::types;
use crate::view::Colours;

/// Which pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one with the cursor.
    Main,
    /// The other side of a pair.
    Other,
}

/// A row of a pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Its text, the gutter first.
    pub row: Row,
    /// The entry that it belongs to.
    pub entry: usize,
    /// It is at the cursor.
    pub is_cursor: bool,
    /// It belongs to what is at the cursor.
    pub is_lit: bool,
}

/// The rows of a pane of so many columns and rows; and how many of them stand above the cursor.
pub fn lay(
    model: &Model,
    side: Side,
    width: usize,
    height: usize,
    read: &Read<'_>,
) -> (Vec<Laid>, usize) {
    let pane = pane(model, side);
    let mut above: Vec<Laid> = Vec::new();
    let anchor = match side {
        Side::Main => model.view.anchor.min(height.saturating_sub(1)),
        Side::Other => height / 2,
    };
    let mut entry = pane.cursor;
    while above.len() < anchor && entry > 0 {
        entry -= 1;
        let rows = entry_rows(model, side, entry, width, read);
        above.splice(0..0, rows);
    }
    let surplus = above.len().saturating_sub(anchor);
    above.drain(..surplus);
    let before = above.len();
    let mut rows = above;
    let mut entry = pane.cursor;
    while rows.len() < height && entry < pane.entries.len() {
        rows.extend(entry_rows(model, side, entry, width, read));
        entry += 1;
    }
    rows.truncate(height);
    (rows, before)
}

/// Reads a line of a source file.
pub type Read<'a> = dyn Fn(&Location) -> Option<String> + 'a;

/// How many rows an entry takes.
pub fn height_of(model: &Model, entry: usize, width: usize) -> usize {
    entry_rows(model, Side::Main, entry, width, &|_| None).len()
}

fn pane(model: &Model, side: Side) -> &Pane {
    match side {
        Side::Main => &model.code,
        Side::Other => &model.other,
    }
}

fn entry_rows(model: &Model, side: Side, entry: usize, width: usize, read: &Read<'_>) -> Vec<Laid> {
    let pane = pane(model, side);
    let (Some(of), Some(shown)) = (&pane.comparison, pane.entries.get(entry)) else {
        return Vec::new();
    };
    let marks = match side {
        // What nobody sees is not worked out.
        _ if !model.view.needs_roles() => (None, None),
        Side::Main => (model.other_marks(), model.marks()),
        Side::Other => (None, model.other_marks()),
    };
    let mark_of = |row: &Row| -> Option<Mark> {
        if let Some(line) = row.after {
            return marks.1.as_ref()?.get(line).copied();
        }
        marks.0.as_ref()?.get(row.before?).copied()
    };
    let gutter = gutter_width(model, width);
    let paper = Paper {
        settings: match side {
            Side::Main => model.laid_out(),
            Side::Other => model.view.shown(),
        },
        // The cursor's sign stands first.
        width: width.saturating_sub(1 + gutter),
        read,
    };
    let is_pairing = model.view.pairing.is_some();
    let number = match is_pairing {
        true => model.number_at_cursor(),
        false => None,
    };
    let is_cursor = side == Side::Main && entry == pane.cursor;
    let mut seen: Option<(Option<usize>, Option<usize>)> = None;
    let mut rows: Vec<Laid> = code::rows(of, shown, &paper)
        .into_iter()
        .map(|mut inner| {
            let mark = mark_of(&inner);
            if let Some(role) = mark.and_then(|mark| mark.role)
                && model.view.colours == Colours::Roles
            {
                inner.colour_by(look(role));
            }
            let is_first = seen != Some((inner.before, inner.after));
            seen = Some((inner.before, inner.after));
            let is_lit =
                is_pairing && mark.is_some_and(|mark| number.is_some() && mark.of == number);
            let mut row = Row::of(inner.before, inner.after);
            let (sign, tone) = match (is_cursor, is_lit) {
                (true, _) => (model.glyphs.cursor(), Tone::Title),
                (_, true) => (model.glyphs.lit(), Tone::Warning),
                _ => (" ", Tone::Plain),
            };
            row.push(sign, tone.style(), None);
            if gutter > 0 {
                let cells = match (mark, is_first, shown) {
                    (Some(mark), true, Entry::Pair(_)) => {
                        cells(model, side, mark, inner.after.is_some())
                    }
                    _ => Vec::new(),
                };
                let mut used = 0;
                for (word, style) in cells {
                    used += word.width();
                    row.push(&word, style, None);
                }
                row.push(
                    &" ".repeat(gutter.saturating_sub(used)),
                    Tone::Plain.style(),
                    None,
                );
            }
            row.append(&inner);
            Laid {
                row,
                entry,
                is_cursor,
                is_lit,
            }
        })
        .collect();
    if let Entry::Became(_, pairs) = shown
        && let Some(notes) = notes::row(model, of, pairs, marks.1.as_deref())
        && let Some(last) = rows.last()
    {
        rows.extend(noted(last.clone(), &notes, width));
        rows.remove(0);
    }
    rows
}

/// Where notes begin, where the line leaves room.
const NOTES: usize = 56;

/// A line with notes behind it, or below it where there is no room.
fn noted(mut line: Laid, notes: &Row, width: usize) -> Vec<Laid> {
    let used = line.row.text().width();
    let from = NOTES.max(used + 2);
    if from + notes.text().width() <= width {
        let gap = " ".repeat(from - used);
        line.row.push(&gap, Tone::Plain.style(), None);
        line.row.append(notes);
        return vec![line];
    }
    let mut row = Row::default();
    row.push("         ", Tone::Plain.style(), None);
    row.append(notes);
    let below = Laid {
        row,
        ..line.clone()
    };
    vec![line, below]
}

/// Columns of each gutter.
const ROLE: usize = 7;
const TYPE: usize = 7;
const ACTIVITY: usize = 4;
const CACHE: usize = 5;
const VALUE: usize = 12;

/// Columns of what stands before the lines, which get at least half of the pane.
fn gutter_width(model: &Model, width: usize) -> usize {
    if model.view.shown().source == Source::Alone {
        return 0;
    }
    let on = model.view.gutters;
    let all = [
        (on.role || model.view.pairing.is_some(), ROLE),
        (on.types, TYPE),
        (on.activity, ACTIVITY),
        (on.cache, CACHE),
        (on.values, 2 * VALUE),
    ];
    let wanted: usize = all
        .into_iter()
        .map(|(is_on, width)| if is_on { width } else { 0 })
        .sum();
    wanted.min(width / 2)
}

fn cells(model: &Model, side: Side, mark: Mark, is_after: bool) -> Vec<(String, Style)> {
    let on = model.view.gutters;
    let Some(run) = model.run() else {
        return Vec::new();
    };
    let mut cells = Vec::new();
    if !mark.begins {
        return cells;
    }
    let state = match (side, is_after, model.view.pairing) {
        (Side::Other, _, Some(pairing)) => pairing.other,
        (_, false, _) => model.view.at.saturating_sub(1),
        _ => model.view.at,
    };
    let is_primal = model.primal().is_some_and(|primal| state <= primal);
    let number = mark.of.map_or(String::new(), |of| of.to_string());
    if on.role || model.view.pairing.is_some() {
        match (mark.role, is_primal) {
            (Some(role), _) => cells.push((format!("{} ", role.letter()), look(role).style())),
            (None, true) => cells.push(("  ".to_owned(), Style::default())),
            (None, false) => cells.push(("? ".to_owned(), Tone::Muted.style())),
        }
        cells.push((format!("{number:>4} "), Tone::Muted.style()));
    }
    let explained = run.story.trace.explained.as_ref();
    let known = mark
        .of
        .and_then(|of| explained?.primal.get(of as usize - 1))
        .filter(|_| is_primal);
    if on.types {
        let ty = known.map_or(String::new(), |known| types::short(&known.known.ty));
        cells.push((
            format!("{:<width$} ", cut(&ty, TYPE - 1), width = TYPE - 1),
            Style::default(),
        ));
    }
    if on.activity {
        let is_active = known.map(|k| k.propagates || k.known.active && !k.known.ty.is_empty());
        let (word, tone) = match is_active {
            Some(true) => ("act ", Tone::Derivative),
            Some(false) => ("con ", Tone::Muted),
            None => ("    ", Tone::Plain),
        };
        cells.push((word.to_owned(), tone.style()));
    }
    if on.cache {
        let (word, style) = match known.map(|k| (k.cached, k.recomputed, k.used)) {
            Some((true, ..)) => ("kept ", Role::Cache.style()),
            Some((_, true, _)) => ("anew ", Role::Recompute.style()),
            Some((_, _, true)) => ("used ", Style::default()),
            _ => ("     ", Style::default()),
        };
        cells.push((word.to_owned(), style));
    }
    if on.values {
        let (value, derivative) = numbers(
            run.story.trace.values.as_ref(),
            mark,
            is_primal,
            model.reveal,
        );
        cells.push((
            format!("{:>width$} ", cut(&value, VALUE - 1), width = VALUE - 1),
            Style::default(),
        ));
        cells.push((
            format!(
                "{:>width$} ",
                cut(&derivative, VALUE - 1),
                width = VALUE - 1
            ),
            Tone::Derivative.style(),
        ));
    }
    cells
}

/// The value of a line, and its adjoint or tangent.
fn numbers(
    values: Option<&Values>,
    mark: Mark,
    is_primal: bool,
    reveal: Option<(u32, u32)>,
) -> (String, String) {
    let line = values.zip(mark.of).and_then(|(values, of)| {
        let mut lines = values.lines.iter();
        lines.find(|line| line.line == of)
    });
    let Some(line) = line else {
        return (String::new(), String::new());
    };
    let (down, up) = reveal.unwrap_or((u32::MAX, 0));
    let value = if line.line <= down {
        number(line.value)
    } else {
        String::new()
    };
    let derivative = line
        .derivative
        .filter(|_| line.line > up)
        .map_or(String::new(), number);
    match (is_primal, mark.role) {
        (true, _) => (value, derivative),
        (_, Some(AdRole::Adjoint | AdRole::Tangent)) => (String::new(), derivative),
        (_, Some(AdRole::Primal | AdRole::Recompute | AdRole::Cache)) => (value, String::new()),
        _ => (String::new(), String::new()),
    }
}

/// A number in few columns.
pub fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-3..1e6).contains(&size) => {
            let text = format!("{value:.5}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ if value.is_finite() => format!("{value:.3e}"),
        _ => value.to_string(),
    }
}

fn cut(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_few_columns() {
        assert_eq!(number(0.5), "0.5");
        assert_eq!(number(-1.0 / 3.0), "-0.33333");
        assert_eq!(number(1e-9), "1.000e-9");
        assert_eq!(number(2.0), "2");
        assert_eq!(number(f64::NAN), "NaN");
    }
}
