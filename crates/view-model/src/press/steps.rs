//! Goes from one state of the function to another.

use crate::effect::Effect;
use crate::model::Model;
use crate::press::lines::hunk_from_top;
use crate::run::Status;
use crate::story::Change;
use crate::timeline::Item;
use crate::view::Pairing;

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

pub(crate) fn step(model: &mut Model, by: isize) {
    let at = model.view.at;
    let found = match by > 0 {
        true => listed(model).find(|&state| state > at),
        false => listed(model).rev().find(|&state| state < at),
    };
    arrive(model, found, by);
}

pub(crate) fn step_changed(model: &mut Model, by: isize) -> Vec<Effect> {
    let at = model.view.at;
    let Some(run) = model.run() else {
        return Vec::new();
    };
    let changes = |state: &usize| matches!(run.story.change(*state), Change::Real { .. });
    let found = match by > 0 {
        true => listed(model).find(|state| *state > at && changes(state)),
        false => listed(model)
            .rev()
            .find(|state| *state < at && changes(state)),
    };
    let is_first = found.is_some();
    arrive(model, found, by);
    if !is_first {
        return Vec::new();
    }
    let effects = model.settle();
    hunk_from_top(model);
    effects
}

fn listed(model: &Model) -> impl DoubleEndedIterator<Item = usize> {
    model.items.iter().filter_map(|item| match item {
        Item::State(at) => Some(*at),
        _ => None,
    })
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
