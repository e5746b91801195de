//! What is shown beside the lines, and what has to be asked for that.

use crate::code::Source;
use crate::effect::Effect;
use crate::model::Model;
use crate::run::{Asked, Status};
use crate::view::Colours;

pub(crate) fn gutter(model: &mut Model, digit: char) -> Vec<Effect> {
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

/// Lines of Rust: above what they became, by themselves, not at all.
pub(crate) fn source(model: &mut Model) -> Vec<Effect> {
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
pub(crate) fn colours(model: &mut Model) -> Vec<Effect> {
    model.view.colours = match model.view.colours {
        Colours::Syntax => Colours::Roles,
        Colours::Roles => Colours::Syntax,
    };
    // A letter says it where there is no colour.
    model.view.gutters.role = model.view.colours == Colours::Roles;
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
