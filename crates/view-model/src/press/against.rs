//! What is compared with what: with a pinned state, with another run, up to where two runs part.

use trace::Mode;

use crate::effect::Effect;
use crate::model::Model;
use crate::press::runs::start;
use crate::press::steps::go_to_state;
use crate::run::{Ask, Run, Status};
use crate::view::Along;

pub(crate) fn pin(model: &mut Model) {
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
pub(crate) fn against(model: &mut Model, text: &str) -> Vec<Effect> {
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
pub(crate) fn to_parting(model: &mut Model) {
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
