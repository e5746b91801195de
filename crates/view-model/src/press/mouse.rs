//! What the mouse does.

use crate::code::Entry;
use crate::effect::Effect;
use crate::geometry::geometry;
use crate::lay;
use crate::model::Model;
use crate::press::lines::down;
use crate::press::pairs::pair;
use crate::press::runs::open_function;
use crate::press::steps::{go_to_state, step};
use crate::screen::lists::{functions_top, steps_top};
use crate::timeline::Item;

pub(crate) fn click(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let all = geometry(model);
    if all.steps.holds(column, row) {
        let from = steps_top(model, all.steps.height);
        let at = from + usize::from(row - all.steps.y);
        if let Some(Item::State(state)) = model.items.get(at) {
            let state = *state;
            go_to_state(model, state);
        }
    } else if all.functions.holds(column, row) {
        let from = functions_top(model, all.functions.height);
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

pub(crate) fn wheel(model: &mut Model, column: u16, row: u16, by: i8) {
    let all = geometry(model);
    if all.steps.holds(column, row) {
        step(model, isize::from(by.signum()));
    } else {
        down(model, isize::from(by) * 3);
    }
}
