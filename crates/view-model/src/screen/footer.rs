//! The bottom: what was said and what is on, and keys.

use diff_view::{Row, Style, Tone};
use unicode_width::UnicodeWidthStr;

use crate::geometry::{Area, geometry};
use crate::model::Model;
use crate::overlay::line;
use crate::screen::fit::cut;
use crate::screen::is_on::is_on;
use crate::screen::placed::{Screen, Stands};

/// The keys that are named at the bottom, the most important first.
const KEYS: [(&str, &str); 12] = [
    ("←→", "step"),
    ("Tab", "changed"),
    ("[ ]", "hunk"),
    ("?", "help"),
    ("q", "quit"),
    ("w", "steps"),
    ("p", "pair"),
    ("b", "blame"),
    ("/", "search"),
    ("v", "layout"),
    ("o", "functions"),
    (":", "command"),
];

pub(crate) fn footer(model: &Model, area: Area, screen: &mut Screen) {
    if let Some(prompt) = &model.prompt {
        let mut row = line(prompt.label(), Tone::Title);
        row.push(&prompt.text, Tone::Plain.style(), None);
        let column = area.x
            + u16::try_from(row.text().width())
                .unwrap_or(u16::MAX)
                .min(area.width - 1);
        screen.cursor = Some((column, area.y));
        screen.place(area, 0, row, Stands::Bar);
        let keys = "Enter takes it   Esc leaves";
        screen.place(area, 1, line(keys, Tone::Muted), Stands::Plain);
        return;
    }
    screen.place(area, 0, said(model, usize::from(area.width)), Stands::Bar);
    let mut row = Row::default();
    let mut used = 0;
    // Where the list of steps stands beside the code, no key is needed for it.
    let has_steps = geometry(model).steps.height > 0 && !model.shows_steps;
    for (key, words) in KEYS {
        if key == "w" && has_steps {
            continue;
        }
        let key = if model.glyphs.ascii {
            key.replace("←→", "h l")
        } else {
            key.to_owned()
        };
        let columns = key.width() + 1 + words.width() + 2;
        if used + columns > usize::from(area.width) {
            break;
        }
        used += columns;
        row.push(&key, Tone::Hunk.style(), None);
        row.push(&format!(" {words}  "), Tone::Muted.style(), None);
    }
    screen.place(area, 1, row, Stands::Plain);
}

/// What was said, what went, what is being done; else what is on.
fn said(model: &Model, width: usize) -> Row {
    let mut parts: Vec<(String, Style)> = Vec::new();
    if let Some((words, tone)) = &model.message {
        parts.push((words.clone(), tone.style()));
    }
    if let Some(words) = &model.gone {
        parts.push((words.clone(), Tone::Warning.style()));
    }
    if let Some(work) = &model.work {
        parts.push((format!("{work} (Esc stops)"), Tone::Warning.style()));
    }
    // What is on stands behind it, as far as there is room.
    parts.extend(is_on(model));
    let mut row = Row::default();
    for (at, (words, style)) in parts.into_iter().enumerate() {
        if at > 0 {
            row.push(model.glyphs.dot(), Tone::Muted.style(), None);
        }
        let room = width.saturating_sub(row.text().width());
        row.push(&cut(&diff_view::printable(&words), room), style, None);
    }
    row
}
