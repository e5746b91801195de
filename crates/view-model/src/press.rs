//! What a key does to the model. Nothing here waits, and nothing here looks at more than there is on the screen.

use std::path::PathBuf;

use diff_view::{Show, TokenKind, Tone, lex};
use trace::Mode;

use crate::code::{self, Entry, Shape, Source};
use crate::command;
use crate::effect::Effect;
use crate::geometry::geometry;
use crate::help;
use crate::key::Key;
use crate::lay;
use crate::model::{Model, belongs};
use crate::overlay::{Overlay, Prompt, PromptKind, line};
use crate::run::{Ask, Asked, Run, Status};
use crate::story::{Change, Story};
use crate::timeline::{self, Item};
use crate::view::{Along, Colours, Pairing, View};

/// What a key does: to the model, and beyond it.
pub fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if let Key::Control('c') = key {
        return vec![Effect::Quit];
    }
    if let Key::Control('z') = key {
        return vec![Effect::Suspend];
    }
    let mut effects = if model.prompt.is_some() {
        typed(model, key)
    } else if model.overlay.is_some() {
        read(model, &key)
    } else {
        model.message = None;
        viewed(model, key)
    };
    effects.extend(model.settle());
    keep_in_sight(model);
    effects
}

/// The cursor stays on the screen, and the screen is filled where there is something to fill it with.
pub fn keep_in_sight(model: &mut Model) {
    let area = geometry(model).code;
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    if height == 0 || width == 0 {
        return;
    }
    let own = lay::height_of(model, model.code.cursor, width).max(1);
    let lowest = height.saturating_sub(own);
    model.view.anchor = model.view.anchor.min(lowest);
    let (rows, above) = lay::lay(model, lay::Side::Main, width, height, &|_| None);
    model.view.anchor = above;
    let empty = height - rows.len();
    let has_more_above = rows.first().is_some_and(|first| first.entry > 0);
    if empty > 0 && has_more_above {
        // What is at the end stands at the bottom.
        model.view.anchor = (above + empty).min(lowest);
        let (_, above) = lay::lay(model, lay::Side::Main, width, height, &|_| None);
        model.view.anchor = above;
    }
}

