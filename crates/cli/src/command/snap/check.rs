//! `irad snap record` and `irad snap check`.

use std::path::PathBuf;
use std::time::Instant;

use clap::ValueEnum;
use session::files;
use snapshots::compute;
use snapshots::entry::Entry;
use snapshots::policy::{Target, Update};
use snapshots::update::{self, Row};

use super::args::Which;
use super::progress::Bar;
use super::report::Report;
use super::{github, junit, pages};
use crate::args::checking::CheckingArgs;
use crate::failure::Failure;
use crate::output::{Global, print_json, write_file, write_stdout};
use crate::view::Layout;

/// Computes snapshots and takes them as they are: new ones, and those that have changed.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad snap record
  irad snap record loss
  irad snap record model.ll --fn loss --mode reverse --stage prepared,final")]
pub struct RecordArgs {
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub checking: CheckingArgs,
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
  irad snap check --report pages
  irad snap check model.ll --fn loss --mode reverse")]
pub struct CheckArgs {
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub checking: CheckingArgs,
    /// Text for people, JSON, or annotations for a workflow on GitHub.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    pub json: bool,
    /// Write the results down as JUnit does.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a page for each entry that differs, and an index of all, into this folder.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
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

/// Runs `irad snap record`.
pub fn record(args: &RecordArgs, global: &Global) -> Result<u8, Failure> {
    let project = args.which.place.project()?;
    let entries = args.which.entries(&project)?;
    let started = Instant::now();
    let computed = computed(&entries, &args.which, &args.checking, global)?;
    let lock = project.folder.lock()?;
    let mut rows = Vec::new();
    for (entry, computed) in entries.iter().zip(computed) {
        let row = update::record(entry, computed, &project)?;
        warn(&row, global);
        if let Some(error) = row.unreadable.as_ref().filter(|_| !args.json) {
            global.warn(&[error.to_string()]);
        }
        rows.push(row);
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

/// Runs `irad snap check`.
pub fn check(args: &CheckArgs, global: &Global) -> Result<u8, Failure> {
    let update = Update::from_environment()?;
    let project = args.which.place.project()?;
    let entries = args.which.entries(&project)?;
    if let Some(path) = &args.junit {
        files::check(path, &[])?;
    }
    let started = Instant::now();
    let computed = computed(&entries, &args.which, &args.checking, global)?;
    // Whoever writes nothing needs no lock, and may not even be allowed to make the folder.
    let writes = [true, false].map(|is_seen| update.target(is_seen) != Target::Nothing);
    let lock = match writes.contains(&true) {
        true => Some(project.folder.lock()?),
        false => None,
    };
    let mut rows = Vec::new();
    for (entry, computed) in entries.iter().zip(computed) {
        let row = update::check(entry, computed, &project, update)?;
        warn(&row, global);
        rows.push(row);
    }
    drop(lock);
    let report = Report {
        rows: &rows,
        project: &project,
        taken: started.elapsed(),
    };
    if let Some(path) = &args.junit {
        write_file(path, junit::document(&report).as_bytes(), &[])?;
    }
    if let Some(folder) = &args.report {
        pages::write(&rows, folder)?;
    }
    if args.wants_json() {
        print_json("snap_check", report.json())?;
    } else if args.format == Format::Github {
        write_stdout(github::annotations(&report).as_bytes())?;
    } else {
        let theme = global.theme()?;
        let mut canvas = global.canvas(theme.as_ref());
        report.paint(args.layout, global, &mut canvas);
        global.print(&canvas.finish())?;
    }
    if !args.wants_json() {
        report.failures(global);
    }
    Ok(report.code())
}

/// What each entry's snapshot would hold now.
fn computed(
    entries: &[Entry],
    which: &Which,
    checking: &CheckingArgs,
    global: &Global,
) -> Result<Vec<compute::Computed>, Failure> {
    let bar = Bar::of(entries.len());
    let checking = checking.checking()?;
    let limits = global.limits();
    let computed = compute::all(entries, which.jobs, limits, checking.as_ref(), &bar);
    bar.clear();
    Ok(computed)
}

/// Says what is odd about an entry's input.
fn warn(row: &Row<'_>, global: &Global) {
    let name = &row.entry.name;
    let warnings = row.warnings.iter();
    let warnings: Vec<String> = warnings.map(|words| format!("{name}: {words}")).collect();
    global.warn(&warnings);
    if let Some(verdict) = row.verdict.as_ref().filter(|verdict| verdict.is_wrong()) {
        global.warn(&[format!("{name}: the derivative is {verdict}")]);
    }
}
