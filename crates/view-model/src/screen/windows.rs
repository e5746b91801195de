//! What stands above the view: help, the verdict, the list of functions.

use diff_view::{Row, Tone};
use unicode_width::UnicodeWidthStr;

use crate::geometry::Area;
use crate::model::Model;
use crate::overlay::{Overlay, line};
use crate::screen::fit::{ending, wrapped};
use crate::screen::lists::functions_top;
use crate::screen::placed::{Screen, Stands};

pub(crate) fn paint_overlay(model: &Model, overlay: &Overlay, screen: &mut Screen) {
    let (width, height) = model.size;
    let inner = usize::from(width.saturating_sub(4)).clamp(16, 108);
    let rows: Vec<Row> = overlay
        .rows
        .iter()
        .flat_map(|row| wrapped(row, inner))
        .collect();
    let room = usize::from(height.saturating_sub(5)).max(1);
    let top = overlay.top.min(rows.len().saturating_sub(room));
    let shown = rows.len().saturating_sub(top).min(room);
    let boxed = Area {
        x: (width - u16::try_from(inner + 4).unwrap_or(width).min(width)) / 2,
        y: 1,
        width: u16::try_from(inner + 4).unwrap_or(width).min(width),
        height: u16::try_from(shown + 2).unwrap_or(height).min(height),
    };
    let more = rows.len() - shown - top;
    let title = match more {
        0 => format!(" {}", overlay.title),
        more => format!(" {} ({more} more below)", overlay.title),
    };
    let pad = |mut row: Row| {
        let used = row.text().width();
        row.push(
            &" ".repeat(usize::from(boxed.width).saturating_sub(used)),
            Tone::Plain.style(),
            None,
        );
        row
    };
    screen.place(boxed, 0, pad(line(&title, Tone::Title)), Stands::Bar);
    for (at, row) in (1..).zip(rows.into_iter().skip(top).take(shown)) {
        let mut whole = line("  ", Tone::Plain);
        whole.append(&row);
        screen.place(boxed, at, pad(whole), Stands::Plain);
    }
    let end = u16::try_from(shown + 1).unwrap_or(height);
    screen.place(
        boxed,
        end,
        pad(line("  any key closes this", Tone::Muted)),
        Stands::Bar,
    );
}

pub(crate) fn picker(model: &Model, screen: &mut Screen) {
    let (width, height) = model.size;
    let area = Area {
        x: 0,
        y: 0,
        width,
        height: height.saturating_sub(2),
    };
    let found = model.functions.found();
    let title = format!(
        "{} of {} functions; type letters of a path",
        found.len(),
        model.functions.len()
    );
    let pad = |mut row: Row| {
        let used = row.text().width();
        row.push(
            &" ".repeat(usize::from(width).saturating_sub(used)),
            Tone::Plain.style(),
            None,
        );
        row
    };
    screen.place(area, 0, pad(line(&title, Tone::Title)), Stands::Bar);
    let from = functions_top(model, area.height);
    let shown = found
        .enumerate()
        .skip(from)
        .take(usize::from(area.height) - 1);
    let mut last = 0;
    for (at, (number, listed)) in (1..).zip(shown) {
        let tone = if listed.is_own {
            Tone::Plain
        } else {
            Tone::Muted
        };
        let path = ending(&listed.path, usize::from(width) - 2, model.glyphs);
        let is_chosen = number == model.functions.cursor;
        let sign = if is_chosen {
            model.glyphs.cursor()
        } else {
            " "
        };
        let mark = if is_chosen {
            Stands::Cursor
        } else {
            Stands::Plain
        };
        screen.place(area, at, pad(line(&format!("{sign} {path}"), tone)), mark);
        last = at;
    }
    for at in last + 1..area.height {
        screen.place(area, at, pad(Row::default()), Stands::Plain);
    }
}
