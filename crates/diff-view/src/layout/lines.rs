//! Lines of one text, with nothing to compare them to.

use ir_text::{Function, LineKind};

use super::above::Above;
use super::cut::cut;
use super::options::Options;
use super::wrap::wrap;
use crate::row::Row;
use crate::style::Tone;

/// One function's lines. Of a large text no more than one line is laid out at a time.
pub fn lines<'l>(
    lines: &'l [(&str, LineKind)],
    options: &'l Options<'_>,
) -> impl Iterator<Item = Row> + 'l {
    lines.iter().enumerate().flat_map(|(at, (line, kind))| {
        let pieces = cut(line, *kind, &[], Tone::Plain, options);
        wrap(&pieces, options.width)
            .into_iter()
            .map(move |wrapped| {
                let mut row = wrapped.row;
                row.after = Some(at);
                row
            })
    })
}

/// The lines of a function that are shown, with those of the source that they come from above them.
pub fn function(function: &Function, options: &Options<'_>) -> Vec<Row> {
    let mut above = Above::default();
    let mut rows = Vec::new();
    for (at, line) in function.lines.iter().enumerate() {
        // What the text says of itself is no part of the function.
        let is_said = line.kind == LineKind::Blank && !line.text.trim().is_empty();
        if is_said || options.detail.hides(line) {
            continue;
        }
        rows.extend(above.row(function, line, options));
        let pieces = cut(&line.text, line.kind, &[], Tone::Plain, options);
        rows.extend(wrap(&pieces, options.width).into_iter().map(|wrapped| {
            let mut row = wrapped.row;
            row.after = Some(at);
            row
        }));
    }
    rows
}

/// One line behind something that is painted already, as wide as `indent`, which its further rows
/// begin with.
pub fn line(text: &str, kind: LineKind, indent: &str, options: &Options<'_>) -> Vec<Row> {
    let width = options.width.saturating_sub(indent.len());
    let pieces = cut(text, kind, &[], Tone::Plain, options);
    wrap(&pieces, width)
        .into_iter()
        .enumerate()
        .map(|(at, wrapped)| {
            let mut row = Row::default();
            if at > 0 {
                row.push(indent, Tone::Plain.style(), None);
            }
            row.append(&wrapped.row);
            row
        })
        .collect()
}