fn viewed(model: &mut Model, key: Key) -> Vec<Effect> {
    let height = isize::from(geometry(model).code.height as i16).max(1);
    match key {
        Key::Char('q') => return vec![Effect::Quit],
        Key::Char('?') => model.overlay = Some(help::overlay()),
        Key::Char('t') => return vec![Effect::Theme],
        Key::Char('o') if model.functions.len() > 0 => open_prompt(model, PromptKind::Function, ""),
        Key::Char('o') => model.warn("a saved run has no other function"),
        Key::Escape => return escape(model),
        Key::Backspace => return leave(model),
        _ if model.is_empty || model.run().is_none() => {}
        Key::Left | Key::Char('h') => step(model, -1),
        Key::Right | Key::Char('l') => step(model, 1),
        Key::Tab => step_changed(model, 1),
        Key::BackTab => step_changed(model, -1),
        Key::Up | Key::Char('k') if model.shows_steps => step(model, -1),
        Key::Down | Key::Char('j') if model.shows_steps => step(model, 1),
        Key::Enter if model.shows_steps => model.shows_steps = false,
        Key::Up | Key::Char('k') => down(model, -1),
        Key::Down | Key::Char('j') => down(model, 1),
        Key::PageUp | Key::Control('b') => down(model, -height),
        Key::PageDown | Key::Control('f') | Key::Char(' ') => down(model, height),
        Key::Control('u') => down(model, -height / 2),
        Key::Control('d') => down(model, height / 2),
        Key::Home | Key::Char('g') => model.go_to_entry(0, 0),
        Key::End | Key::Char('G') => model.go_to_entry(usize::MAX, usize::MAX),
        Key::Char('<') => go_to_state(model, 0),
        Key::Char('>') => go_to_state(model, usize::MAX),
        Key::Char(']') => hunk(model, true),
        Key::Char('[') => hunk(model, false),
        Key::Char('/') => open_prompt(model, PromptKind::Search, ""),
        Key::Char('n') => search(model, true),
        Key::Char('N') => search(model, false),
        Key::Char('f') => {
            let filter = model.view.filter.clone();
            open_prompt(model, PromptKind::Filter, &filter);
        }
        Key::Char('F') => {
            model.view.kinds = model.view.kinds.next();
            model.say(model.view.kinds.words());
        }
        Key::Char('v') => {
            let shape = match model.view.settings.shape {
                Shape::Unified => Shape::Split,
                Shape::Split => Shape::After,
                Shape::After => Shape::Before,
                Shape::Before => Shape::Unified,
            };
            model.view.settings.shape = shape;
        }
        Key::Char('z') => model.view.settings.folds ^= true,
        Key::Char('a') => {
            let show = &mut model.view.settings.show;
            *show = if *show == Show::Real {
                Show::All
            } else {
                Show::Real
            };
        }
        Key::Char('i') => {
            let detail = &mut model.view.settings.detail;
            detail.debug_info ^= true;
            detail.metadata = detail.debug_info;
        }
        Key::Char('s') => return source(model),
        Key::Char('C') => return colours(model),
        Key::Char('=') => to_parting(model),
        Key::Char('w') => model.shows_steps ^= true,
        Key::Char(digit @ '1'..='5') => return gutter(model, digit),
        Key::Char('p') => return pair(model),
        Key::Char('b') => blame(model),
        Key::Char('m') => pin(model),
        Key::Char('M') => open_prompt(model, PromptKind::Against, ""),
        Key::Char('d') => return descend(model),
        Key::Char('c') => verdict(model),
        Key::Char('L') => return locate(model),
        Key::Char('y') => {
            if let Some(text) = model.text_at_cursor() {
                model.say("copied the line");
                return vec![Effect::Copy(diff_view::printable(text.trim()).into_owned())];
            }
        }
        Key::Char('Y') => {
            if let Some(text) = text_of_state(model) {
                model.say("copied this step's IR");
                let clean: Vec<_> = text.lines().map(diff_view::printable).collect();
                return vec![Effect::Copy(clean.join("\n"))];
            }
        }
        Key::Char('e') => {
            let name = save_name(model);
            open_prompt(model, PromptKind::Save, &name);
        }
        Key::Char(':') => {
            let words = command::of(model);
            let mut overlay = Overlay::of(
                "the command line that shows this",
                vec![line(&words, Tone::Plain)],
            );
            overlay.rows.push(line("", Tone::Plain));
            overlay.rows.push(line("y copies it", Tone::Muted));
            overlay.copies = Some(words);
            model.overlay = Some(overlay);
        }
        Key::Char('r') => return again(model),
        Key::Click(column, row) => return click(model, column, row),
        Key::Wheel(column, row, by) => wheel(model, column, row, by),
        _ => {}
    }
    Vec::new()
}

fn read(model: &mut Model, key: &Key) -> Vec<Effect> {
    let Some(overlay) = &mut model.overlay else {
        return Vec::new();
    };
    let last = overlay.rows.len().saturating_sub(1);
    match key {
        Key::Up | Key::Char('k') => overlay.top = overlay.top.saturating_sub(1),
        Key::Down | Key::Char('j') => overlay.top = (overlay.top + 1).min(last),
        Key::Wheel(_, _, by) => {
            overlay.top = overlay
                .top
                .saturating_add_signed(isize::from(*by) * 3)
                .min(last);
        }
        Key::PageUp => overlay.top = overlay.top.saturating_sub(10),
        Key::PageDown | Key::Char(' ') => overlay.top = (overlay.top + 10).min(last),
        Key::Home => overlay.top = 0,
        Key::End => overlay.top = last,
        Key::Char('y') if overlay.copies.is_some() => {
            let text = overlay.copies.clone().unwrap_or_default();
            model.overlay = None;
            model.say("copied");
            return vec![Effect::Copy(text)];
        }
        _ => model.overlay = None,
    }
    Vec::new()
}

fn open_prompt(model: &mut Model, kind: PromptKind, text: &str) {
    model.prompt = Some(Prompt {
        kind,
        text: text.to_owned(),
    });
    if kind == PromptKind::Function {
        model.functions.search("");
    }
}

