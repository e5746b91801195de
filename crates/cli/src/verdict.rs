//! A verdict in a JSON document.

use serde_json::{Value, json};
use trace::Verdict;

/// Its data, and the words that people are shown; null where nothing was to be checked.
pub fn json(verdict: Option<&Verdict>) -> Value {
    let Some(verdict) = verdict else {
        return Value::Null;
    };
    let mut document = json!({
        "is": verdict.word(),
        "words": ir_load::demangle_words(&verdict.to_string()),
    });
    match verdict {
        Verdict::Right {
            points,
            derivatives,
            blocks,
            uncompared,
        } => {
            document["points"] = json!(points);
            document["derivatives"] = json!(derivatives);
            document["blocks"] = json!(blocks);
            if let Some(uncompared) = uncompared {
                document["uncompared"] = json!(uncompared);
            }
        }
        Verdict::Wrong {
            at,
            faults,
            derivatives,
            points,
            remedies,
            known,
            locate,
        } => {
            document["known_fault"] = json!(known);
            document["locate"] = json!(locate);
            document["remedies"] = remedies
                .iter()
                .map(|remedy| {
                    json!({
                        "flags": remedy.flags.flags,
                        "without": remedy.flags.without,
                        "why": remedy.flags.why.to_string(),
                        "size": remedy.size,
                    })
                })
                .collect();
            document["points"] = json!(points);
            document["derivatives"] = json!(derivatives);
            document["at"] = json!(at);
            document["faults"] = faults.iter().map(ToString::to_string).collect();
        }
        Verdict::Undecided { why, points } => {
            document["points"] = json!(points);
            document["why"] = json!(why);
        }
        Verdict::NotChecked { .. } => {}
    }
    document
}
