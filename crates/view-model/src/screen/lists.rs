//! The lists beside the code: steps, and functions.

use diff_view::Tone;

use crate::geometry::Area;
use crate::model::Model;
use crate::overlay::line;
use crate::run::Status;
use crate::screen::fit::{ending, wrapped};
use crate::screen::placed::{Screen, Stands};
use crate::timeline::{self, Item};

/// The first line of the list of steps on the screen.
pub fn steps_top(model: &Model, height: u16) -> usize {
    let place = timeline::place_of(&model.items, model.view.at);
    let height = usize::from(height);
    let most = model.items.len().saturating_sub(height);
    place.saturating_sub(height / 2).min(most)
}

/// The first function on the screen.
pub fn functions_top(model: &Model, height: u16) -> usize {
    let height = usize::from(height).saturating_sub(1);
    let most = model.functions.found().len().saturating_sub(height);
    model.functions.cursor.saturating_sub(height / 2).min(most)
}

pub(crate) fn steps(model: &Model, area: Area, screen: &mut Screen) {
    let Some(run) = model.run() else { return };
    let from = steps_top(model, area.height);
    let own = timeline::place_of(&model.items, model.view.at);
    let width = usize::from(area.width);
    let shown = model
        .items
        .iter()
        .enumerate()
        .skip(from)
        .take(usize::from(area.height));
    for (at, (number, item)) in (0..).zip(shown) {
        let mut row = timeline::row(&run.story, item, model.most, width, model.glyphs);
        let is_pinned = matches!((item, model.view.pin), (Item::State(state), Some((own, pinned)))
            if own == model.view.run && pinned == *state);
        if is_pinned {
            row.push(" pinned", Tone::Warning.style(), None);
        }
        let mark = match (number == own, is_pinned) {
            (true, _) => Stands::Cursor,
            (_, true) => Stands::Lit,
            _ => Stands::Plain,
        };
        screen.place(area, at, row, mark);
    }
    if let Status::Failed(why) = &run.status {
        // Why it ended stands where the next steps would.
        let at = u16::try_from(model.items.len().saturating_sub(from)).unwrap_or(u16::MAX);
        let rows = why.iter().flat_map(|row| wrapped(row, width));
        for (at, row) in (at..area.height).zip(rows) {
            screen.place(area, at, row, Stands::Plain);
        }
    }
}

pub(crate) fn functions(model: &Model, area: Area, screen: &mut Screen) {
    if area.height == 0 {
        return;
    }
    let count = model.functions.len();
    screen.place(
        area,
        0,
        line(&format!("{count} functions (o opens one)"), Tone::Title),
        Stands::Plain,
    );
    let shown = model.run().map(|run| run.ask.symbol.as_str());
    let from = functions_top(model, area.height);
    let found = model
        .functions
        .found()
        .skip(from)
        .take(usize::from(area.height) - 1);
    for (at, listed) in (1..).zip(found) {
        let tone = if listed.is_own {
            Tone::Plain
        } else {
            Tone::Muted
        };
        let mark = match shown == Some(listed.symbol.as_str()) {
            true => Stands::Cursor,
            false => Stands::Plain,
        };
        screen.place(
            area,
            at,
            line(
                &format!(
                    "  {}",
                    ending(&listed.path, usize::from(area.width) - 2, model.glyphs)
                ),
                tone,
            ),
            mark,
        );
    }
}
