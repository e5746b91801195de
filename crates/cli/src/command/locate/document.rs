//! What was found, as a document.

use serde_json::{Value, json};

use super::found::Run;
use super::words;
use crate::heading;

/// The answer.
pub(super) fn document(run: &Run) -> Value {
    let found = &run.found;
    let mut document = serde_json::to_value(found).expect("plain data");
    let place = found.place.as_ref().map(|place| {
        let mut object = serde_json::to_value(place).expect("plain data");
        object["text"] = json!(place.line.map(|line| text(run, line)));
        object["source"] = place.line.map_or(Value::Null, |line| source(run, line));
        object["rules"] = place.rules.iter().map(|&line| primal(run, line)).collect();
        let parts = run.trace.explained.as_ref().map(|found| &found.derivative);
        object["made_by"] = place
            .made_by
            .iter()
            .map(|&line| {
                let at = line as usize - 1;
                let part = parts.and_then(|parts| parts.get(at));
                json!({
                    "line": line,
                    "text": run.derivative.instruction(at),
                    "role": part.map(|part| part.role),
                    "of": part.and_then(|part| part.of),
                })
            })
            .collect();
        object["words"] = json!({
            "place": words::place(place),
            "what": words::what(place.what),
            "origin": words::origin(&place.origin),
        });
        object
    });
    document["place"] = place.unwrap_or(Value::Null);
    let lines = |lines: &mut dyn Iterator<Item = String>| json!(lines.collect::<Vec<_>>());
    document["faults"] = lines(&mut found.faults.iter().map(ToString::to_string));
    document["notes"] = lines(&mut found.notes.iter().map(ToString::to_string));
    document["signature"] = json!(run.trace.signature);
    document["warnings"] = json!(heading::warnings(&run.trace));
    document["limits"] = json!(run.trace.request.limits);
    document
}

fn primal(run: &Run, line: u32) -> Value {
    json!({
        "line": line,
        "text": text(run, line),
        "source": source(run, line),
    })
}

fn text(run: &Run, line: u32) -> String {
    run.primal.instruction(line as usize - 1)
}

fn source(run: &Run, line: u32) -> Value {
    run.source(line).map_or(
        Value::Null,
        |(file, line)| json!({ "file": file, "line": line }),
    )
}
