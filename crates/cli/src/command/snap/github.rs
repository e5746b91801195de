//! Annotations that a workflow on GitHub shows beside the files that they are about.

use std::env;
use std::path::{Path, PathBuf};

use snapshots::update::{Row, Standing};

use super::report::{Report, sentence};
use crate::failure::Failure;

/// How many lines of a difference an annotation holds.
const MOST: usize = 40;

/// One annotation for each entry that has changed, and a last one that sums up.
pub fn annotations(report: &Report<'_>) -> String {
    let mut out = String::new();
    for row in report.rows {
        match row.standing {
            Standing::Same => {}
            Standing::Updated | Standing::Recorded => out.push_str(&command(
                "notice",
                &[("title", "snapshot".to_owned())],
                &sentence(row),
            )),
            Standing::Changed | Standing::New | Standing::Failed => {
                out.push_str(&error(row, report))
            }
        }
    }
    let bad = report
        .rows
        .iter()
        .filter(|row| {
            matches!(
                row.standing,
                Standing::Changed | Standing::New | Standing::Failed
            )
        })
        .count();
    let sum = match bad {
        0 => format!("{} snapshots are unchanged", report.rows.len()),
        bad => format!("{bad} of {} snapshots differ", report.rows.len()),
    };
    out + &command("notice", &[("title", "irad snap check".to_owned())], &sum)
}

fn error(row: &Row<'_>, report: &Report<'_>) -> String {
    let mut place = place(row, report);
    place.push((
        "title",
        format!("snapshot {}: {}", row.entry.name, row.standing.word()),
    ));
    let mut words = sentence(row);
    if let Some(failure) = row.error.as_ref().map(Failure::from) {
        for line in failure.details_in_lines() {
            words.push_str(&format!("\n{line}"));
        }
    }
    if let Some(changes) = &row.changes {
        let patch = changes.patch();
        let count = patch.lines().count();
        for line in patch.lines().take(MOST) {
            words.push_str(&format!("\n{line}"));
        }
        if count > MOST {
            words.push_str(&format!("\n… and {} more lines", count - MOST));
        }
    }
    command("error", &place, &words)
}

/// The file and line that it is about: the snapshot's first line that has changed; else the
/// place of the error; else the entry.
fn place(row: &Row<'_>, report: &Report<'_>) -> Vec<(&'static str, String)> {
    let at = |file: &Path, line: usize| {
        vec![
            ("file", in_checkout(file)),
            ("line", line.max(1).to_string()),
        ]
    };
    if let (Some(old), Some(changes)) = (&row.old, &row.changes) {
        return at(&row.file, old.header + changes.first() + 1);
    }
    if let Some(place) = row
        .error
        .as_ref()
        .and_then(|error| Failure::from(error).place)
        && place.line > 0
        && Path::new(&place.origin).is_file()
    {
        return at(Path::new(&place.origin), place.line);
    }
    let (source, line) = &row.entry.source;
    at(&report.project.root.join(source), line.unwrap_or(1))
}

/// A path as GitHub wants it: from the top of the checkout.
fn in_checkout(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let top = env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let here = env::current_dir().ok();
    let below = [top, here]
        .into_iter()
        .flatten()
        .find_map(|top| path.strip_prefix(top).ok().map(Path::to_owned));
    below.unwrap_or(path).display().to_string()
}

/// `::error file=…,line=…::words`, on one line.
fn command(name: &str, properties: &[(&str, String)], words: &str) -> String {
    let data = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let properties: Vec<String> = properties
        .iter()
        .map(|(key, value)| {
            let value = data(value).replace(':', "%3A").replace(',', "%2C");
            format!("{key}={value}")
        })
        .collect();
    format!("::{name} {}::{}\n", properties.join(","), data(words))
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn an_annotation_stays_on_its_line() {
        assert_eq!(
            command("error", &[("file", "a,b:c".to_owned())], "50% of\n%x"),
            "::error file=a%2Cb%3Ac::50%25 of%0A%25x\n"
        );
    }
}
