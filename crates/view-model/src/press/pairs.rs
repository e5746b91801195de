//! Primal and derivative side by side.

use crate::effect::Effect;
use crate::geometry::geometry;
use crate::model::{Model, belongs};
use crate::press::shown::needed;
use crate::view::{Home, Pairing};

/// Primal and derivative side by side; on the second time to the other side.
pub(crate) fn pair(model: &mut Model) -> Vec<Effect> {
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
                model.view.home = Home {
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
        model.view.home = Home { state: at, line };
    }
}
