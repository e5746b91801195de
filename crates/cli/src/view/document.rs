//! A diff as JSON.

use diff_view::{Diff, Hunk, Pair, PairKind, Tag};
use serde_json::{Value, json};

use super::side::{self, Shown};
use crate::verdict;

/// A diff as JSON.
pub fn document(shown: &Shown<'_>, diff: &Diff, found: &[Hunk]) -> Value {
    let line = |pair: &Pair| {
        let kind = pair.kind;
        let mut line = json!({ "kind": kind });
        if pair.kind != PairKind::Same && pair.tag != Tag::Renaming {
            line["tag"] = json!(pair.tag);
        }
        if let Some(at) = pair.before {
            line["before"] = json!({ "line": at + 1, "text": diff.before.lines[at].text });
            if !pair.words_before().is_empty() {
                line["before"]["words"] = json!(pair.words_before());
            }
        }
        if let Some(at) = pair.after {
            line["after"] = json!({ "line": at + 1, "text": diff.after.lines[at].text });
            if !pair.words_after().is_empty() {
                line["after"]["words"] = json!(pair.words_after());
            }
        }
        line
    };
    let mut document = json!({
        "before": side::json(shown.before),
        "after": side::json(shown.after),
        "counts": diff.counts(),
        "timed_out": diff.timed_out,
        "hunks": found
            .iter()
            .map(|hunk| json!({
                "tag": hunk.tag,
                "lines": diff.pairs[hunk.pairs.clone()].iter().map(line).collect::<Vec<_>>(),
            }))
            .collect::<Vec<_>>(),
    });
    if let Some(trace) = shown.trace {
        document["signature"] = json!(trace.signature);
        document["verdict"] = verdict::json(trace.verdict.as_ref());
        document["remarks"] = json!(trace::in_words(&trace.remarks));
        document["toolchain"] = json!(trace.toolchain);
    }
    document
}
