//! What a key does while somebody types, and what comes of what was typed.

use std::path::PathBuf;

use crate::effect::Effect;
use crate::key::Key;
use crate::model::Model;
use crate::overlay::{Prompt, PromptKind};
use crate::press::against::against;
use crate::press::lines::search;
use crate::press::runs::open_function;
use crate::press::text::text_of_state;

pub(crate) fn open_prompt(model: &mut Model, kind: PromptKind, text: &str) {
    model.prompt = Some(Prompt {
        kind,
        text: text.to_owned(),
    });
    if kind == PromptKind::Function {
        model.functions.search("");
    }
}

pub(crate) fn typed(model: &mut Model, key: Key) -> Vec<Effect> {
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
