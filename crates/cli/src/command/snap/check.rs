//! `irad snap record` and `irad snap check`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use diff_view::{Highlighter, Paint, Tone};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::changes::{self, Changes};
use super::compute::{self, Computed};
use super::config::Entry;
use super::file::{self, Snapshot};
use super::policy::{Target, Update};
use super::project::Project;
use super::{Which, github, junit};
use crate::exit;
use crate::output::{Canvas, Global, print_json, say, write_stdout};
use crate::report::Failure;
use crate::view::Layout;

/// Computes snapshots and takes them as they are: new ones, and those that are not as they were.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad snap record
  irad snap record loss
  irad snap record model.ll --fn loss --mode reverse --stage prepared,final")]
pub struct RecordArgs {
    #[command(flatten)]
    pub which: Which,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Computes snapshots and compares them with the accepted ones.
///
/// What differs is written beside the old one as .snap.new, to be accepted or rejected; nothing is
/// written where CI is set. INSTA_UPDATE says otherwise as it does to insta: always, unseen, new, no.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad snap check
  irad snap check loss --layout split
  irad snap check --format github --junit snapshots.xml
  irad snap check model.ll --fn loss --mode reverse")]
pub struct CheckArgs {
    #[command(flatten)]
    pub which: Which,
    /// Text for people, JSON, or annotations for a workflow on GitHub.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    pub json: bool,
    /// Write the results down as JUnit does.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// One column, two, or two from 140 columns on.
    #[arg(long, value_enum, default_value_t = Layout::Auto)]
    pub layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// Annotations for a workflow on GitHub.
    Github,
}

impl CheckArgs {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}

/// How an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As it was.
    Same,
    /// Not as it was.
    Changed,
    /// There was no snapshot of it.
    New,
    /// It was not as it was, and is taken as it is.
    Updated,
    /// There was no snapshot of it, and now there is.
    Recorded,
    /// It could not be computed, or its snapshot cannot be read.
    Failed,
}

impl Standing {
    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Same => "same",
            Standing::Changed => "changed",
            Standing::New => "new",
            Standing::Updated => "updated",
            Standing::Recorded => "recorded",
            Standing::Failed => "failed",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Standing::Same => Tone::Muted,
            Standing::Changed | Standing::New => Tone::Warning,
            Standing::Updated | Standing::Recorded => Tone::Added,
            Standing::Failed => Tone::Removed,
        }
    }
}

/// What became of one entry.
pub struct Row<'e> {
    /// The entry.
    pub entry: &'e Entry,
    /// How it stands.
    pub standing: Standing,
    /// The accepted snapshot.
    pub old: Option<Snapshot>,
    /// What it would be now.
    pub new: Option<Snapshot>,
    /// How the two differ.
    pub changes: Option<Changes>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The accepted snapshot's file.
    pub file: PathBuf,
    /// What was written.
    pub wrote: Option<PathBuf>,
    /// How long it took.
    pub taken: Duration,
}

impl Row<'_> {
    /// The exit code that it asks for.
    fn code(&self) -> u8 {
        match (self.standing, &self.failure) {
            (Standing::Failed, Some(failure)) => failure.code,
            (Standing::Changed | Standing::New, _) => exit::DIFFERS,
            _ => exit::DONE,
        }
    }

    /// Which versions moved since the snapshot was accepted, and which instances are other ones.
    pub fn moved(&self) -> Vec<String> {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => {
                let mut moved = changes::moved(old, new);
                moved.extend(changes::instances(old, new));
                moved
            }
            _ => Vec::new(),
        }
    }

    /// What is different, in a sentence.
    pub fn sentence(&self) -> String {
        let name = &self.entry.name;
        match (&self.changes, &self.failure, &self.new) {
            (_, Some(failure), _) => format!("{name}: {}", failure.title),
            (Some(changes), ..) => {
                let moved = self.moved();
                let moved = match moved.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", moved.join(", ")),
                };
                format!("{name} is not as it was: {}{moved}", changes.sums().words())
            }
            (None, None, Some(new)) if self.standing == Standing::New => {
                format!(
                    "{name} has no snapshot yet; it would have {} lines",
                    new.body.lines().count()
                )
            }
            _ => format!("{name} is {}", self.standing.word()),
        }
    }
}

