//! `irad snap review`: what a check found, one snapshot at a time, in a terminal.

use std::io::{self, IsTerminal};

use console::{Key, Term};
use diff_view::{Paint, Theme, Tone, layout};
use serde_json::{Value, json};

use session::shell::quoted;
use snapshots::changes::{self, Changes};
use snapshots::content::Content;
use snapshots::error::Error;
use snapshots::file::Snapshot;
use snapshots::project::Project;

use super::args::Where;
use super::paint::{bare, paint};
use crate::exit;
use crate::failure::Failure;
use crate::output::{Canvas, Global, print_json};

/// Shows every snapshot that waits, one at a time, to be accepted, rejected or skipped. Without a
/// terminal it prints the commands that do so.
#[derive(clap::Args)]
pub struct Args {
    /// Names of snapshots, all that wait if there is none.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    #[command(flatten)]
    pub place: Where,
    /// One JSON document instead of a dialogue: what waits, and the commands for it.
    #[arg(long)]
    pub json: bool,
}

/// A snapshot that waits, with the one that it would replace.
struct Waiting {
    name: String,
    new: Snapshot,
    old: Option<Snapshot>,
    changes: Changes,
}

/// What of it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    Difference,
    Old,
    New,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let project = args.place.project()?;
    let all = project.waiting();
    for name in &args.names {
        if !all.contains(name) {
            return Err(
                Failure::usage("not_found", format!("no snapshot {name} waits"))
                    .help("irad snap check finds what has changed"),
            );
        }
    }
    let names: Vec<String> = all
        .into_iter()
        .filter(|name| args.names.is_empty() || args.names.contains(name))
        .collect();
    let mut found = Vec::new();
    let mut broken = None;
    for name in names {
        match read(&project, &name) {
            Ok(Some(waiting)) => found.push(waiting),
            // Another process was faster.
            Ok(None) => {}
            Err(error) => broken = Some(error),
        }
    }
    if args.json {
        let documents: Vec<Value> = found.iter().map(document).collect();
        print_json("snap_review", json!({ "snapshots": documents }))?;
    } else if io::stdin().is_terminal() && io::stdout().is_terminal() && !found.is_empty() {
        dialogue(&project, found, global)?;
    } else {
        commands(&found, global)?;
    }
    match broken {
        Some(error) => Err(error.into()),
        None => Ok(exit::DONE),
    }
}

fn read(project: &Project, name: &str) -> Result<Option<Waiting>, Error> {
    let Some(new) = Snapshot::read(&project.folder.waiting(name), None)? else {
        return Ok(None);
    };
    // One that cannot be read is there to be replaced; that it is broken was said by the check.
    let old = Snapshot::read(&project.folder.accepted(name), None).unwrap_or_default();
    let content = match new.info.get("content").and_then(Value::as_str) {
        Some("ir") => Content::Ir,
        // Anything else is compared line by line.
        _ => Content::Summary,
    };
    let body = old.as_ref().map_or("", |old| old.body.as_str());
    Ok(Some(Waiting {
        name: name.to_owned(),
        changes: Changes::between(content, body, &new.body),
        new,
        old,
    }))
}

fn document(waiting: &Waiting) -> Value {
    json!({
        "name": waiting.name,
        "is_new": waiting.old.is_none(),
        "counts": waiting.changes.sums().json(),
        "patch": waiting.changes.patch(),
        "versions": moved(waiting),
        "accept": format!("irad snap accept {}", quoted(&waiting.name)),
        "reject": format!("irad snap reject {}", quoted(&waiting.name)),
    })
}

fn moved(waiting: &Waiting) -> Vec<String> {
    let Some(old) = &waiting.old else {
        return Vec::new();
    };
    let mut moved = changes::moved(old, &waiting.new);
    moved.extend(changes::instances(old, &waiting.new));
    moved
}

