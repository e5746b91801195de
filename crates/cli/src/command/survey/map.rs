//! The map of a module, as a page.

use std::collections::BTreeMap;

use report::{Group, Map, MapTone, Place};

use super::document::Surveyed;
use super::row::Outcome;
use super::table::spaced;
use crate::output::printable;

/// The map of the module: the wrong ones first, then those of which it is not known.
pub(super) fn map(surveyed: &Surveyed) -> Map {
    let group = |tone, words: &str| Group {
        tone,
        words: words.to_owned(),
        functions: Vec::new(),
    };
    let mut wrong = group(MapTone::Wrong, "wrong");
    let mut doubtful = group(MapTone::Doubtful, "accepted, and not known to be right");
    let mut right = group(MapTone::Right, "right");
    let mut refused: BTreeMap<String, Group> = BTreeMap::new();
    let mut nothing = group(MapTone::Nothing, "with nothing to differentiate");
    for row in &surveyed.rows {
        let (of, words) = match &row.outcome {
            Outcome::Accepted { verdict, .. } => {
                let words = verdict.as_ref().map_or_else(
                    || "not checked".to_owned(),
                    |verdict| verdict.words().to_owned(),
                );
                match verdict {
                    Some(verdict) if verdict.is_wrong() => (&mut wrong, words),
                    Some(verdict) if verdict.is_right() => (&mut right, words),
                    _ => (&mut doubtful, words),
                }
            }
            Outcome::Nothing => (&mut nothing, String::new()),
            Outcome::Refused { reason, message } | Outcome::Ended { reason, message } => {
                let words = format!("refused: {}", spaced(reason));
                let of = refused.entry(words.clone());
                let of = of.or_insert_with(|| group(MapTone::Refused, &words));
                (of, message.clone())
            }
        };
        of.functions.push(Place {
            name: printable(&row.name).into_owned(),
            words: printable(&words).into_owned(),
            page: None,
            rows: Vec::new(),
        });
    }
    let mut refused: Vec<Group> = refused.into_values().collect();
    refused.sort_by_key(|group| std::cmp::Reverse(group.functions.len()));
    let mut groups = vec![wrong, doubtful];
    groups.extend(refused);
    groups.extend([right, nothing]);
    let (title, flag) = match surveyed.mode {
        Some(mode) => (format!("{mode} mode"), format!(" --mode {mode}")),
        None => ("either mode".to_owned(), String::new()),
    };
    let short = printable(&surveyed.file).into_owned();
    Map {
        title: format!("{short}, {title}"),
        command: format!("irad survey {}{flag}", session::shell::quoted(&short)),
        groups,
    }
}