fn typed(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(prompt) = &mut model.prompt else {
        return Vec::new();
    };
    let is_function = prompt.kind == PromptKind::Function;
    match key {
        Key::Char(letter) => prompt.add(letter.encode_utf8(&mut [0; 4])),
        Key::Paste(text) => prompt.add(&text),
        Key::Backspace => {
            prompt.text.pop();
        }
        Key::Control('u') => prompt.text.clear(),
        Key::Up if is_function => return functions_step(model, -1),
        Key::Down | Key::Tab if is_function => return functions_step(model, 1),
        Key::PageUp if is_function => return functions_step(model, -10),
        Key::PageDown if is_function => return functions_step(model, 10),
        Key::Wheel(_, _, by) if is_function => return functions_step(model, isize::from(by)),
        Key::Escape => {
            let kind = prompt.kind;
            model.prompt = None;
            if kind == PromptKind::Function {
                model.functions.search("");
                if model.is_empty {
                    return vec![Effect::Quit];
                }
            }
            return Vec::new();
        }
        Key::Enter => return entered(model),
        _ => return Vec::new(),
    }
    let Some(prompt) = &model.prompt else {
        return Vec::new();
    };
    match prompt.kind {
        PromptKind::Function => {
            let query = prompt.text.clone();
            model.functions.search(&query);
        }
        PromptKind::Filter => model.view.filter = prompt.text.clone(),
        _ => {}
    }
    Vec::new()
}

fn functions_step(model: &mut Model, by: isize) -> Vec<Effect> {
    model.functions.step(by);
    Vec::new()
}

fn entered(model: &mut Model) -> Vec<Effect> {
    let Some(prompt) = model.prompt.take() else {
        return Vec::new();
    };
    let text = prompt.text.trim().to_owned();
    match prompt.kind {
        PromptKind::Search => {
            model.view.search = text;
            search(model, true);
            Vec::new()
        }
        PromptKind::Filter => {
            model.view.filter = text;
            model.forget_items();
            Vec::new()
        }
        PromptKind::Save => match text_of_state(model) {
            Some(ir) if !text.is_empty() => vec![Effect::Save(PathBuf::from(text), ir)],
            _ => Vec::new(),
        },
        PromptKind::Function => {
            let Some(chosen) = model.functions.chosen().cloned() else {
                model.warn("no function is called that");
                return Vec::new();
            };
            model.functions.search("");
            open_function(model, chosen.symbol, None)
        }
        PromptKind::Against => against(model, &text),
    }
}

/// Shows another function, differentiated as the one that is shown is.
pub fn open_function(
    model: &mut Model,
    symbol: String,
    ad: Option<trace::AdOptions>,
) -> Vec<Effect> {
    let known = model
        .runs
        .iter()
        .position(|run| run.ask.symbol == symbol && run.ask.ad == ad);
    if let Some(run) = known {
        go_to_run(model, run);
        return Vec::new();
    }
    let ask = Ask {
        file: model.file.clone(),
        symbol,
        ad,
        is_saved: false,
    };
    start(model, ask)
}

/// Begins a run and shows it.
pub fn start(model: &mut Model, ask: Ask) -> Vec<Effect> {
    let trace = empty_trace();
    let run = model.show_run(Run::new(ask.clone(), Story::of(trace, None)));
    go_to_run(model, run);
    vec![Effect::Start(run, ask)]
}

/// A run of which nothing is known yet.
pub fn empty_trace() -> trace::Trace {
    trace::Collector::new(trace::Request {
        source: String::new(),
        task: trace::Task::Disassemble,
        llvm_options: Vec::new(),
        limits: trace::Limits::default(),
    })
    .finish()
}

fn go_to_run(model: &mut Model, run: usize) {
    let kept = model.view.clone();
    model.view = View {
        settings: kept.settings,
        gutters: kept.gutters,
        colours: kept.colours,
        kinds: kept.kinds,
        ..View::of(run)
    };
    model.forget_items();
}

