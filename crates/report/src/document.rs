//! A page as HTML. The template escapes whatever is put into it; script, style and data hold nothing of the input
//! that HTML could take for its own.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diff_view::{Row, Tone};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::bundle;
use crate::compare::compare;
use crate::lines::{Lines, letter};
use crate::pack::pack;
use crate::page::{Page, Run};
use crate::steps::{Encoded, Main, encode};
use crate::told::told;

const SCRIPT: &str = include_str!("assets/page.js");
pub(crate) const STYLE: &str = include_str!("assets/page.css");

/// Rows of the main difference that stand there for those who read without a script.
const MOST_ROWS: usize = 400;

#[derive(Template)]
#[template(path = "page.html")]
struct Document<'a> {
    policy: String,
    title: String,
    style: &'static str,
    script: &'static str,
    runs: &'a [Run<'a>],
    command: &'a str,
    notes: &'a [String],
    versions: &'a [(String, String)],
    files: Vec<(&'a str, usize)>,
    stills: Vec<Still<'a>>,
    blocks: Vec<Block>,
    bundle_id: &'static str,
    bundle: String,
}

/// Data for the script.
struct Block {
    id: String,
    text: String,
}

/// The main difference of a run, as it stands there without a script.
struct Still<'a> {
    before: &'a str,
    after: &'a str,
    added: usize,
    removed: usize,
    rows: Vec<Painted<'a>>,
    more: usize,
}

/// A row with a class for what it is.
pub(crate) struct Painted<'a> {
    pub(crate) class: &'static str,
    pub(crate) pieces: Vec<Piece<'a>>,
}

/// A piece of a row with its class.
pub(crate) struct Piece<'a> {
    pub(crate) class: String,
    pub(crate) is_changed: bool,
    pub(crate) text: &'a str,
}

/// Writes a page. The same page gives the same bytes.
pub fn html(page: &Page<'_>) -> String {
    let traces: Vec<_> = page.runs.iter().map(|run| &run.story.trace).collect();
    let mut lines = Lines::of(&traces);
    let encoded: Vec<Encoded> = (0..)
        .zip(&page.runs)
        .map(|(at, run)| encode(run.story, at, &mut lines))
        .collect();
    let compared = match page.runs.as_slice() {
        [one, two] => compare(one.story, two.story, &mut lines),
        _ => None,
    };
    let mut blocks = vec![block("lines".to_owned(), lines.table())];
    blocks.extend(compared.map(|compared| block("compare".to_owned(), &compared)));
    for (at, (run, encoded)) in page.runs.iter().zip(&encoded).enumerate() {
        blocks.push(block(format!("run{at}"), &told(run, encoded)));
        for (number, steps) in encoded.blocks.iter().enumerate() {
            blocks.push(block(format!("run{at}-{number}"), steps));
        }
    }
    let stills = page.runs.iter().zip(&encoded).filter_map(|(run, encoded)| {
        let main = encoded.main.as_ref()?;
        Some(still(run, main))
    });
    let document = Document {
        policy: policy_of(Some(SCRIPT), STYLE),
        title: title(page),
        style: STYLE,
        script: SCRIPT,
        runs: &page.runs,
        command: &page.command,
        notes: &page.notes,
        versions: &page.versions,
        files: page.bundle.listed(),
        stills: stills.collect(),
        blocks,
        bundle_id: bundle::ID,
        bundle: page.bundle.packed(),
    };
    // Writing into memory cannot fail.
    document.render().unwrap_or_default()
}

/// What a page may do: run this script, look like this style, and nothing else.
pub(crate) fn policy_of(script: Option<&str>, style: &str) -> String {
    let hash = |text: &str| {
        format!(
            "'sha256-{}'",
            STANDARD.encode(Sha256::digest(text.as_bytes()))
        )
    };
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        script.map_or_else(|| "'none'".to_owned(), hash),
        hash(style)
    )
}

fn title(page: &Page<'_>) -> String {
    let names: Vec<String> = page
        .runs
        .iter()
        .map(|run| format!("{}, {}", run.function, run.what))
        .collect();
    names.join(" and ")
}

fn block<T: Serialize>(id: String, value: &T) -> Block {
    let json = serde_json::to_vec(value).unwrap_or_default();
    Block {
        id,
        text: pack(&json),
    }
}

/// The main difference, for those who read without a script.
fn still<'a>(run: &'a Run<'_>, main: &'a Main) -> Still<'a> {
    let states = &run.story.states;
    let name = |at: usize| states.get(at).map_or("", |state| state.short.as_str());
    let (added, removed) = main.count;
    Still {
        before: name(main.before),
        after: name(main.after),
        added,
        removed,
        rows: main.rows.iter().take(MOST_ROWS).map(painted).collect(),
        more: main.rows.len().saturating_sub(MOST_ROWS),
    }
}

/// A row, with a class for what it is and for each of its pieces.
pub(crate) fn painted(row: &Row) -> Painted<'_> {
    let class = match row.spans().first().map(|span| span.style.tone) {
        Some(Tone::Added) => "l add",
        Some(Tone::Removed) => "l del",
        Some(Tone::Hunk) => "l fold",
        _ => "l",
    };
    let pieces = row.pieces().map(|(text, span)| Piece {
        class: match (span.style.syntax, span.style.emphasis) {
            (Some(syntax), true) => format!("w t{}", letter(syntax)),
            (Some(syntax), false) => format!("t{}", letter(syntax)),
            (None, _) => String::new(),
        },
        is_changed: span.style.emphasis,
        text,
    });
    Painted {
        class,
        pieces: pieces.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_style_end_where_they_end() {
        for text in [SCRIPT, STYLE] {
            let low = text.to_lowercase();
            assert!(!low.contains("</s") && !low.contains("<!--"));
        }
    }
}
