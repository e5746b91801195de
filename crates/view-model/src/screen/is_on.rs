//! What is on, in words.

use diff_view::{Style, Tone};

use crate::code::{Shape, Source};
use crate::marks::count;
use crate::model::Model;
use crate::roles;
use crate::run::{Asked, Status};

/// What is on.
pub(crate) fn is_on(model: &Model) -> Vec<(String, Style)> {
    let view = &model.view;
    let mut parts = Vec::new();
    let Some(run) = model.run() else {
        return Vec::new();
    };
    if model.stands_in() {
        parts.push("comparing, the text alone meanwhile".to_owned());
    }
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
            let counts = count(&marks);
            let is_split = model
                .run()
                .and_then(|run| run.story.trace.signature.as_ref())
                .is_some_and(|signature| signature.split);
            if counts.known.is_empty() && is_split {
                let words = "this split derivative was saved without roles";
                return vec![(words.to_owned(), Tone::Muted.style())];
            }
            return roles::legend(&counts)
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
