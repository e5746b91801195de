//! Compares at once what a model asks for: for small runs, and where nobody waits for a key.

use std::sync::Arc;

use diff_view::{Function, Prepared};

use crate::comparison::Comparison;
use crate::effect::Effect;
use crate::key::TextKey;
use crate::model::Model;

/// Compares what these effects ask for, and gives back the others.
pub fn fulfil(model: &mut Model, effects: Vec<Effect>) -> Vec<Effect> {
    let mut left = Vec::new();
    for effect in effects {
        match effect {
            Effect::Compare(before, after) => compare(model, before, after),
            Effect::Measure(run, pairs) => {
                let key = |text| TextKey { run, text };
                for (before, after) in pairs {
                    compare(model, key(before), key(after));
                }
            }
            other => left.push(other),
        }
    }
    left
}

/// Compares all that is missing, until everything fits together; gives back what is asked for beside that.
pub fn ready(model: &mut Model) -> Vec<Effect> {
    let mut left = Vec::new();
    for run in 0..model.runs.len() {
        let effects = model.measure(run);
        left.extend(fulfil(model, effects));
    }
    // One comparison may show that another is wanted, of a pair's other side.
    for _ in 0..8 {
        let effects = model.settle();
        if effects.is_empty() {
            break;
        }
        left.extend(fulfil(model, effects));
    }
    left
}

fn compare(model: &mut Model, before: TextKey, after: TextKey) {
    let prepared = |key: TextKey| {
        let run = model.runs.get(key.run)?;
        let function = Function::parse(&run.story.trace.text(key.text)?);
        Some(Prepared::of(&Arc::new(function)))
    };
    if let (Some(old), Some(new)) = (prepared(before), prepared(after)) {
        model.compared(Comparison::of((before, &old), (after, &new)));
    }
}
