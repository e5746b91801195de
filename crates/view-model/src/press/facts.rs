//! What is known of a line and of a run, in words.

use diff_view::Tone;

use crate::effect::Effect;
use crate::model::Model;
use crate::overlay::{Overlay, line};
use crate::run::{Asked, Status};

pub(crate) fn blame(model: &mut Model) {
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

pub(crate) fn verdict(model: &mut Model) {
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

pub(crate) fn locate(model: &mut Model) -> Vec<Effect> {
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
