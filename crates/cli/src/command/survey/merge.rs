//! Puts the parts of a survey together.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use trace::Mode;

use super::args::Shard;
use super::document::Surveyed;
use super::row::{Judged, Outcome, Row};
use crate::failure::Failure;

/// The survey whose parts these documents are. All parts have to be there, and each once.
pub(super) fn merge(paths: &[PathBuf]) -> Result<Surveyed, Failure> {
    let mut parts: Vec<(&Path, Surveyed)> = Vec::new();
    for path in paths {
        parts.push((path, read(path)?));
    }
    let (first, one) = &parts[0];
    let shard = |part: &Surveyed| part.shard.unwrap_or(Shard { number: 1, of: 1 });
    let of = shard(one).of;
    for (path, part) in &parts {
        if (&part.file, &part.mode, shard(part).of) != (&one.file, &one.mode, of) {
            let words = format!(
                "{} is a part of another survey than {}",
                path.display(),
                first.display()
            );
            return Err(Failure::usage("merge", words)
                .help("parts are of one file, in one mode, and of as many parts"));
        }
    }
    parts.sort_by_key(|(_, part)| shard(part).number);
    for number in 1..=of {
        let count = parts
            .iter()
            .filter(|(_, part)| shard(part).number == number)
            .count();
        if count != 1 {
            let words = match count {
                0 => format!("part {number}/{of} is missing"),
                _ => format!("part {number}/{of} is there {count} times"),
            };
            return Err(Failure::usage("merge", words).help(format!(
                "irad survey FILE --shard {number}/{of} --json writes it"
            )));
        }
    }
    let taken = parts.iter().map(|(_, part)| part.taken).sum();
    let (file, mode) = (one_of(&parts).file.clone(), one_of(&parts).mode);
    Ok(Surveyed {
        file,
        mode,
        shard: None,
        taken,
        rows: parts.into_iter().flat_map(|(_, part)| part.rows).collect(),
    })
}

fn one_of<'a>(parts: &'a [(&Path, Surveyed)]) -> &'a Surveyed {
    &parts[0].1
}

fn read(path: &Path) -> Result<Surveyed, Failure> {
    let wrong = |what: &str| {
        Failure::usage("merge", format!("{}: {what}", path.display()))
            .help("irad survey FILE --shard I/N --json writes the parts")
    };
    let text = fs::read(path).map_err(|error| wrong(&error.to_string()))?;
    let document: Value =
        serde_json::from_slice(&text).map_err(|error| wrong(&error.to_string()))?;
    if document["schema"] != "survey/1" {
        return Err(wrong("is no document of irad survey"));
    }
    surveyed(&document).ok_or_else(|| wrong("lacks what a document of irad survey has"))
}

fn surveyed(document: &Value) -> Option<Surveyed> {
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    let shard = &document["shard"];
    let mode: Option<Mode> = serde_json::from_value(document["mode"].clone()).ok()?;
    let rows = document["functions"].as_array()?.iter();
    let rows = rows.map(|value| row(value, mode));
    Some(Surveyed {
        file: document["file"].as_str()?.to_owned(),
        mode,
        shard: match shard.is_object() {
            true => Some(Shard {
                number: number(&shard["number"])?,
                of: number(&shard["of"])?,
            }),
            false => None,
        },
        taken: seconds(&document["seconds"])?,
        rows: rows.collect::<Option<_>>()?,
    })
}

fn row(value: &Value, mode: Option<Mode>) -> Option<Row> {
    let text = |key: &str| Some(value[key].as_str()?.to_owned());
    let size = |key: &str| usize::try_from(value[key].as_u64()?).ok();
    let outcome = match value["result"].as_str()? {
        "accepted" => Outcome::Accepted {
            primal: size("primal_instructions")?,
            derivative: size("derivative_instructions")?,
            verdict: (!value["verdict"].is_null()).then(|| Judged {
                document: value["verdict"].clone(),
            }),
            executed: serde_json::from_value(value["executed"].clone()).ok(),
        },
        "nothing_to_differentiate" => Outcome::Nothing,
        "refused" => Outcome::Refused {
            reason: text("reason")?,
            message: text("message")?,
        },
        "ended" => Outcome::Ended {
            reason: text("reason")?,
            message: text("message")?,
        },
        _ => return None,
    };
    Some(Row {
        name: text("name")?,
        symbol: text("symbol")?,
        declaration: text("rust"),
        mode: serde_json::from_value(value["mode"].clone())
            .ok()
            .or(mode)?,
        outcome,
        taken: seconds(&value["seconds"])?,
    })
}

fn seconds(value: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(value.as_f64()?).ok()
}