fn escape(model: &mut Model) -> Vec<Effect> {
    if let Some(pairing) = model.view.pairing.take() {
        model.view.at = pairing.back_to;
        return Vec::new();
    }
    if model.shows_steps {
        model.shows_steps = false;
        return Vec::new();
    }
    if model.work.is_some() {
        model.say("stopping");
        return vec![Effect::Stop];
    }
    if model.view.unpin() {
        model.say("compared with the step before again");
        return Vec::new();
    }
    leave(model)
}

fn leave(model: &mut Model) -> Vec<Effect> {
    match model.back.pop() {
        Some(view) => {
            model.view = view;
            model.forget_items();
        }
        None => model.say("q leaves"),
    }
    Vec::new()
}

/// Goes to a state and keeps the line.
pub fn go_to_state(model: &mut Model, state: usize) {
    let Some(run) = model.run() else { return };
    let last = run.story.states.len().saturating_sub(1);
    model.view.at = state.min(last);
    if let Some(along) = &mut model.view.goes_along {
        // Who goes somewhere wants to be there.
        along.wants_parting = false;
    }
    if let Some(pairing) = model.view.pairing {
        // The primal is shown where it is counted.
        let is_primal = model.primal().is_some_and(|primal| model.view.at <= primal);
        model.view.pairing = Some(Pairing {
            on_primal: is_primal,
            ..pairing
        });
    }
}

fn listed(model: &Model) -> impl DoubleEndedIterator<Item = usize> {
    model.items.iter().filter_map(|item| match item {
        Item::State(at) => Some(*at),
        _ => None,
    })
}

fn step(model: &mut Model, by: isize) {
    let at = model.view.at;
    let found = match by > 0 {
        true => listed(model).find(|&state| state > at),
        false => listed(model).rev().find(|&state| state < at),
    };
    arrive(model, found, by);
}

fn step_changed(model: &mut Model, by: isize) {
    let at = model.view.at;
    let Some(run) = model.run() else { return };
    let changes = |state: &usize| matches!(run.story.change(*state), Change::Real { .. });
    let found = match by > 0 {
        true => listed(model).find(|state| *state > at && changes(state)),
        false => listed(model)
            .rev()
            .find(|state| *state < at && changes(state)),
    };
    let is_first = found.is_some();
    arrive(model, found, by);
    if is_first {
        model.settle();
        hunk_from_top(model);
    }
}

fn arrive(model: &mut Model, found: Option<usize>, by: isize) {
    let is_working = model.run().is_some_and(|run| run.status == Status::Working);
    match found {
        Some(state) => go_to_state(model, state),
        None if by < 0 => model.say("this is the first step"),
        None if is_working => model.say("no further step yet"),
        None => model.say("this is the last step"),
    }
}

/// Where nothing of the difference is on the screen, its first line comes there.
fn hunk_from_top(model: &mut Model) {
    if model.is_waiting() {
        return;
    }
    let settings = model.view.shown();
    let Some(of) = model.code.comparison.clone() else {
        return;
    };
    let entries = std::sync::Arc::clone(&model.code.entries);
    let is_here = |entry: usize| code::is_difference(&of, &entries[entry], settings);
    let height = usize::from(geometry(model).code.height);
    let from = model.code.cursor.saturating_sub(height);
    let to = (model.code.cursor + height).min(entries.len());
    if (from..to).any(is_here) {
        return;
    }
    if let Some(first) = (0..entries.len()).find(|&entry| is_here(entry)) {
        model.go_to_entry(first, height / 3);
    }
}

/// Moves the cursor by entries, or by a screen of rows where there is more than one.
fn down(model: &mut Model, by: isize) {
    let area = geometry(model).code;
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let count = model.code.entries.len();
    if count == 0 {
        return;
    }
    let mut entry = model.code.cursor;
    let mut anchor = model.view.anchor;
    let mut left = by.unsigned_abs();
    let is_page = left > 1;
    while left > 0 {
        let next = entry.saturating_add_signed(by.signum());
        if next == entry || next >= count {
            break;
        }
        let rows = lay::height_of(model, if by > 0 { entry } else { next }, width).max(1);
        entry = next;
        if !is_page {
            anchor = anchor.saturating_add_signed(rows as isize * by.signum());
        }
        left = left.saturating_sub(if is_page { rows } else { 1 });
    }
    // A line of what comes next stays in sight.
    let last = height.saturating_sub(2);
    let first = usize::from(entry > 0 && height > 3);
    model.go_to_entry(entry, anchor.clamp(first.min(last), last.max(first)));
}