/// Runs `irad snap record`.
pub fn record(args: &RecordArgs, global: &Global) -> Result<u8, Failure> {
    let project = Project::find(&args.which.place)?;
    let entries = project.chosen(&args.which)?;
    let started = Instant::now();
    let computed = compute::all(&entries, args.which.jobs, global);
    let lock = project.folder.lock()?;
    let mut rows = Vec::new();
    for (entry, computed) in entries.iter().zip(computed) {
        rows.push(record_one(entry, computed, &project, args.json, global)?);
    }
    drop(lock);
    let report = Report {
        rows: &rows,
        project: &project,
        taken: started.elapsed(),
    };
    if args.json {
        print_json("snap_record", report.json())?;
    } else {
        let mut canvas = global.canvas(None);
        report.table(global, &mut canvas);
        write_stdout(canvas.finish().as_bytes())?;
        report.failures(global);
    }
    Ok(report.code())
}

fn record_one<'e>(
    entry: &'e Entry,
    computed: Computed,
    project: &Project,
    is_json: bool,
    global: &Global,
) -> Result<Row<'e>, Failure> {
    let mut row = begun(entry, &computed, project, global);
    let mut new = match computed.result {
        Ok(new) => new,
        Err(failure) => return Ok(failed(row, failure)),
    };
    new.line = None;
    match Snapshot::read(&row.file, Some(&new.body)) {
        Ok(old) => row.old = old,
        // It is about to be replaced, which is what was asked for.
        Err(failure) if !is_json => global.warn(&[failure.title]),
        Err(_) => {}
    }
    let existed = row.file.exists();
    row.standing = match &row.old {
        Some(old) if old.body == new.body && changes::instances(old, &new).is_empty() => {
            Standing::Same
        }
        _ if existed => Standing::Updated,
        _ => Standing::Recorded,
    };
    if !row.old.as_ref().is_some_and(|old| old.is_same_as(&new)) {
        new.write(&row.file)?;
        row.wrote = Some(row.file.clone());
    }
    forget(project, &entry.name)?;
    if let Some(old) = &row.old
        && row.standing == Standing::Updated
    {
        row.changes = Some(Changes::between(entry.content, &old.body, &new.body));
    }
    row.new = Some(new);
    Ok(row)
}

/// Runs `irad snap check`.
pub fn check(args: &CheckArgs, global: &Global) -> Result<u8, Failure> {
    let update = Update::from_environment()?;
    let project = Project::find(&args.which.place)?;
    let entries = project.chosen(&args.which)?;
    if let Some(path) = &args.junit {
        crate::files::check(path, &[])?;
    }
    let started = Instant::now();
    let computed = compute::all(&entries, args.which.jobs, global);
    // Whoever writes nothing needs no lock, and may not even be allowed to make the folder.
    let writes = [true, false].map(|is_seen| update.target(is_seen) != Target::Nothing);
    let lock = match writes.contains(&true) {
        true => Some(project.folder.lock()?),
        false => None,
    };
    let mut rows = Vec::new();
    for (entry, computed) in entries.iter().zip(computed) {
        rows.push(check_one(entry, computed, &project, update, global)?);
    }
    drop(lock);
    let report = Report {
        rows: &rows,
        project: &project,
        taken: started.elapsed(),
    };
    if let Some(path) = &args.junit {
        crate::files::write(path, junit::document(&report).as_bytes(), &[])?;
    }
    if args.wants_json() {
        print_json("snap_check", report.json())?;
    } else if args.format == Format::Github {
        write_stdout(github::annotations(&report).as_bytes())?;
    } else {
        let highlighter = global.highlighter()?;
        let mut canvas = global.canvas(highlighter.as_ref());
        report.paint(args.layout, highlighter.as_ref(), global, &mut canvas);
        global.print(&canvas.finish())?;
    }
    if !args.wants_json() {
        report.failures(global);
    }
    Ok(report.code())
}

