//! The bar at the top, and what is to be known before anything else.

use diff_view::{Row, Tone};

use crate::geometry::Area;
use crate::model::Model;
use crate::overlay::line;
use crate::run::Status;
use crate::screen::fit::shortened;
use crate::screen::placed::{Screen, Stands};
use crate::story::Change;

pub(crate) fn title(model: &Model, area: Area, screen: &mut Screen) {
    let dot = model.glyphs.dot();
    let mut row = Row::default();
    let title = Tone::Title.style();
    match model.run() {
        None => row.push(&diff_view::printable(&model.file), title, None),
        Some(run) => {
            let name = ir_load::demangle(&run.ask.symbol);
            row.push(&diff_view::printable(&name), title, None);
            if let Some(mode) = run.ask.mode() {
                row.push(&format!("{dot}{mode}"), Tone::Hunk.style(), None);
            }
            if let Some(state) = run.story.states.get(model.view.at) {
                let last = run.story.states.len() - 1;
                let place = format!("{dot}step {} of {last}{dot}", model.view.at);
                row.push(&place, Tone::Plain.style(), None);
                row.push(&diff_view::printable(&state.short), title, None);
                if let Change::Real { added, removed } = run.story.change(model.view.at) {
                    row.push(&format!("  +{added}"), Tone::Added.style(), None);
                    row.push(&format!(" -{removed}"), Tone::Removed.style(), None);
                }
            }
            let ended = match run.status {
                Status::Working => Some(format!("  working{}", model.glyphs.ellipsis())),
                Status::Failed(_) => Some("  ended early, c says why".to_owned()),
                Status::Stopped => Some("  stopped, r runs it again".to_owned()),
                Status::Done => None,
            };
            if let Some(words) = ended {
                row.push(&words, Tone::Warning.style(), None);
            }
        }
    }
    screen.place(area, 0, row, Stands::Bar);
    let heading = model.heading();
    let room = usize::from(area.height).saturating_sub(1);
    for (at, row) in heading.iter().enumerate().take(room) {
        let more = heading.len() - room.min(heading.len());
        let row = match at + 1 == room && more > 0 {
            true => line(
                &format!("and {} more to know: c shows it", more + 1),
                Tone::Warning,
            ),
            false => shortened(row, usize::from(area.width), model.glyphs),
        };
        screen.place(
            area,
            u16::try_from(at + 1).unwrap_or(u16::MAX),
            row,
            Stands::Plain,
        );
    }
}