fn hunk(model: &mut Model, forwards: bool) {
    let settings = model.view.shown();
    let Some(of) = model.code.comparison.clone() else {
        return;
    };
    let entries = std::sync::Arc::clone(&model.code.entries);
    let differs = |entry: usize| code::is_difference(&of, &entries[entry], settings);
    // Where a hunk begins.
    let begins = |entry: &usize| differs(*entry) && (*entry == 0 || !differs(entry - 1));
    let cursor = model.code.cursor;
    let found = match forwards {
        true => (cursor + 1..entries.len()).find(begins),
        false => (0..cursor).rev().find(begins),
    };
    let height = usize::from(geometry(model).code.height);
    match found {
        Some(entry) => model.go_to_entry(entry, height / 3),
        None if forwards => model.say("no further difference; l goes to the next step"),
        None => model.say("no difference above; h goes to the step before"),
    }
}

fn search(model: &mut Model, forwards: bool) {
    let wanted = model.view.search.to_lowercase();
    if wanted.is_empty() {
        return;
    }
    let Some(of) = model.code.comparison.clone() else {
        return;
    };
    let entries = std::sync::Arc::clone(&model.code.entries);
    let matches = |entry: &usize| {
        code::text_of(&of, &entries[*entry]).any(|text| {
            text.to_lowercase().contains(&wanted)
                || lex(text)
                    .iter()
                    .filter(|token| token.kind == TokenKind::Global)
                    .filter_map(|token| of.names.get(token.name()))
                    .any(|name| name.to_lowercase().contains(&wanted))
        })
    };
    let cursor = model.code.cursor;
    let count = entries.len();
    let order: Box<dyn Iterator<Item = usize>> = match forwards {
        true => Box::new((cursor + 1..count).chain(0..(cursor + 1).min(count))),
        false => Box::new((0..cursor).rev().chain((cursor..count).rev())),
    };
    let found = order.into_iter().find(|entry| matches(entry));
    let height = usize::from(geometry(model).code.height);
    match found {
        Some(entry) => {
            let turned = if forwards {
                entry <= cursor
            } else {
                entry >= cursor
            };
            model.go_to_entry(entry, height / 3);
            if turned {
                model.say("the search began again at the other end");
            }
        }
        None => model.warn(format!("no line has {}", model.view.search)),
    }
}

fn gutter(model: &mut Model, digit: char) -> Vec<Effect> {
    let gutters = &mut model.view.gutters;
    match digit {
        '1' => gutters.role ^= true,
        '2' => gutters.types ^= true,
        '3' => gutters.activity ^= true,
        '4' => gutters.cache ^= true,
        _ => gutters.values ^= true,
    }
    needed(model)
}

/// What has to be asked for so that everything that is on can be shown.
pub fn needed(model: &mut Model) -> Vec<Effect> {
    let gutters = model.view.gutters;
    let number = model.view.run;
    let wants_roles = model.view.needs_roles();
    let Some(run) = model.runs.get_mut(number) else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    let mut refused = None;
    let can_ask = !run.ask.is_saved && run.ask.ad.is_some();
    if wants_roles && matches!(run.roles, Asked::No) {
        if run.status == Status::Working {
            // Most runs tell it themselves.
        } else if can_ask {
            run.roles = Asked::Waiting;
            effects.push(Effect::Explain(number));
        } else {
            refused = Some("this run was saved without what each line is there for");
        }
    }
    if gutters.values && matches!(run.values, Asked::No) {
        if can_ask {
            run.values = Asked::Waiting;
            effects.push(Effect::Values(number));
        } else {
            refused = Some("this run was saved without numbers");
        }
    }
    if let Some(words) = refused {
        model.warn(words);
    }
    effects
}

