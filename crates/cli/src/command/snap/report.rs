//! What became of snapshots, for people and for programs.

use std::time::Duration;

use diff_view::{Paint, Tone, layout};
use serde_json::{Value, json};
use snapshots::changes::Changes;
use snapshots::expression::expression;
use snapshots::file;
use snapshots::project::Project;
use snapshots::update::{Row, Standing};
use unicode_width::UnicodeWidthStr;

use super::paint::paint;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Canvas, Global, say};
use crate::verdict;
use crate::view::Layout;

/// What became of all of them.
pub struct Report<'r> {
    /// One for each entry.
    pub rows: &'r [Row<'r>],
    /// Their project.
    pub project: &'r Project,
    /// How long it took.
    pub taken: Duration,
}

impl Report<'_> {
    /// The exit code: the weightiest of all.
    pub fn code(&self) -> u8 {
        self.rows.iter().map(code).max().unwrap_or(exit::DONE)
    }

    fn count(&self, standing: Standing) -> usize {
        self.rows
            .iter()
            .filter(|row| row.standing == standing)
            .count()
    }

    /// Each difference, and the table.
    pub fn paint(&self, layout: Layout, global: &Global, canvas: &mut Canvas) {
        let width = global.width().max(40);
        let is_split = match layout {
            Layout::Split => true,
            Layout::Unified => false,
            Layout::Auto => layout::has_room_for_two(width),
        };
        for row in self.rows {
            let Some(changes) = &row.changes else {
                continue;
            };
            heading(row, width, canvas);
            paint(changes, is_split, width, canvas);
            canvas.newline();
        }
        self.table(global, canvas);
    }

    /// One line for each entry, and what they come to.
    pub fn table(&self, global: &Global, canvas: &mut Canvas) {
        let width = global.width().max(40);
        let names = self.rows.iter().map(|row| row.entry.name.width());
        // Numbers stand behind the names where there is room for both.
        let column = names
            .max()
            .unwrap_or(0)
            .clamp(8, width.saturating_sub(38).max(8));
        let numbers = match self.rows.iter().any(|row| row.changes.is_some()) {
            true => "     +     -  instructions",
            false => "",
        };
        canvas.line(
            &format!("{:column$}  {:9}{numbers}", "snapshot", "result"),
            Tone::Title.style(),
        );
        for row in self.rows {
            let name = &row.entry.name;
            canvas.text(name, Tone::Plain.style());
            if name.width() > column {
                canvas.newline();
                canvas.text(&" ".repeat(column), Tone::Plain.style());
            } else {
                canvas.text(&" ".repeat(column - name.width()), Tone::Plain.style());
            }
            canvas.text(
                &format!("  {:9}", row.standing.word()),
                tone(row.standing).style(),
            );
            let Some(changes) = &row.changes else {
                canvas.newline();
                continue;
            };
            let sums = changes.sums();
            canvas.text(
                &format!(" {:>5}", format!("+{}", sums.added)),
                Tone::Added.style(),
            );
            canvas.text(
                &format!(" {:>5}", format!("-{}", sums.removed)),
                Tone::Removed.style(),
            );
            let instructions = match sums.instructions {
                Some((before, after)) if before != after => format!("{before} → {after}"),
                Some((before, _)) => before.to_string(),
                None => String::new(),
            };
            canvas.line(&format!("  {instructions}"), Tone::Plain.style());
        }
        let counts: Vec<String> = [
            Standing::Same,
            Standing::Changed,
            Standing::New,
            Standing::Updated,
            Standing::Recorded,
            Standing::Failed,
        ]
        .iter()
        .filter(|standing| self.count(**standing) > 0)
        .map(|standing| format!("{} {}", self.count(*standing), standing.word()))
        .collect();
        let sum = format!(
            "{}; in {:.1} s",
            counts.join(", "),
            self.taken.as_secs_f64()
        );
        canvas.paragraph(&sum, 0, width, Tone::Title.style());
        let waits = self.rows.iter().any(|row| {
            row.wrote
                .as_ref()
                .is_some_and(|path| path.extension().is_some_and(|end| end == "new"))
        });
        let next = if waits {
            "irad snap review shows them one by one; irad snap accept NAME (or --all) takes them"
        } else if self.count(Standing::Changed) + self.count(Standing::New) > 0 {
            "nothing was written; irad snap check, where CI and INSTA_UPDATE=no are not set, lets you accept it"
        } else {
            return;
        };
        canvas.paragraph(next, 0, width, Tone::Muted.style());
    }

    /// Why entries failed, on standard error.
    pub fn failures(&self, global: &Global) {
        for row in self.rows {
            if let Some(failure) = failure(row) {
                let mut canvas = global.stderr_canvas();
                canvas.line(
                    &format!("snapshot {}:", row.entry.name),
                    Tone::Title.style(),
                );
                say(&canvas.finish());
                failure.print(global, false);
            }
        }
    }

    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.entry.name,
                    "file": self.below(&row.file),
                    "result": row.standing.word(),
                    "content": row.entry.content.word(),
                    "expression": expression(row.entry),
                    "counts": row.changes.as_ref().map(|changes| changes.sums().json()),
                    "patch": row.changes.as_ref().map(Changes::patch),
                    "versions": row.moved(),
                    "wrote": row.wrote.as_ref().map(|path| self.below(path)),
                    "verdict": verdict::json(row.verdict.as_ref()),
                    "info": row.new.as_ref().map(|new| &new.info),
                    "seconds": row.taken.as_secs_f64(),
                    "error": failure(row).as_ref().map(Failure::error),
                })
            })
            .collect();
        let count = |standing| self.count(standing);
        json!({
            "seconds": self.taken.as_secs_f64(),
            "counts": {
                "same": count(Standing::Same),
                "changed": count(Standing::Changed),
                "new": count(Standing::New),
                "updated": count(Standing::Updated),
                "recorded": count(Standing::Recorded),
                "failed": count(Standing::Failed),
            },
            "snapshots": rows,
        })
    }

    /// A path from the root.
    fn below(&self, path: &std::path::Path) -> String {
        path.strip_prefix(&self.project.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// What stands above a difference: which snapshot, of what, and what has moved.
fn heading(row: &Row<'_>, width: usize, canvas: &mut Canvas) {
    canvas.text(row.standing.word(), tone(row.standing).style());
    canvas.line(&format!(" {}", row.entry.name), Tone::Title.style());
    if let Some(new) = &row.new {
        canvas.paragraph(&new.description, 0, width, Tone::Plain.style());
    }
    for moved in row.moved() {
        canvas.paragraph(&moved, 0, width, Tone::Warning.style());
    }
    let file = file::shown(&row.file);
    canvas.paragraph(&format!("--- {file}"), 0, width, Tone::Removed.style());
    canvas.paragraph("+++ as it is now", 0, width, Tone::Added.style());
    if let Some(changes) = &row.changes {
        let words = changes.sums().words();
        canvas.paragraph(&words, 0, width, Tone::Muted.style());
    }
}

/// The exit code that a row asks for.
fn code(row: &Row<'_>) -> u8 {
    match (row.standing, failure(row)) {
        (Standing::Failed, Some(failure)) => failure.code,
        (Standing::Changed | Standing::New, _) => exit::DIFFERS,
        _ => exit::DONE,
    }
}

/// Why a row failed.
fn failure(row: &Row<'_>) -> Option<Failure> {
    row.error.as_ref().map(Failure::from)
}

/// What is different, in a sentence.
pub fn sentence(row: &Row<'_>) -> String {
    let name = &row.entry.name;
    match (&row.changes, failure(row), &row.new) {
        (_, Some(failure), _) => format!("{name}: {}", failure.title),
        (Some(changes), ..) => {
            let moved = row.moved();
            let moved = match moved.is_empty() {
                true => String::new(),
                false => format!(" ({})", moved.join(", ")),
            };
            format!("{name} has changed: {}{moved}", changes.sums().words())
        }
        (None, None, Some(new)) if row.standing == Standing::New => {
            format!(
                "{name} has no snapshot yet; it would have {} lines",
                new.body.lines().count()
            )
        }
        _ => format!("{name} is {}", row.standing.word()),
    }
}

fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Same => Tone::Muted,
        Standing::Changed | Standing::New => Tone::Warning,
        Standing::Updated | Standing::Recorded => Tone::Added,
        Standing::Failed => Tone::Removed,
    }
}
