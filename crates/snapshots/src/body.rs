//! What a snapshot holds of one derivative: its IR, a diff, the steps, or a summary.

use std::collections::BTreeMap;

use diff_view::{Counts, Detail, Paint, PairKind, PlainPaint, Show, TokenKind, hunks, layout};
use ir_text::{joined, normal_form};
use session::history::id_of;
use session::sides::sides_at;
use session::verdict;
use trace::{Point, Trace};

use crate::compare::compare;
use crate::content::Content;
use crate::error::Error;
use crate::names::Names;
use crate::summary;

/// How many lines around a difference a snapshot keeps.
const CONTEXT: usize = 3;

/// The body of a snapshot, and what the names in it leave out. `module` is the text of the module that was differentiated.
pub fn body(
    trace: &Trace,
    module: &[u8],
    content: Content,
    stages: &[Point],
) -> Result<(String, BTreeMap<String, String>), Error> {
    let mut names = Names::new(module);
    names.learn(&trace.definitions);
    let mut out = String::new();
    // What makes a derivative doubtful belongs to it: that it has come or gone is a difference.
    for remark in &trace.remarks {
        if let Some(doubt) = verdict::doubt(remark) {
            let words = nameless(&ir_load::demangle_words(&doubt));
            out.push_str(&format!("; warning: {words}\n"));
        }
    }
    match content {
        Content::Ir => {
            for &stage in stages {
                let functions = at(trace, stage, &mut names)?;
                if stages.len() > 1 {
                    out.push_str(&heading(stage));
                }
                out.extend(functions);
            }
            out.push_str(&names.constants());
        }
        Content::Diff => {
            let [before, after] = match *stages {
                [before, after] => [before, after],
                [after] => [Point::Prepared, after],
                _ => {
                    return Err(Error::Stages {
                        count: stages.len(),
                    });
                }
            };
            let old = at(trace, before, &mut names)?;
            let new = at(trace, after, &mut names)?;
            // Both halves of a split derivative have come out of one primal.
            let old: Vec<&String> = match (old.len(), new.len()) {
                (1, count) => vec![&old[0]; count],
                _ => old.iter().collect(),
            };
            for (old, new) in old.iter().zip(&new) {
                out.push_str(&format!("--- {before}\n+++ {after}\n"));
                out.push_str(&between(old, new));
            }
        }
        Content::Passes => out.push_str(&steps(trace, &mut names)),
        Content::Summary => {
            let mut columns = Vec::new();
            for &stage in stages {
                let functions = at(trace, stage, &mut names)?;
                columns.extend(functions.iter().map(|text| (stage, joined(text))));
            }
            // With the names that Enzyme gave.
            let derivative = sides_at(trace, Point::Derivative, "").unwrap_or_default();
            let derivative: Vec<String> = derivative.into_iter().map(|side| side.text).collect();
            out.push_str(&summary::table(&columns, &derivative));
        }
    }
    Ok((out.trim_end().to_owned(), names.instances().clone()))
}

/// A sentence without the names that LLVM and rustc gave to what it quotes.
fn nameless(words: &str) -> String {
    diff_view::lex(words)
        .iter()
        .map(|token| match token.kind {
            TokenKind::Local => "%_",
            TokenKind::Metadata if token.is_numbered() => "!_",
            _ => token.text,
        })
        .collect()
}

/// What stands above a stage where there are several.
fn heading(stage: Point) -> String {
    format!("; stage: {stage}\n")
}

/// The stage that a line is the heading of.
pub fn is_heading(line: &str) -> bool {
    line.starts_with("; stage: ")
}

/// The function at a stage, or both halves of a split derivative.
fn at(trace: &Trace, stage: Point, names: &mut Names<'_>) -> Result<Vec<String>, Error> {
    let sides = sides_at(trace, stage, "")?;
    Ok(sides
        .iter()
        .map(|side| normal_form(&side.text, names))
        .collect())
}

fn between(old: &str, new: &str) -> String {
    let diff = compare(old, new);
    let found = hunks(&diff, CONTEXT, Show::All, Detail::ALL);
    let mut paint = PlainPaint::default();
    let options = layout::Options {
        // Lines are not wrapped.
        width: 100_000,
        rename: &|_| None,
        show: Show::All,
        detail: Detail::ALL,
        source: None,
    };
    paint.rows(layout::unified(&diff, &found, &options));
    paint.out
}

/// The steps that changed the function's normal form. Times are of the day and are left out.
fn steps(trace: &Trace, names: &mut Names<'_>) -> String {
    let mut out = "    +     - instr  step\n".to_owned();
    let Some((_, input)) = trace.point(Point::Input) else {
        return out;
    };
    let mut before = normal_form(&input, names);
    out.push_str(&format!(
        "            {:>5}  input\n",
        instructions(&before)
    ));
    for step in &trace.steps {
        let Some(text) = step
            .changed
            .first()
            .and_then(|changed| trace.text(changed.text))
        else {
            continue;
        };
        let after = normal_form(&text, names);
        let diff = compare(&before, &after);
        let is_difference = diff
            .pairs
            .iter()
            .any(|pair| !matches!(pair.kind, PairKind::Same | PairKind::Renamed));
        if is_difference {
            let Counts { added, removed, .. } = diff.counts();
            out.push_str(&format!(
                "{:>5} {:>5} {:>5}  {}\n",
                signed('+', added),
                signed('-', removed),
                diff.after.instructions(),
                id_of(step)
            ));
        }
        before = after;
    }
    out
}

fn instructions(text: &str) -> usize {
    diff_view::Function::parse(&joined(text)).instructions()
}

fn signed(sign: char, count: usize) -> String {
    match count {
        0 => "·".to_owned(),
        count => format!("{sign}{count}"),
    }
}
