//! The code, or what stands where there is none.

use diff_view::{Row, Tone};

use crate::code::Source;
use crate::geometry::Area;
use crate::lay::{Read, Side, lay};
use crate::model::Model;
use crate::overlay::line;
use crate::run::Status;
use crate::screen::fit::wrapped;
use crate::screen::placed::{Screen, Stands};

pub(crate) fn pane(model: &Model, side: Side, area: Area, read: &Read<'_>, screen: &mut Screen) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    if height == 0 {
        return;
    }
    if let Some(words) = instead(model).filter(|_| side == Side::Main) {
        let rows = words.iter().flat_map(|row| wrapped(row, width));
        for (at, row) in (0..area.height).zip(rows) {
            screen.place(area, at, row, Stands::Plain);
        }
        return;
    }
    let (rows, _) = lay(model, side, width, height, read);
    for (at, laid) in (0..).zip(rows) {
        let mark = match (laid.is_cursor, laid.is_lit) {
            (true, _) => Stands::Cursor,
            (_, true) => Stands::Lit,
            _ => Stands::Plain,
        };
        screen.place(area, at, laid.row, mark);
    }
}

/// What stands where there is no code (yet).
fn instead(model: &Model) -> Option<Vec<Row>> {
    let Some(run) = model.run() else {
        let words = model
            .work
            .clone()
            .unwrap_or_else(|| "no function is chosen: o lists them".to_owned());
        return Some(vec![line(&words, Tone::Muted)]);
    };
    if run.story.states.is_empty() {
        return Some(match &run.status {
            Status::Failed(why) => why.clone(),
            Status::Stopped => vec![line("stopped; r runs it again", Tone::Warning)],
            Status::Done => vec![line("this run holds no function", Tone::Warning)],
            Status::Working => vec![line("waiting for the engine", Tone::Muted)],
        });
    }
    if model.is_waiting() && !model.stands_in() {
        return Some(vec![line("comparing", Tone::Muted)]);
    }
    let is_alone = model.view.shown().source == Source::Alone;
    (is_alone && model.code.entries.is_empty()).then(|| {
        vec![
            line("no line says which Rust it comes from", Tone::Warning),
            line(
                "with -C debuginfo=2 rustc writes that down; s shows the IR again",
                Tone::Muted,
            ),
        ]
    })
}
