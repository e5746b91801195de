//! How it looks on a terminal.

use diff_view::{Paint, Tone};
use session::ad_flags;
use session::shell;
use session::tune::change::Promise;
use session::tune::trial::{Trial, best};
use trace::{Times, Verdict};
use unicode_width::UnicodeWidthStr;

use super::args::Args;
use super::found::Run;
use crate::command::profile::{counted, grouped, median};
use crate::heading;
use crate::output::Canvas;

/// Paints all that was tried.
pub(super) fn paint(run: &Run, args: &Args, width: usize, canvas: &mut Canvas) {
    if let Some(signature) = &run.signature {
        heading::paint_signature(signature, width, canvas);
    }
    canvas.newline();
    let names: Vec<String> = run.trials.iter().map(name).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let has_room = width >= widest + 52;
    let has_column = width >= widest + 76;
    let column = if has_room { widest } else { 0 };
    let base = run.trials[0].cost.map(|cost| cost.total.instructions);
    let title = format!(
        "{:column$}  {:<11}{:>13}{:>8}{:>9}{:>8}{}",
        "",
        "verdict",
        "instructions",
        "",
        "tape",
        "time ×",
        if has_column { "  your word" } else { "" }
    );
    canvas.line(title.trim_end(), Tone::Muted.style());
    for (trial, name) in run.trials.iter().zip(&names) {
        let tone = match trial.verdict {
            Verdict::Right { .. } => Tone::Plain,
            Verdict::Wrong { .. } => Tone::Removed,
            _ => Tone::Muted,
        };
        match has_room {
            true => canvas.text(&format!("{name:column$}"), tone.style()),
            // The numbers stand on a line of their own.
            false => canvas.line(name, tone.style()),
        }
        let promises = promises(trial);
        let numbers = numbers(trial, base);
        match promises.is_empty() {
            true => canvas.line(&numbers, tone.style()),
            false if has_column => {
                const COLUMNS: usize = 51;
                let line = format!("{numbers:<COLUMNS$}  {promises}");
                canvas.line(&line, tone.style());
            }
            false => {
                canvas.line(&numbers, tone.style());
                let words = format!("    your word: {promises}");
                canvas.line(&words, Tone::Warning.style());
            }
        }
        if let Some(why) = not_right(trial) {
            canvas.text("  ", Tone::Muted.style());
            canvas.paragraph(&why, 2, width, Tone::Muted.style());
        }
    }
    canvas.newline();
    let safe = best(&run.trials, true);
    let all = best(&run.trials, false);
    match safe {
        None => canvas.paragraph(
            "nothing that was tried is cheaper without a promise",
            0,
            width,
            Tone::Muted.style(),
        ),
        Some(trial) => recommended(run, "best safe", trial, width, canvas),
    }
    if let Some(trial) = all.filter(|trial| !trial.is_safe()) {
        recommended(run, "best of all", trial, width, canvas);
        for promise in trial.changes.iter().flat_map(|change| &change.promise) {
            let words = format!("  if you know that {}", promise.words());
            canvas.paragraph(&words, 0, width, Tone::Warning.style());
        }
    }
    if args.source
        && let Some(trial) = all.or(safe)
    {
        source(run, trial, width, canvas);
    }
    let promised = all.filter(|trial| !trial.is_safe());
    for (label, trial) in [("best safe", safe), ("best of all", promised)] {
        let Some(trial) = trial else {
            continue;
        };
        canvas.newline();
        let words = format!("in irad.toml, {label}:");
        canvas.line(&words, Tone::Muted.style());
        for line in entry(run, trial) {
            canvas.line(&format!("  {line}"), Tone::Plain.style());
        }
    }
}

fn name(trial: &Trial) -> String {
    match trial.changes.is_empty() {
        true => "as it is".to_owned(),
        false => shell::line(&trial.flags()),
    }
}

