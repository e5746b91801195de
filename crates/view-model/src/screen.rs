//! A whole screen as rows at places: what a painter paints, and all that it needs to know.

use diff_view::{Row, Style, Tone};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::code::{Shape, Source};
use crate::geometry::{Area, geometry};
use crate::glyphs::Glyphs;
use crate::lay::{Read, Side, lay};
use crate::marks::count;
use crate::model::Model;
use crate::overlay::{Overlay, PromptKind, line};
use crate::roles;
use crate::run::{Asked, Status};
use crate::story::Change;
use crate::timeline::{self, Item};

/// A row at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its first column.
    pub x: u16,
    /// Its screen row.
    pub y: u16,
    /// Columns that are its own; what is longer is cut off.
    pub width: u16,
    /// What it shows.
    pub row: Row,
    /// How it stands out.
    pub mark: Stands,
}

/// How a row stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stands {
    /// It does not.
    #[default]
    Plain,
    /// At the cursor.
    Cursor,
    /// It belongs to what is at the cursor.
    Lit,
    /// A bar across the screen.
    Bar,
}

/// A whole screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Its rows; later ones stand above earlier ones.
    pub rows: Vec<Placed>,
    /// Where the terminal's cursor blinks, if somewhere.
    pub cursor: Option<(u16, u16)>,
}

/// The screen of a model.
pub fn screen(model: &Model, read: &Read<'_>) -> Screen {
    let mut screen = Screen::default();
    let (width, height) = model.size;
    if width < 20 || height < 5 {
        place(
            &mut screen,
            Area {
                x: 0,
                y: 0,
                width,
                height: 1,
            },
            0,
            line("too small", Tone::Warning),
            Stands::Plain,
        );
        return screen;
    }
    let all = geometry(model);
    title(model, all.title, &mut screen);
    steps(model, all.steps, &mut screen);
    functions(model, all.functions, &mut screen);
    if all.steps.height > 0 && all.code.height > 0 {
        let x = all.steps.width;
        for y in 0..all.steps.height + all.functions.height {
            let area = Area {
                x,
                y: all.title.height + y,
                width: 1,
                height: 1,
            };
            place(
                &mut screen,
                area,
                0,
                line(model.glyphs.bar(), Tone::Muted),
                Stands::Plain,
            );
        }
    }
    pane(model, Side::Main, all.code, read, &mut screen);
    if model.view.pairing.is_some() {
        pane(model, Side::Other, all.other, read, &mut screen);
        if all.other.y == all.code.y && all.other.height > 0 {
            let x = all.other.x.max(all.code.x) - 1;
            for y in 0..all.code.height {
                let area = Area {
                    x,
                    y: all.code.y + y,
                    width: 1,
                    height: 1,
                };
                place(
                    &mut screen,
                    area,
                    0,
                    line(model.glyphs.bar(), Tone::Muted),
                    Stands::Plain,
                );
            }
        }
    }
    footer(model, all.footer, &mut screen);
    if let Some(prompt) = &model.prompt
        && prompt.kind == PromptKind::Function
    {
        picker(model, &mut screen);
    } else if let Some(overlay) = &model.overlay {
        paint_overlay(model, overlay, &mut screen);
    }
    screen
}

fn place(screen: &mut Screen, area: Area, at: u16, row: Row, mark: Stands) {
    if at < area.height {
        screen.rows.push(Placed {
            x: area.x,
            y: area.y + at,
            width: area.width,
            row,
            mark,
        });
    }
}

fn title(model: &Model, area: Area, screen: &mut Screen) {
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
            if run.status == Status::Working {
                row.push(
                    &format!("  working{}", model.glyphs.ellipsis()),
                    Tone::Warning.style(),
                    None,
                );
            }
        }
    }
    place(screen, area, 0, row, Stands::Bar);
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
        place(
            screen,
            area,
            u16::try_from(at + 1).unwrap_or(u16::MAX),
            row,
            Stands::Plain,
        );
    }
}

/// A row, cut where it is too long.
fn shortened(row: &Row, width: usize, glyphs: Glyphs) -> Row {
    if row.text().width() <= width {
        return row.clone();
    }
    let room = width.saturating_sub(glyphs.ellipsis().width());
    let mut short = Row::default();
    for (text, span) in row.pieces() {
        let left = room.saturating_sub(short.text().width());
        short.push(&cut(text, left), span.style, span.kind);
    }
    short.push(glyphs.ellipsis(), Tone::Muted.style(), None);
    short
}