/// Primal and derivative side by side; on the second time to the other side.
fn pair(model: &mut Model) -> Vec<Effect> {
    let Some(run) = model.run() else {
        return Vec::new();
    };
    let (Some(primal), Some(derivative)) = (
        run.story.at_point(trace::Point::Preprocessed),
        run.story.at_point(trace::Point::Derivative),
    ) else {
        model.warn("there is no pair: the function is not differentiated (yet)");
        return Vec::new();
    };
    let last = run.story.states.len() - 1;
    match model.view.pairing {
        None => {
            let at = model.view.at;
            let on_primal = at < derivative;
            if on_primal {
                // The line is looked for where lines are counted.
                model.view.at = primal;
            }
            model.view.pairing = Some(Pairing {
                other: if on_primal { last } else { primal },
                on_primal,
                back_to: at,
            });
            model.view.unpin();
            to_first_of_pair(model);
        }
        Some(pairing) => {
            let number = model.number_at_cursor();
            let at = model.view.at;
            model.view.at = pairing.other;
            model.view.pairing = Some(Pairing {
                other: at,
                on_primal: !pairing.on_primal,
                back_to: pairing.back_to,
            });
            // To the first line that belongs to the one that was left.
            let marks = model.marks();
            let line = marks.and_then(|marks| {
                let own = marks
                    .iter()
                    .position(|mark| mark.of == number && belongs(mark));
                own.or_else(|| marks.iter().position(|mark| mark.of == number))
            });
            if let (Some(line), true) = (line, number.is_some()) {
                model.view.home = crate::view::Home {
                    state: model.view.at,
                    line,
                };
            }
            let height = usize::from(geometry(model).code.height);
            model.view.anchor = height / 2;
        }
    }
    needed(model)
}

/// To the first line from the cursor on that belongs to an instruction of the primal.
pub fn to_first_of_pair(model: &mut Model) {
    if model.view.pairing.is_none() || model.number_at_cursor().is_some() {
        return;
    }
    let at = model.view.at;
    let from = match model.line_at_cursor() {
        Some((true, line)) => line,
        _ => 0,
    };
    let Some(marks) = model.run().and_then(|run| run.marks(at)) else {
        return;
    };
    let found = marks
        .iter()
        .enumerate()
        .skip(from)
        .find(|(_, mark)| mark.of.is_some());
    if let Some((line, _)) = found {
        model.view.home = crate::view::Home { state: at, line };
    }
}

fn blame(model: &mut Model) {
    let Some((is_after, line)) = model.line_at_cursor() else {
        return;
    };
    let at = match is_after {
        true => model.view.at,
        false => model.view.at.saturating_sub(1),
    };
    let Some(run) = model.run() else { return };
    let blame = run.blame(at, line);
    let id = |state: usize| match state {
        0 => "the input".to_owned(),
        state => run.story.states[state].short.clone(),
    };
    let made = match (blame.made, blame.is_whole) {
        (0, true) => "in the input already".to_owned(),
        (0, false) => "made at a step that is not compared yet".to_owned(),
        (state, _) => format!("made by {}", id(state)),
    };
    let changed = blame
        .changed
        .map(|state| format!(", last changed by {}", id(state)));
    let removed = match blame.removed {
        Some(state) => format!(", removed by {}", id(state)),
        None => ", still there at the end".to_owned(),
    };
    let words = format!("{made}{}{removed}", changed.unwrap_or_default());
    model.say(words);
}

fn pin(model: &mut Model) {
    let own = (model.view.run, model.view.at);
    if model.view.pin == Some(own) || model.view.pin.is_some_and(|(run, _)| run != own.0) {
        model.view.unpin();
        model.say("compared with the step before again");
        return;
    }
    model.view.pin = Some(own);
    model.view.pairing = None;
    let id = model
        .run()
        .map(|run| run.story.states[own.1].short.clone())
        .unwrap_or_default();
    model.say(format!(
        "pinned {id}: every step is compared with it; Esc takes it back"
    ));
}