fn numbers(trial: &Trial, base: Option<u64>) -> String {
    let verdict = match trial.verdict {
        Verdict::Right { .. } => "right",
        Verdict::Wrong { .. } => "WRONG",
        Verdict::Undecided { .. } => "undecided",
        Verdict::NotChecked { .. } => "not checked",
    };
    let Some(cost) = trial.cost else {
        return format!("  {verdict}");
    };
    let over = match base {
        Some(base) if base > 0 && !trial.changes.is_empty() => {
            format!("{:.2} ×", cost.total.instructions as f64 / base as f64)
        }
        _ => String::new(),
    };
    let time = trial
        .times
        .as_ref()
        .map_or(String::new(), |times| format!("{:.2}", over_primal(times)));
    let line = format!(
        "  {verdict:<11}{:>13}{over:>8}{:>9}{time:>8}",
        grouped(cost.total.instructions),
        cost.tape.map_or("-".to_owned(), grouped),
    );
    line.trim_end().to_owned()
}

/// What somebody has to give their word for.
fn promises(trial: &Trial) -> String {
    let promises = trial.changes.iter().flat_map(|change| &change.promise);
    let words: Vec<&str> = promises.map(Promise::short).collect();
    words.join(", ")
}

/// The derivative's time over the primal's.
pub(super) fn over_primal(times: &Times) -> f64 {
    median(&times.derivative, times.calls) / median(&times.primal, times.calls).max(1e-9)
}

/// Why a variant was passed over.
fn not_right(trial: &Trial) -> Option<String> {
    match &trial.verdict {
        Verdict::Right { .. } => {
            let why = trial.not_counted.as_ref()?;
            Some(format!("not counted: {why}"))
        }
        other => Some(other.to_string()),
    }
}

/// What can be written in Rust for the changes, and the lines of the source that keep values without them.
fn source(run: &Run, trial: &Trial, width: usize, canvas: &mut Canvas) {
    canvas.newline();
    canvas.line("in Rust:", Tone::Muted.style());
    let mut instead = trial
        .changes
        .iter()
        .filter_map(|change| Some((change, change.instead.as_ref()?)))
        .peekable();
    if instead.peek().is_none() {
        let words = "  nothing that can be written does the same";
        canvas.line(words, Tone::Muted.style());
    }
    for (change, words) in instead {
        let words = format!("  {}: {words}", shell::line(&change.words()));
        canvas.paragraph(&words, 4, width, Tone::Plain.style());
    }
    for kept in &run.kept {
        let words = format!(
            "  {}:{} keeps {} for the reverse sweep: {}",
            kept.file,
            kept.line,
            counted(kept.bytes, "byte"),
            kept.because.join("; ")
        );
        let words = words.trim_end_matches(": ");
        canvas.paragraph(words, 4, width, Tone::Removed.style());
    }
}

/// The command that writes it.
pub(super) fn command(run: &Run, trial: &Trial) -> String {
    let mut words: Vec<String> = ["irad", "emit", &run.origin, "--fn", &run.function, "--mode"]
        .map(str::to_owned)
        .to_vec();
    words.push(trial.ad.mode.to_string());
    words.extend(ad_flags::arguments(&trial.ad));
    shell::line(&words)
}

fn recommended(run: &Run, label: &str, trial: &Trial, width: usize, canvas: &mut Canvas) {
    let label = format!("{label:<13}");
    canvas.text(&label, Tone::Added.style());
    let command = command(run, trial);
    canvas.paragraph(&command, label.len(), width, Tone::Added.style());
    for change in &trial.changes {
        let words = format!("  {}: {}", shell::line(&change.words()), change.does);
        canvas.paragraph(&words, 0, width, Tone::Muted.style());
    }
}

/// A name for the entry, of what file names may hold.
fn entry_name(run: &Run) -> String {
    let name = run.function.replace("::", "_");
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// The entry of irad.toml that has it.
pub(super) fn entry(run: &Run, trial: &Trial) -> Vec<String> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut lines = vec![
        "[[entry]]".to_owned(),
        format!("name = {}", quoted(&entry_name(run))),
        format!("input = {}", quoted(&run.origin)),
        format!("function = {}", quoted(&run.function)),
        format!("mode = {}", quoted(&trial.ad.mode.to_string())),
    ];
    for flag in &ad_flags::FLAGS {
        let Some(value) = flag.json(&trial.ad) else {
            continue;
        };
        let value = match value {
            serde_json::Value::Object(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("{} = {value}", quoted(key)))
                    .collect();
                format!("{{ {} }}", fields.join(", "))
            }
            value => value.to_string(),
        };
        lines.push(format!("{} = {value}", flag.key));
    }
    lines
}