/// The first line of the list of steps on the screen.
pub fn steps_top(model: &Model, height: u16) -> usize {
    let place = timeline::place_of(&model.items, model.view.at);
    let height = usize::from(height);
    let most = model.items.len().saturating_sub(height);
    place.saturating_sub(height / 2).min(most)
}

fn steps(model: &Model, area: Area, screen: &mut Screen) {
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
        place(screen, area, at, row, mark);
    }
    if let Status::Failed(why) = &run.status {
        // Why it ended stands where the next steps would.
        let at = u16::try_from(model.items.len().saturating_sub(from)).unwrap_or(u16::MAX);
        let rows = why.iter().flat_map(|row| wrapped(row, width));
        for (at, row) in (at..area.height).zip(rows) {
            place(screen, area, at, row, Stands::Plain);
        }
    }
}

/// The first function on the screen.
pub fn functions_top(model: &Model, height: u16) -> usize {
    let height = usize::from(height).saturating_sub(1);
    let most = model.functions.found().len().saturating_sub(height);
    model.functions.cursor.saturating_sub(height / 2).min(most)
}

fn functions(model: &Model, area: Area, screen: &mut Screen) {
    if area.height == 0 {
        return;
    }
    let count = model.functions.len();
    place(
        screen,
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
        place(
            screen,
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

fn pane(model: &Model, side: Side, area: Area, read: &Read<'_>, screen: &mut Screen) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    if height == 0 {
        return;
    }
    if let Some(words) = instead(model).filter(|_| side == Side::Main) {
        let rows = words.iter().flat_map(|row| wrapped(row, width));
        for (at, row) in (0..area.height).zip(rows) {
            place(screen, area, at, row, Stands::Plain);
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
        place(screen, area, at, laid.row, mark);
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
    if model.is_waiting() {
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

fn footer(model: &Model, area: Area, screen: &mut Screen) {
    if let Some(prompt) = &model.prompt {
        let mut row = line(prompt.label(), Tone::Title);
        row.push(&prompt.text, Tone::Plain.style(), None);
        let column = area.x
            + u16::try_from(row.text().width())
                .unwrap_or(u16::MAX)
                .min(area.width - 1);
        screen.cursor = Some((column, area.y));
        place(screen, area, 0, row, Stands::Bar);
        let keys = "Enter takes it   Esc leaves";
        place(screen, area, 1, line(keys, Tone::Muted), Stands::Plain);
        return;
    }
    place(
        screen,
        area,
        0,
        said(model, usize::from(area.width)),
        Stands::Bar,
    );
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
    place(screen, area, 1, row, Stands::Plain);
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
    parts.extend(on(model));
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

/// What is on.
fn on(model: &Model) -> Vec<(String, Style)> {
    let view = &model.view;
    let mut parts = Vec::new();
    let Some(run) = model.run() else {
        return Vec::new();
    };
    if let Some(pairing) = view.pairing {
        let where_to = if pairing.on_primal {
            "on the primal"
        } else {
            "on the derivative"
        };
        parts.push(format!("pair, {where_to}"));
        match (run.roles, model.number_at_cursor()) {
            (Asked::Waiting, _) | (Asked::No, None) if run.status == Status::Working => {
                parts.push("what belongs to what is known when the engine is done".to_owned());
            }
            (Asked::Waiting, _) => parts.push("asking what belongs to what".to_owned()),
            (_, Some(number)) => parts.push(format!("instruction {number} of the primal")),
            (_, None) => parts.push("no pair is known of this line".to_owned()),
        }
    } else {
        let shape = match view.settings.shape {
            Shape::Unified => "unified",
            Shape::Split => "side by side",
            Shape::After => "after",
            Shape::Before => "before",
        };
        parts.push(shape.to_owned());
    }
    if let Some((own, state)) = view.pin {
        let pinned = model
            .runs
            .get(own)
            .and_then(|run| run.story.states.get(state));
        let id = pinned.map_or("", |state| state.short.as_str());
        let mode = model.runs.get(own).and_then(|run| run.ask.mode());
        let is_other = own != view.run;
        let of = mode
            .filter(|_| is_other)
            .map_or(String::new(), |mode| format!("{mode} "));
        parts.push(format!("against {of}{id}"));
    }
    if view.settings.folds {
        parts.push("folded".to_owned());
    }
    if view.settings.show == diff_view::Show::All {
        parts.push("attributes".to_owned());
    }
    match view.settings.source {
        Source::Hidden => {}
        Source::Above => parts.push("Rust above".to_owned()),
        Source::Alone => parts.push("Rust alone".to_owned()),
    }
    if !view.filter.is_empty() {
        parts.push(format!("steps with {}", view.filter));
    }
    let mut parts: Vec<(String, Style)> = parts
        .into_iter()
        .map(|words| (words, Tone::Muted.style()))
        .collect();
    if view.gutters.role {
        parts.extend(legend(model));
    }
    let others = view
        .gutters
        .words()
        .into_iter()
        .filter(|word| *word != "roles");
    parts.extend(others.map(|word| (word.to_owned(), Tone::Muted.style())));
    parts
}

/// What the letters before the lines mean.
fn legend(model: &Model) -> Vec<(String, Style)> {
    let is_primal = model.primal().is_none_or(|primal| model.view.at <= primal);
    let words = match (model.marks(), is_primal) {
        (_, true) if model.run().is_some_and(|run| run.roles == Asked::Here) => {
            "the primal has no roles, and its instructions have numbers"
        }
        (Some(marks), false) => {
            return roles::legend(&count(&marks))
                .into_iter()
                .map(|(words, role)| {
                    let style = role.map_or(Tone::Muted.style(), |role| roles::look(role).style());
                    (words, style)
                })
                .collect();
        }
        _ => "roles",
    };
    vec![(words.to_owned(), Tone::Muted.style())]
}

fn paint_overlay(model: &Model, overlay: &Overlay, screen: &mut Screen) {
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
    place(
        screen,
        boxed,
        0,
        pad(line(&title, Tone::Title)),
        Stands::Bar,
    );
    for (at, row) in (1..).zip(rows.into_iter().skip(top).take(shown)) {
        let mut whole = line("  ", Tone::Plain);
        whole.append(&row);
        place(screen, boxed, at, pad(whole), Stands::Plain);
    }
    let end = u16::try_from(shown + 1).unwrap_or(height);
    place(
        screen,
        boxed,
        end,
        pad(line("  any key closes this", Tone::Muted)),
        Stands::Bar,
    );
}

fn picker(model: &Model, screen: &mut Screen) {
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
    place(screen, area, 0, pad(line(&title, Tone::Title)), Stands::Bar);
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
        place(
            screen,
            area,
            at,
            pad(line(&format!("{sign} {}", listed.path), tone)),
            mark,
        );
        last = at;
    }
    for at in last + 1..area.height {
        place(screen, area, at, pad(Row::default()), Stands::Plain);
    }
}

/// A path, or its end where there is no room for it: its last part is what people know it by.
fn ending(path: &str, width: usize, glyphs: Glyphs) -> String {
    if path.width() <= width {
        return path.to_owned();
    }
    let room = width.saturating_sub(glyphs.ellipsis().width());
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= room
    };
    let end: Vec<char> = path.chars().rev().take_while(fits).collect();
    glyphs
        .ellipsis()
        .chars()
        .chain(end.into_iter().rev())
        .collect()
}

/// A row on as many as it takes.
fn wrapped(row: &Row, width: usize) -> Vec<Row> {
    if row.text().width() <= width {
        return vec![row.clone()];
    }
    let mut rows = vec![Row::default()];
    let mut used = 0;
    let push = |rows: &mut Vec<Row>, text: &str, style: Style| {
        if let Some(last) = rows.last_mut() {
            last.push(text, style, None);
        }
    };
    for (text, span) in row.pieces() {
        for word in text.split_inclusive(' ') {
            if used + word.trim_end().width() > width && used > 2 {
                rows.push(Row::default());
                push(&mut rows, "  ", Tone::Plain.style());
                used = 2;
            }
            let word = cut(word, width.saturating_sub(used).max(1));
            used += word.width();
            push(&mut rows, &word, span.style);
        }
    }
    rows
}

fn cut(text: &str, width: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= width
    };
    text.chars().take_while(fits).collect()
}
