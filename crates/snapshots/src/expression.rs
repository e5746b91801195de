//! What a snapshot's header says: what was asked, what took part, and the command that shows the same.

use serde_json::{Map, Value, json};
use session::shell::{self, quoted};
use session::slicing::Slicing;
use session::{ad_flags, signature};
use trace::{Point, Trace};

use crate::content::Content;
use crate::entry::{Entry, Input};
use crate::krate;

fn line(trace: &Trace) -> String {
    trace.signature.as_ref().map_or_else(String::new, |found| {
        format!("{} {}", found.mode, signature::line(found))
    })
}

/// A sentence about an entry: its author's, else the request's signature.
pub fn description(entry: &Entry, trace: &Trace) -> String {
    match &entry.description {
        Some(words) => words.clone(),
        None => line(trace),
    }
}

/// What was asked, and what took part: what the header says of a snapshot.
pub fn info(entry: &Entry, trace: &Trace) -> Map<String, Value> {
    let mut info = Map::new();
    let toolchain = &trace.toolchain;
    for (key, value) in [
        ("irad", json!(env!("CARGO_PKG_VERSION"))),
        ("llvm", json!(toolchain.llvm)),
        ("enzyme", json!(toolchain.enzyme)),
        ("rustc", json!(toolchain.producer)),
        ("signature", json!(line(trace))),
        ("content", json!(entry.content.word())),
        ("stage", json!(entry.stages)),
        ("request", request(entry)),
    ] {
        info.insert(key.to_owned(), value);
    }
    if let Some(verdict) = &trace.verdict {
        info.insert("verdict".to_owned(), json!(verdict.word()));
    }
    info
}

fn request(entry: &Entry) -> Value {
    let mut request = match &entry.input {
        Input::File { shown, .. } => json!({ "input": shown }),
        Input::Crate(input) => json!(input),
    };
    request["function"] = json!(entry.function);
    request["mode"] = json!(entry.ad.mode);
    if let Some(module) = entry.module {
        request["module"] = json!(module);
    }
    if entry.slicing != Slicing::WhereItPays {
        request["slice"] = json!(entry.slicing == Slicing::Always);
    }
    for flag in &ad_flags::FLAGS {
        if let Some(value) = flag.json(&entry.ad) {
            request[flag.key] = value;
        }
    }
    request
}

/// The command that shows what a snapshot holds.
pub fn expression(entry: &Entry) -> String {
    let stage = |at: usize| {
        entry
            .stages
            .get(at)
            .map_or_else(String::new, Point::to_string)
    };
    let (command, end) = match (entry.content, entry.stages.len()) {
        (Content::Ir, 1) => ("show", format!(" --at {}", stage(0))),
        (Content::Diff, 1) => ("diff", format!(" --after {}", stage(0))),
        (Content::Diff, 2) => (
            "diff",
            format!(" --before {} --after {}", stage(0), stage(1)),
        ),
        (Content::Passes, _) => ("passes", String::new()),
        _ => {
            let stages: Vec<String> = entry.stages.iter().map(ToString::to_string).collect();
            let mut end = format!(" --content {}", entry.content.word());
            if !stages.is_empty() {
                end.push_str(&format!(" --stage {}", stages.join(",")));
            }
            ("snap check", end)
        }
    };
    let words = match &entry.input {
        Input::File { shown, .. } => format!("irad {command} {}", quoted(shown)),
        Input::Crate(input) if command == "snap check" => {
            format!("irad {command}{}", krate::flags(input))
        }
        Input::Crate(input) => format!("cargo irad {command}{} --", krate::for_cargo(input)),
    };
    let function = format!(" --fn {} --mode {}", quoted(&entry.function), entry.ad.mode);
    words + &function + &flags(entry) + &end
}

fn flags(entry: &Entry) -> String {
    let mut words = Vec::new();
    if let Some(module) = entry.module {
        words.extend(["--module".to_owned(), module.to_string()]);
    }
    words.extend(ad_flags::arguments(&entry.ad));
    match words.is_empty() {
        true => String::new(),
        false => format!(" {}", shell::line(&words)),
    }
}