/// Another run to compare with, from what was typed.
fn against(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(run) = model.run() else {
        return Vec::new();
    };
    let mut ask = run.ask.clone();
    let mode = |ask: &mut Ask, mode: Mode| ask.ad.as_mut().map(|ad| ad.mode = mode);
    match text {
        "" => return Vec::new(),
        "forward" => _ = mode(&mut ask, Mode::Forward),
        "reverse" => _ = mode(&mut ask, Mode::Reverse),
        "noalias" => {
            if let Some(ad) = &mut ask.ad {
                match ad.noalias.is_empty() {
                    true => ad.noalias = vec![ask.symbol.clone()],
                    false => ad.noalias.clear(),
                }
            }
        }
        file => {
            ask = Ask {
                file: file.to_owned(),
                is_saved: true,
                ..ask
            };
        }
    }
    if ask == run.ask || ask.ad.is_none() {
        model.warn("that is what is shown");
        return Vec::new();
    }
    if run.ask.is_saved && !ask.is_saved {
        model.warn("a saved run cannot be run again; name another saved one");
        return Vec::new();
    }
    let own = model.view.run;
    let at = model.view.at;
    let effects = start(model, ask);
    // What was shown is what the new one is compared with, step by step.
    model.view.pin = Some((own, at));
    model.view.goes_along = Some(Along {
        run: own,
        wants_parting: true,
    });
    model.say("each step is compared with that of the run that was shown; Esc takes it back");
    effects
}

/// To the first step at which the run that is shown and the one beside it differ.
fn to_parting(model: &mut Model) {
    let is_working = |run: Option<&Run>| run.is_some_and(|run| run.status == Status::Working);
    let Some(along) = model.view.goes_along else {
        model.say("one run is shown: M compares it with another");
        return;
    };
    if is_working(model.run()) || is_working(model.runs.get(along.run)) {
        model.view.goes_along = Some(Along {
            wants_parting: true,
            ..along
        });
        return;
    }
    let Some(parting) = model.parting() else {
        return;
    };
    if let Some(first) = parting.first {
        go_to_state(model, first);
    }
    model.say_parting(&parting);
}

/// Lines of Rust: above what they became, by themselves, not at all.
fn source(model: &mut Model) -> Vec<Effect> {
    let source = match model.view.settings.source {
        Source::Hidden => Source::Above,
        Source::Above => Source::Alone,
        Source::Alone => Source::Hidden,
    };
    model.view.settings.source = source;
    model.say(match source {
        Source::Hidden => "no Rust",
        Source::Above => "Rust above what it became; s: Rust alone",
        Source::Alone => "Rust with what it became",
    });
    needed(model)
}

/// What the colours of code mean.
fn colours(model: &mut Model) -> Vec<Effect> {
    model.view.colours = match model.view.colours {
        Colours::Syntax => Colours::Roles,
        Colours::Roles => Colours::Syntax,
    };
    // A letter says it where there is no colour.
    model.view.gutters.role = model.view.colours == Colours::Roles;
    needed(model)
}

/// The run of a function that the line at the cursor calls.
fn descend(model: &mut Model) -> Vec<Effect> {
    let Some(text) = model.text_at_cursor() else {
        return Vec::new();
    };
    let tokens = lex(&text);
    let calls = tokens
        .iter()
        .any(|token| matches!(token.text, "call" | "invoke"));
    let callee = tokens
        .iter()
        .find(|token| token.kind == TokenKind::Global && token.text != "@");
    let (true, Some(callee)) = (calls, callee) else {
        model.say("no call stands on this line");
        return Vec::new();
    };
    let symbol = callee.name().to_owned();
    let Some(run) = model.run() else {
        return Vec::new();
    };
    if run.ask.is_saved {
        model.warn("a saved run holds one function; open the IR to descend");
        return Vec::new();
    }
    if model.functions.of_symbol(&symbol).is_none() {
        let path = ir_load::demangle(&symbol).into_owned();
        model.warn(format!("{path} has no code in this file"));
        return Vec::new();
    }
    let ad = run.ask.ad.clone();
    model.back.push(model.view.clone());
    open_function(model, symbol, ad)
}