fn check_one<'e>(
    entry: &'e Entry,
    computed: Computed,
    project: &Project,
    update: Update,
    global: &Global,
) -> Result<Row<'e>, Failure> {
    let mut row = begun(entry, &computed, project, global);
    let new = match computed.result {
        Ok(new) => new,
        Err(failure) => return Ok(failed(row, failure)),
    };
    match Snapshot::read(&row.file, Some(&new.body)) {
        Ok(old) => row.old = old,
        Err(failure) => return Ok(failed(row, failure)),
    }
    let target = update.target(row.old.is_some());
    let waiting = project.folder.waiting(&entry.name);
    let is_same = row
        .old
        .as_ref()
        .is_some_and(|old| old.body == new.body && changes::instances(old, &new).is_empty());
    if is_same {
        if target != Target::Nothing {
            forget(project, &entry.name)?;
        }
        let is_whole = row.old.as_ref().is_some_and(|old| old.is_same_as(&new));
        if update == Update::Force && !is_whole {
            write_accepted(&new, &mut row)?;
            row.standing = Standing::Updated;
        }
        row.new = Some(new);
        return Ok(row);
    }
    row.changes = row
        .old
        .as_ref()
        .map(|old| Changes::between(entry.content, &old.body, &new.body));
    row.standing = match (&row.old, target) {
        (Some(_), Target::InPlace) => Standing::Updated,
        (None, Target::InPlace) => Standing::Recorded,
        (Some(_), _) => Standing::Changed,
        (None, _) => Standing::New,
    };
    match target {
        Target::InPlace => {
            write_accepted(&new, &mut row)?;
            forget(project, &entry.name)?;
        }
        Target::Pending => {
            new.write(&waiting)?;
            row.wrote = Some(waiting);
        }
        Target::Nothing => {}
    }
    row.new = Some(new);
    Ok(row)
}

fn write_accepted(new: &Snapshot, row: &mut Row<'_>) -> Result<(), Failure> {
    let accepted = Snapshot {
        line: None,
        ..new.clone()
    };
    accepted.write(&row.file)?;
    row.wrote = Some(row.file.clone());
    Ok(())
}

/// Removes what an earlier check found.
fn forget(project: &Project, name: &str) -> Result<(), Failure> {
    let waiting = project.folder.waiting(name);
    match std::fs::remove_file(&waiting) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::usage(
            "write",
            format!("cannot remove {}: {error}", file::shown(&waiting)),
        )),
        _ => Ok(()),
    }
}

fn begun<'e>(entry: &'e Entry, computed: &Computed, project: &Project, global: &Global) -> Row<'e> {
    let warnings: Vec<String> = computed
        .warnings
        .iter()
        .map(|warning| format!("{}: {warning}", entry.name))
        .collect();
    global.warn(&warnings);
    Row {
        entry,
        standing: Standing::Same,
        old: None,
        new: None,
        changes: None,
        failure: None,
        file: project.folder.accepted(&entry.name),
        wrote: None,
        taken: computed.taken,
    }
}

fn failed<'e>(mut row: Row<'e>, failure: Failure) -> Row<'e> {
    row.standing = Standing::Failed;
    row.failure = Some(failure);
    row
}

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
    fn code(&self) -> u8 {
        self.rows.iter().map(Row::code).max().unwrap_or(exit::DONE)
    }

    fn count(&self, standing: Standing) -> usize {
        self.rows
            .iter()
            .filter(|row| row.standing == standing)
            .count()
    }

    /// Each difference, and the table.
    fn paint(
        &self,
        layout: Layout,
        highlighter: Option<&Highlighter>,
        global: &Global,
        canvas: &mut Canvas,
    ) {
        let width = global.width().max(40);
        let is_split = match layout {
            Layout::Split => true,
            Layout::Unified => false,
            Layout::Auto => (140..10_000).contains(&width),
        };
        for row in self.rows {
            let Some(changes) = &row.changes else {
                continue;
            };
            heading(row, width, canvas);
            changes.paint(is_split, width, highlighter, canvas);
            canvas.newline();
        }
        self.table(global, canvas);
    }

    /// One line for each entry, and what they come to.
    fn table(&self, global: &Global, canvas: &mut Canvas) {
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
                row.standing.tone().style(),
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
    fn failures(&self, global: &Global) {
        for row in self.rows {
            if let Some(failure) = &row.failure {
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

    fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.entry.name,
                    "file": self.below(&row.file),
                    "result": row.standing.word(),
                    "content": row.entry.content.word(),
                    "expression": compute::expression(row.entry),
                    "counts": row.changes.as_ref().map(|changes| changes.sums().json()),
                    "patch": row.changes.as_ref().map(Changes::patch),
                    "versions": row.moved(),
                    "wrote": row.wrote.as_ref().map(|path| self.below(path)),
                    "info": row.new.as_ref().map(|new| &new.info),
                    "seconds": row.taken.as_secs_f64(),
                    "error": row.failure.as_ref().map(Failure::error),
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
    canvas.text(row.standing.word(), row.standing.tone().style());
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
