//! What an older trace says, as this version says it.

use serde_json::{Value, json};

use crate::remark::CHECKED;

/// Turns the words of version 1 into kinds that carry them.
pub(crate) fn from_version_1(trace: &mut Value) {
    for remark in list(trace, "/remarks") {
        let message = remark["message"].as_str().unwrap_or_default().to_owned();
        let (text, checked) = match message.strip_suffix(CHECKED) {
            Some(text) => (text.to_owned(), true),
            None => (message, false),
        };
        remark["kind"] = said(&text);
        remark["checked"] = json!(checked);
    }
    for step in list(trace, "/steps") {
        for note in list(step, "/notes") {
            *note = words(note);
        }
    }
    for instruction in list(trace, "/explained/primal") {
        for because in list(instruction, "/because") {
            *because = said(because.as_str().unwrap_or_default());
        }
    }
    if let Some(message) = trace.pointer_mut("/failure/message") {
        *message = words(message);
    }
    for of in ["/failure/notes", "/failure/help"] {
        for line in list(trace, of) {
            *line = words(line);
        }
    }
}

fn said(text: &str) -> Value {
    json!({ "said": { "text": text } })
}

fn words(text: &Value) -> Value {
    json!({ "said": text })
}

/// The list at a path; empty where there is none.
fn list<'v>(value: &'v mut Value, path: &str) -> &'v mut [Value] {
    match value.pointer_mut(path) {
        Some(Value::Array(list)) => list,
        _ => &mut [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::{Diagnosis, Kind};
    use crate::explained::Explained;
    use crate::help::Help;
    use crate::note::Note;
    use crate::problem::Problem;
    use crate::remark::Remark;

    #[test]
    fn words_of_version_1_become_kinds() {
        let mut trace = json!({
            "irad_trace": 1,
            "remarks": [
                { "stage": "enzyme", "severity": "note", "message": "guessed: x; irad check has passed on this request" }
            ],
            "explained": {
                "parameters": [],
                "primal": [{
                    "type": "", "active": true, "propagates": true, "cached": true, "recomputed": false,
                    "used": false, "because": ["Caching instruction"],
                }],
                "derivative": [],
                "final": [],
            },
            "failure": {
                "kind": "no_type", "message": "Cannot deduce type", "place": null, "instruction": null,
                "notes": ["a note"], "help": ["a help"],
            },
        });
        from_version_1(&mut trace);
        let remark: Remark = serde_json::from_value(trace["remarks"][0].clone()).unwrap();
        assert!(remark.checked);
        assert_eq!(
            remark.message(),
            "guessed: x; irad check has passed on this request"
        );
        let explained: Explained = serde_json::from_value(trace["explained"].clone()).unwrap();
        assert_eq!(
            explained.primal[0].because[0].to_string(),
            "Caching instruction"
        );
        let failure: Diagnosis = serde_json::from_value(trace["failure"].clone()).unwrap();
        assert_eq!(failure.kind, Kind::NoType);
        assert_eq!(
            failure.message,
            Problem::Said("Cannot deduce type".to_owned())
        );
        assert_eq!(failure.notes, [Note::Said("a note".to_owned())]);
        assert_eq!(failure.help, [Help::Said("a help".to_owned())]);
    }

    #[test]
    fn what_is_not_there_stays_away() {
        let mut trace = json!({ "irad_trace": 1, "remarks": [], "failure": null });
        from_version_1(&mut trace);
        assert!(trace["failure"].is_null());
    }
}
