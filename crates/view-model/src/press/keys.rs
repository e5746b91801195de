//! What a key does to the model. Nothing here waits, and nothing here looks at more than there is on the screen.

use diff_view::{Show, Tone};

use crate::code::Shape;
use crate::command;
use crate::effect::Effect;
use crate::geometry::geometry;
use crate::help;
use crate::key::Key;
use crate::model::Model;
use crate::overlay::{Overlay, PromptKind, line};
use crate::press::against::{pin, to_parting};
use crate::press::facts::{blame, locate, verdict};
use crate::press::lines::{down, hunk, search};
use crate::press::mouse::{click, wheel};
use crate::press::pairs::pair;
use crate::press::prompt::{open_prompt, typed};
use crate::press::reading::read;
use crate::press::runs::{again, descend};
use crate::press::shown::{colours, gutter, source};
use crate::press::sight::keep_in_sight;
use crate::press::steps::{go_to_state, step, step_changed};
use crate::press::text::{save_name, text_of_state};

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

fn viewed(model: &mut Model, key: Key) -> Vec<Effect> {
    let height = isize::try_from(geometry(model).code.height).map_or(1, |height| height.max(1));
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
        Key::Tab => return step_changed(model, 1),
        Key::BackTab => return step_changed(model, -1),
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