/// What there is to do, for where nobody can be asked.
fn commands(found: &[Waiting], global: &Global) -> Result<(), Failure> {
    let mut canvas = global.canvas(None);
    for waiting in found {
        let what = match waiting.old {
            Some(_) => waiting.changes.sums().words(),
            None => "new".to_owned(),
        };
        canvas.text(&waiting.name, Tone::Title.style());
        canvas.line(&format!("  {what}"), Tone::Muted.style());
        let name = quoted(&waiting.name);
        canvas.line(&format!("  irad snap accept {name}"), Tone::Plain.style());
        canvas.line(&format!("  irad snap reject {name}"), Tone::Plain.style());
    }
    match found.len() {
        0 => canvas.line("no snapshot waits", Tone::Muted.style()),
        1 => {}
        _ => {
            canvas.line("all of them", Tone::Title.style());
            canvas.line("  irad snap accept --all", Tone::Plain.style());
            canvas.line("  irad snap reject --all", Tone::Plain.style());
        }
    }
    global.print(&canvas.finish())
}

/// What somebody decided.
enum Decision {
    Accept,
    Reject,
    Skip,
    AcceptAll,
    Leave,
}

fn dialogue(project: &Project, found: Vec<Waiting>, global: &Global) -> Result<(), Failure> {
    let theme = global.theme()?;
    let term = Term::stdout();
    let (mut accepted, mut rejected, mut left) = (0, 0, 0);
    let count = found.len();
    let mut all = false;
    let mut gone = false;
    for (at, waiting) in found.into_iter().enumerate() {
        let decision = match (all, gone) {
            (true, _) => Decision::Accept,
            (_, true) => Decision::Leave,
            _ => decide(&term, &waiting, at, count, theme.as_ref(), global)?,
        };
        match decision {
            Decision::Accept | Decision::AcceptAll => {
                all |= matches!(decision, Decision::AcceptAll);
                let _lock = project.folder.lock()?;
                project.take(&waiting.name, waiting.new)?;
                accepted += 1;
            }
            Decision::Reject => {
                let _lock = project.folder.lock()?;
                project.discard(&waiting.name)?;
                rejected += 1;
            }
            Decision::Skip => left += 1,
            Decision::Leave => {
                gone = true;
                left += 1;
            }
        }
    }
    let _ = term.clear_screen();
    global.print(&format!(
        "{accepted} accepted, {rejected} rejected, {left} left as they were\n"
    ))
}

fn decide(
    term: &Term,
    waiting: &Waiting,
    at: usize,
    count: usize,
    theme: Option<&Theme>,
    global: &Global,
) -> Result<Decision, Failure> {
    let mut looked = match waiting.old {
        Some(_) => Looked::Difference,
        None => Looked::New,
    };
    let mut is_split = term.size().1 >= 140;
    let mut top = 0_usize;
    loop {
        // The size is asked for each time: a terminal may be resized.
        let (height, width) = term.size();
        let (height, width) = (usize::from(height), usize::from(width).max(40));
        let head = head(waiting, at, count, (looked, is_split), width, global);
        let body = lines(waiting, looked, is_split, width, theme, global);
        let keys = keys(waiting, width, global);
        let room = height.saturating_sub(head.len() + keys.len() + 1).max(1);
        top = top.min(body.len().saturating_sub(room));
        let mut screen = head.join("\n");
        for line in body.iter().skip(top).take(room) {
            screen.push('\n');
            screen.push_str(line);
        }
        let below = body.len().saturating_sub(top + room);
        screen.push('\n');
        if below > 0 || top > 0 {
            screen.push_str(&format!("… {top} lines above, {below} below (arrows)"));
        }
        screen.push('\n');
        screen.push_str(&keys.join("\n"));
        let fail = |error: io::Error| {
            Failure::usage("terminal", format!("the terminal cannot be used: {error}"))
                .help("irad snap accept and irad snap reject need none")
        };
        term.clear_screen().map_err(fail)?;
        term.write_str(&screen).map_err(fail)?;
        let half = (room / 2).max(1);
        match term.read_key().map_err(fail)? {
            Key::Char('a') | Key::Enter => return Ok(Decision::Accept),
            Key::Char('r') => return Ok(Decision::Reject),
            Key::Char('s') => return Ok(Decision::Skip),
            Key::Char('A') => return Ok(Decision::AcceptAll),
            Key::Char('q') | Key::Escape | Key::CtrlC => return Ok(Decision::Leave),
            Key::Char('d') => (looked, top) = (Looked::Difference, 0),
            Key::Char('o') if waiting.old.is_some() => (looked, top) = (Looked::Old, 0),
            Key::Char('n') => (looked, top) = (Looked::New, 0),
            Key::Char('t') | Key::Tab => {
                top = 0;
                looked = match (looked, &waiting.old) {
                    (Looked::Difference, Some(_)) => Looked::Old,
                    (Looked::New, _) => Looked::Difference,
                    _ => Looked::New,
                };
            }
            Key::Char('v') => (is_split, top) = (!is_split, 0),
            Key::ArrowDown | Key::Char('j') => top += 1,
            Key::ArrowUp | Key::Char('k') => top = top.saturating_sub(1),
            Key::PageDown | Key::Char(' ') => top += room,
            Key::PageUp | Key::Char('b') => top = top.saturating_sub(room),
            Key::Char('f') => top += half,
            Key::Home | Key::Char('g') => top = 0,
            Key::End | Key::Char('G') => top = body.len(),
            _ => {}
        }
    }
}

