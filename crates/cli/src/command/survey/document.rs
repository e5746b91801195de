//! A survey, and the document that tells of it.

use std::time::Duration;

use serde_json::{Value, json};
use trace::Mode;

use super::args::Shard;
use super::counts::Counts;
use super::row::{Outcome, Row};

/// What became of a module's functions.
pub(super) struct Surveyed {
    /// The file's name, without its folder.
    pub(super) file: String,
    /// Forward or reverse, if all functions were tried in one mode.
    pub(super) mode: Option<Mode>,
    /// The part of the functions that was tried, if not all were.
    pub(super) shard: Option<Shard>,
    pub(super) taken: Duration,
    pub(super) rows: Vec<Row>,
}

pub(super) fn document(surveyed: &Surveyed) -> Value {
    let rows = &surveyed.rows;
    let counts = Counts::of(rows);
    let functions: Vec<Value> = rows
        .iter()
        .map(|row| {
            let mut value = json!({
                "name": row.name,
                "symbol": row.symbol,
                "rust": row.declaration,
                "mode": row.mode.to_string(),
                "seconds": row.taken.as_secs_f64(),
            });
            match &row.outcome {
                Outcome::Accepted {
                    primal,
                    derivative,
                    verdict,
                    executed,
                } => {
                    value["verdict"] = verdict
                        .as_ref()
                        .map_or(Value::Null, |verdict| verdict.document.clone());
                    value["result"] = json!("accepted");
                    value["primal_instructions"] = json!(primal);
                    value["derivative_instructions"] = json!(derivative);
                    if let Some(executed) = executed {
                        value["executed"] = json!(executed);
                    }
                }
                Outcome::Nothing => value["result"] = json!("nothing_to_differentiate"),
                Outcome::Refused { reason, message } => {
                    value["result"] = json!("refused");
                    value["reason"] = json!(reason);
                    value["message"] = json!(message);
                }
                Outcome::Ended { reason, message } => {
                    value["result"] = json!("ended");
                    value["reason"] = json!(reason);
                    value["message"] = json!(message);
                }
            }
            value
        })
        .collect();
    json!({
        "file": surveyed.file,
        "mode": surveyed.mode.map(|mode| mode.to_string()),
        "shard": surveyed.shard.map(|shard| json!({ "number": shard.number, "of": shard.of })),
        "seconds": surveyed.taken.as_secs_f64(),
        "counts": {
            "accepted": counts.accepted,
            "right": counts.right,
            "wrong": counts.wrong,
            "unchecked": counts.unchecked,
            "refused": counts.refused,
            "ended": counts.ended,
            "nothing_to_differentiate": counts.nothing,
            "reasons": counts.reasons,
        },
        "functions": functions,
    })
}
