//! The text of a state, and a name for the file that holds it.

use crate::model::Model;

pub(crate) fn text_of_state(model: &Model) -> Option<String> {
    let run = model.run()?;
    run.story
        .trace
        .text(run.story.states.get(model.view.at)?.text)
}

pub(crate) fn save_name(model: &Model) -> String {
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