fn verdict(model: &mut Model) {
    let Some(run) = model.run() else { return };
    let mut rows = run.heading.clone();
    if let Status::Failed(why) = &run.status {
        rows.extend(why.iter().cloned());
    }
    if rows.is_empty() {
        rows.push(line("nothing was checked", Tone::Muted));
    }
    model.overlay = Some(Overlay::of("the verdict", rows));
}

fn locate(model: &mut Model) -> Vec<Effect> {
    let number = model.view.run;
    let Some(run) = model.runs.get_mut(number) else {
        return Vec::new();
    };
    if !run.located.is_empty() {
        model.overlay = Some(Overlay::of(
            "where it goes wrong",
            model.runs[number].located.clone(),
        ));
        return Vec::new();
    }
    match (run.locating, run.ask.is_saved, run.ask.ad.is_some()) {
        (Asked::Waiting, ..) => model.say("still looking"),
        (_, true, _) => model.warn("this run was saved without a place where it goes wrong"),
        (_, _, false) => model.warn("nothing is differentiated"),
        _ => {
            run.locating = Asked::Waiting;
            return vec![Effect::Locate(number)];
        }
    }
    Vec::new()
}

fn again(model: &mut Model) -> Vec<Effect> {
    let number = model.view.run;
    let Some(run) = model.runs.get_mut(number) else {
        return Vec::new();
    };
    if run.ask.is_saved || run.status == Status::Working {
        return Vec::new();
    }
    let ask = run.ask.clone();
    vec![Effect::Start(number, ask)]
}

fn text_of_state(model: &Model) -> Option<String> {
    let run = model.run()?;
    run.story
        .trace
        .text(run.story.states.get(model.view.at)?.text)
}

fn save_name(model: &Model) -> String {
    let Some(run) = model.run() else {
        return String::new();
    };
    let Some(state) = run.story.states.get(model.view.at) else {
        return String::new();
    };
    let path = ir_load::demangle(&run.ask.symbol).into_owned();
    let name = path.rsplit("::").next().unwrap_or(&path);
    let text = format!("{name}.{}", state.short);
    let clean = text.chars().map(|c| {
        if c.is_ascii_alphanumeric() || ".-_".contains(c) {
            c
        } else {
            '-'
        }
    });
    format!("{}.ll", clean.collect::<String>())
}

fn click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let all = geometry(model);
    if all.steps.holds(column, row) {
        let from = crate::screen::steps_top(model, all.steps.height);
        let at = from + usize::from(row - all.steps.y);
        if let Some(Item::State(state)) = model.items.get(at) {
            let state = *state;
            go_to_state(model, state);
        }
    } else if all.functions.holds(column, row) {
        let from = crate::screen::functions_top(model, all.functions.height);
        let at = from + usize::from(row - all.functions.y).saturating_sub(1);
        let chosen = model
            .functions
            .found()
            .nth(at)
            .map(|listed| listed.symbol.clone());
        let ad = model.run().and_then(|run| run.ask.ad.clone());
        if let Some(symbol) = chosen {
            return open_function(model, symbol, ad);
        }
    } else if all.code.holds(column, row) {
        let (rows, _) = lay::lay(
            model,
            lay::Side::Main,
            usize::from(all.code.width),
            usize::from(all.code.height),
            &|_| None,
        );
        let at = usize::from(row - all.code.y);
        if let Some(laid) = rows.get(at) {
            match model.code.entries.get(laid.entry) {
                Some(Entry::Fold(..)) => model.view.settings.folds = false,
                _ => {
                    let first = rows.iter().position(|other| other.entry == laid.entry);
                    model.go_to_entry(laid.entry, first.unwrap_or(at));
                }
            }
        }
    } else if all.other.holds(column, row) {
        return pair(model);
    }
    Vec::new()
}

fn wheel(model: &mut Model, column: u16, row: u16, by: i8) {
    let all = geometry(model);
    if all.steps.holds(column, row) {
        step(model, isize::from(by.signum()));
    } else {
        down(model, isize::from(by) * 3);
    }
}

/// The list of steps begins with this state.
pub fn place_in_steps(model: &Model) -> usize {
    timeline::place_of(&model.items, model.view.at)
}
