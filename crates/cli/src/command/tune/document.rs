//! What was tried, as a document.

use serde_json::{Value, json};
use session::tune::change::Promise;
use session::tune::trial::{Trial, best};

use super::found::Run;
use super::paint::{command, entry, over_primal};
use crate::verdict;

/// The answer.
pub(super) fn document(run: &Run) -> Value {
    let place = |wanted: Option<&Trial>| {
        let wanted = wanted?;
        run.trials
            .iter()
            .position(|trial| trial.changes == wanted.changes)
    };
    json!({
        "signature": run.signature.as_ref().map(session::signature::line),
        "trials": run.trials.iter().map(|trial| one(run, trial)).collect::<Vec<_>>(),
        "best_safe": place(best(&run.trials, true)),
        "best": place(best(&run.trials, false)),
    })
}

fn one(run: &Run, trial: &Trial) -> Value {
    json!({
        "flags": trial.flags(),
        "changes": trial.changes.iter().map(|change| json!({
            "flags": change.words(),
            "does": change.does,
            "promise": change.promise.as_ref().map(Promise::words),
            "instead": change.instead,
        })).collect::<Vec<_>>(),
        "command": command(run, trial),
        "entry": entry(run, trial).join("\n"),
        "verdict": verdict::json(Some(&trial.verdict)),
        "cost": trial.cost.map(|cost| cost.total),
        "not_counted": trial.not_counted,
        "tape": trial.cost.and_then(|cost| cost.tape),
        "time_over_primal": trial.times.as_ref().map(over_primal),
    })
}