/// What stands above: which snapshot, of what, what has moved, and what is shown of it.
fn head(
    waiting: &Waiting,
    at: usize,
    count: usize,
    (looked, is_split): (Looked, bool),
    width: usize,
    global: &Global,
) -> Vec<String> {
    let mut canvas = global.canvas(None);
    let title = format!("{} ({} of {count})", waiting.name, at + 1);
    canvas.paragraph(&title, 0, width, Tone::Title.style());
    canvas.paragraph(&waiting.new.description, 0, width, Tone::Plain.style());
    canvas.paragraph(&waiting.new.expression, 0, width, Tone::Muted.style());
    for moved in moved(waiting) {
        canvas.paragraph(&moved, 0, width, Tone::Warning.style());
    }
    let words = match (looked, &waiting.old) {
        (Looked::Old, _) => "the accepted one".to_owned(),
        (Looked::New, Some(_)) => "the new one".to_owned(),
        (Looked::New, None) => "new: there is no accepted one".to_owned(),
        (Looked::Difference, _) => {
            let side = if is_split { ", side by side" } else { "" };
            format!("the difference{side}: {}", waiting.changes.sums().words())
        }
    };
    canvas.paragraph(&words, 0, width, Tone::Hunk.style());
    split(canvas)
}

fn lines(
    waiting: &Waiting,
    looked: Looked,
    is_split: bool,
    width: usize,
    theme: Option<&Theme>,
    global: &Global,
) -> Vec<String> {
    let mut canvas = global.canvas(theme);
    let whole = match looked {
        Looked::Difference => None,
        Looked::New => Some(&waiting.new),
        Looked::Old => waiting.old.as_ref(),
    };
    match whole {
        None => paint(&waiting.changes, is_split, width, &mut canvas),
        Some(snapshot) => {
            let rename = bare;
            let options = layout::Options {
                width,
                rename: &rename,
                show: diff_view::Show::All,
                detail: diff_view::Detail::ALL,
                source: None,
            };
            let lines: Vec<_> = snapshot
                .body
                .lines()
                .map(|line| (line, diff_view::LineKind::Instruction))
                .collect();
            canvas.rows(layout::lines(&lines, &options));
        }
    }
    split(canvas)
}

/// What can be pressed.
fn keys(waiting: &Waiting, width: usize, global: &Global) -> Vec<String> {
    let mut canvas = global.canvas(None);
    let old = match waiting.old {
        Some(_) => "  o old",
        None => "",
    };
    let words = format!(
        "a accept  r reject  s skip  A accept all  q leave  │  d difference{old}  n new  t next of these  v side by side"
    );
    canvas.paragraph(&words, 0, width, Tone::Muted.style());
    split(canvas)
}

fn split(canvas: Canvas) -> Vec<String> {
    canvas.finish().lines().map(str::to_owned).collect()
}
