//! `irad snap accept`, `reject`, `list` and `prune`: what needs no engine.

use diff_view::{Paint, Tone};
use serde_json::{Value, json};
use snapshots::error::Error;
use snapshots::expression::expression;
use snapshots::file::{self, Snapshot};
use snapshots::project::Project;
use unicode_width::UnicodeWidthStr;

use super::args::Where;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, print_json};

/// Which of the snapshots that wait.
#[derive(clap::Args)]
pub struct Args {
    /// Names of snapshots.
    #[arg(
        value_name = "NAME",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub names: Vec<String>,
    /// Every one that waits.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub place: Where,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Lists every entry with its snapshot.
#[derive(clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub place: Where,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Finds snapshots that no entry of irad.toml owns, and exits with 1 if one is left.
#[derive(clap::Args)]
pub struct PruneArgs {
    /// Delete them.
    #[arg(long)]
    pub delete: bool,
    #[command(flatten)]
    pub place: Where,
    /// One JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Takes what waits for the new snapshot.
pub fn accept(args: &Args, global: &Global) -> Result<u8, Failure> {
    act(
        args,
        "accepted",
        global,
        &|project, name| match Snapshot::read(&project.folder.waiting(name), None)? {
            Some(new) => project.take(name, new),
            None => Err(Error::Gone {
                name: name.to_owned(),
            }),
        },
    )
}

/// Throws away what waits.
pub fn reject(args: &Args, global: &Global) -> Result<u8, Failure> {
    act(args, "rejected", global, &Project::discard)
}

fn act(
    args: &Args,
    word: &str,
    global: &Global,
    action: &dyn Fn(&Project, &str) -> Result<(), Error>,
) -> Result<u8, Failure> {
    let project = args.place.project()?;
    let waiting = project.waiting();
    let names = match args.all {
        true => waiting,
        false => {
            let is_missing = |name: &&String| !project.folder.waiting(name).is_file();
            if let Some(name) = args.names.iter().find(is_missing) {
                return Err(Failure::from(Error::NotWaiting {
                    name: name.clone(),
                    waiting,
                }));
            }
            args.names.clone()
        }
    };
    let lock = match names.is_empty() {
        true => None,
        false => Some(project.folder.lock()?),
    };
    for name in &names {
        action(&project, name)?;
    }
    drop(lock);
    if args.json {
        print_json(&format!("snap_{word}"), json!({ "snapshots": names }))?;
        return Ok(exit::DONE);
    }
    let mut canvas = global.canvas(None);
    for name in &names {
        canvas.text(word, Tone::Added.style());
        canvas.line(&format!(" {name}"), Tone::Plain.style());
    }
    if names.is_empty() {
        canvas.line("no snapshot waits", Tone::Muted.style());
    }
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
}

/// Runs `irad snap list`.
pub fn list(args: &ListArgs, global: &Global) -> Result<u8, Failure> {
    let project = args.place.project()?;
    let mut rows: Vec<(String, String, &str, Option<Failure>)> = Vec::new();
    let mut documents = Vec::new();
    for entry in project.entries() {
        let path = project.folder.accepted(&entry.name);
        let waits = project.folder.waiting(&entry.name).is_file();
        let (standing, found, failure) = match Snapshot::read(&path, None) {
            Ok(Some(found)) if waits => ("waits", Some(found), None),
            Ok(Some(found)) => ("accepted", Some(found), None),
            Ok(None) if waits => ("waits", None, None),
            Ok(None) => ("missing", None, None),
            Err(error) => ("broken", None, Some(Failure::from(error))),
        };
        documents.push(json!({
            "name": entry.name,
            "file": file::shown(&path),
            "standing": standing,
            "content": entry.content.word(),
            "expression": expression(entry),
            "info": found.as_ref().map_or(Value::Null, |found| json!(found.info)),
            "error": failure.as_ref().map(Failure::error),
        }));
        rows.push((entry.name.clone(), expression(entry), standing, failure));
    }
    let unowned = project.unowned();
    let code = match rows.iter().any(|(.., failure)| failure.is_some()) {
        true => exit::USAGE,
        false => exit::DONE,
    };
    if args.json {
        let unowned: Vec<String> = unowned.iter().map(|path| file::shown(path)).collect();
        print_json(
            "snap_list",
            json!({ "snapshots": documents, "unowned": unowned }),
        )?;
        return Ok(code);
    }
    let width = global.width().max(40);
    let mut canvas = global.canvas(None);
    let names = rows.iter().map(|(name, ..)| name.width());
    let column = names.max().unwrap_or(0).clamp(8, width / 2);
    if !rows.is_empty() {
        let head = format!("{:column$}  {:8}  shown by", "snapshot", "");
        canvas.line(&head, Tone::Title.style());
    }
    for (name, expression, standing, failure) in &rows {
        let tone = match *standing {
            "accepted" => Tone::Added,
            "broken" => Tone::Removed,
            _ => Tone::Warning,
        };
        let gap = " ".repeat(column.saturating_sub(name.width()));
        canvas.text(&format!("{name}{gap}"), Tone::Plain.style());
        canvas.text(&format!("  {standing:8}  "), tone.style());
        let used = column.max(name.width()) + 12;
        canvas.paragraph(expression, used, width, Tone::Muted.style());
        if let Some(failure) = failure {
            canvas.paragraph(
                &format!("  {}", failure.title),
                0,
                width,
                Tone::Removed.style(),
            );
        }
    }
    for path in &unowned {
        let words = format!("{} belongs to no entry", file::shown(path));
        canvas.paragraph(&words, 0, width, Tone::Warning.style());
    }
    if rows.is_empty() && unowned.is_empty() {
        canvas.line("no snapshot", Tone::Muted.style());
    }
    global.print(&canvas.finish())?;
    Ok(code)
}

/// Runs `irad snap prune`.
pub fn prune(args: &PruneArgs, global: &Global) -> Result<u8, Failure> {
    let project = args.place.project()?;
    if project.config.is_none() {
        return Err(Failure::usage(
            "config",
            "there is no irad.toml here or in a folder above, so nothing says which snapshots are owned",
        )
        .help("--config FILE names one"));
    }
    let found = project.unowned();
    if args.delete && !found.is_empty() {
        let _lock = project.folder.lock()?;
        for path in &found {
            file::remove(path)?;
        }
    }
    let code = match found.is_empty() || args.delete {
        true => exit::DONE,
        false => exit::DIFFERS,
    };
    if args.json {
        let paths: Vec<String> = found.iter().map(|path| file::shown(path)).collect();
        print_json(
            "snap_prune",
            json!({ "unowned": paths, "deleted": args.delete }),
        )?;
        return Ok(code);
    }
    let mut canvas = global.canvas(None);
    for path in &found {
        let word = if args.delete { "deleted" } else { "unowned" };
        canvas.text(word, Tone::Removed.style());
        canvas.line(&format!(" {}", file::shown(path)), Tone::Plain.style());
    }
    match (found.is_empty(), args.delete) {
        (true, _) => canvas.line("every snapshot belongs to an entry", Tone::Muted.style()),
        (false, false) => canvas.line("irad snap prune --delete deletes them", Tone::Muted.style()),
        _ => {}
    }
    global.print(&canvas.finish())?;
    Ok(code)
}
