//! The list of steps.

use diff_view::{Paint, Tone};
use serde_json::{Value, json};
use trace::{Point, Step, Trace, in_words};
use unicode_width::UnicodeWidthStr;

use crate::output::Canvas;
use crate::verdict;
use session::history::{History, State, id_of};

/// Columns of the bar.
const BAR: usize = 8;

/// Paints the steps that changed the function, or with `every` all of them.
pub fn paint(history: &History<'_>, every: bool, width: usize, canvas: &mut Canvas) {
    let shown = &history.states[1..];
    let most = shown
        .iter()
        .map(|state| state.counts.added + state.counts.removed)
        .max()
        .unwrap_or(0);
    canvas.line(
        "    +     - instr       time           step",
        Tone::Title.style(),
    );
    canvas.line(
        &format!(
            "            {:>5}                      input",
            history.states[0].instructions
        ),
        Tone::Muted.style(),
    );
    let mut states = shown.iter().peekable();
    for (at, step) in history.trace.steps.iter().enumerate() {
        match states.peek() {
            Some(state) if state.step == Some(at) => {
                row(state, step, most, width, canvas);
                states.next();
            }
            // What changed around the function matters even where the function did not change.
            _ if (every && history.concerns(step)) || !step.notes.is_empty() => {
                unchanged(step, width, canvas)
            }
            _ => {}
        }
        for note in &step.notes {
            let note = ir_load::demangle_words(&note.to_string());
            let indent = if width < 100 { 8 } else { 42 };
            canvas.line(
                &format!("{:indent$}{}", "", cut(&note, width - indent)),
                Tone::Muted.style(),
            );
        }
    }
    total(history, every, canvas);
}

fn row(state: &State<'_>, step: &Step, most: usize, width: usize, canvas: &mut Canvas) {
    canvas.text(
        &format!("{:>5}", signed('+', state.counts.added)),
        Tone::Added.style(),
    );
    canvas.text(
        &format!(" {:>5}", signed('-', state.counts.removed)),
        Tone::Removed.style(),
    );
    canvas.text(
        &format!(" {:>5} {:>10} ", state.instructions, time(step.nanos)),
        Tone::Plain.style(),
    );
    let (plus, minus) = bar(state.counts.added, state.counts.removed, most);
    canvas.text(&"█".repeat(plus), Tone::Added.style());
    canvas.text(&"▒".repeat(minus), Tone::Removed.style());
    canvas.text(&" ".repeat(BAR - plus - minus + 2), Tone::Plain.style());
    name(&state.id, Tone::Hunk, width, canvas);
}

fn unchanged(step: &Step, width: usize, canvas: &mut Canvas) {
    canvas.text(
        &format!("    ·     ·       {:>10} {:10}", time(step.nanos), ""),
        Tone::Muted.style(),
    );
    name(&id_of(step), Tone::Muted, width, canvas);
}

/// A name that does not fit stands on a line of its own.
fn name(id: &str, tone: Tone, width: usize, canvas: &mut Canvas) {
    const BEFORE: usize = 40;
    if BEFORE + id.width() > width {
        canvas.newline();
        canvas.text("      ", Tone::Plain.style());
    }
    canvas.line(id, tone.style());
}

/// The text, or its beginning where it is wider than `width`.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

fn signed(sign: char, count: usize) -> String {
    match count {
        0 => "·".to_owned(),
        count => format!("{sign}{count}"),
    }
}

/// Lengths of the two parts of a bar: at least one cell for what is not nothing.
fn bar(added: usize, removed: usize, most: usize) -> (usize, usize) {
    let cells = |count: usize| match (count, most) {
        (0, _) | (_, 0) => 0,
        (count, most) => (count * BAR / most).max(1),
    };
    let plus = cells(added).min(BAR - usize::from(removed > 0));
    (plus, cells(removed).min(BAR - plus))
}

fn time(nanos: u64) -> String {
    match nanos {
        0 => "·".to_owned(),
        nanos if nanos < 1_000_000 => format!("{} µs", nanos.div_ceil(1000)),
        nanos if nanos < 1_000_000_000 => {
            let tenths = nanos / 100_000;
            format!("{}.{} ms", tenths / 10, tenths % 10)
        }
        nanos => {
            let tenths = nanos / 100_000_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
    }
}

fn total(history: &History<'_>, every: bool, canvas: &mut Canvas) {
    let changed = history.states.len() - 1;
    let steps = history.trace.steps.iter();
    let (all, nanos) = steps
        .filter(|step| history.concerns(step))
        .fold((0, 0), |(all, nanos), step| (all + 1, nanos + step.nanos));
    let listed = if every { "" } else { " (--every lists them)" };
    canvas.line(
        &format!(
            "{changed} of {all} steps changed it, {} did not{listed}; {} in all",
            all - changed,
            time(nanos)
        ),
        Tone::Muted.style(),
    );
}

/// Paints the steps of a trace of every function, each with how many functions it changed.
pub fn paint_all(trace: &Trace, width: usize, canvas: &mut Canvas) {
    canvas.line("functions       time           step", Tone::Title.style());
    for step in &trace.steps {
        if step.changed.is_empty() && step.notes.is_empty() {
            continue;
        }
        let numbers = format!(
            "{:>9} {:>10} {:20}",
            step.changed.len(),
            time(step.nanos),
            ""
        );
        canvas.text(&numbers, Tone::Plain.style());
        name(&id_of(step), Tone::Hunk, width, canvas);
    }
    let changed = trace.steps.iter().filter(|step| !step.changed.is_empty());
    canvas.line(
        &format!(
            "{} of {} steps changed one of {} functions; --save writes them down, and irad passes FILE --fn NAME shows one",
            changed.count(),
            trace.steps.len(),
            trace.points.iter().filter(|point| point.point == Point::Input).count(),
        ),
        Tone::Muted.style(),
    );
}

/// The same as JSON, each step with the symbols of the functions that it changed.
pub fn document_all(trace: &Trace) -> Value {
    let steps: Vec<Value> = trace
        .steps
        .iter()
        .map(|step| {
            let changed: Vec<&str> = step.changed.iter().map(|c| c.function.as_str()).collect();
            json!({ "id": id_of(step), "nanos": step.nanos, "changed": changed, "notes": notes(step) })
        })
        .collect();
    json!({ "function": "*", "remarks": in_words(&trace.remarks), "toolchain": trace.toolchain, "steps": steps })
}

/// The same as JSON: every step that could have changed the function, whether it did or not.
pub fn document(history: &History<'_>) -> Value {
    let mut states = history.states.iter().skip(1).peekable();
    let steps: Vec<Value> = history
        .trace
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| history.concerns(step))
        .map(|(at, step)| {
            let mut value = json!({
                "id": id_of(step),
                "raw_id": step.id(),
                "stage": step.stage,
                "pass": step.pass,
                "pipeline_name": step.pipeline_name,
                "unit": step.unit,
                "nth": step.nth,
                "nanos": step.nanos,
                "preserved_all": step.preserved_all,
                "invalidated": step.invalidated,
                "notes": notes(step),
                "changed": false,
            });
            if let Some(state) = states.next_if(|state| state.step == Some(at)) {
                value["changed"] = json!(true);
                value["function"] = json!(state.function);
                value["counts"] = json!(state.counts);
                value["instructions"] = json!(state.instructions);
            }
            value
        })
        .collect();
    json!({
        "function": history.states[0].function,
        "input_instructions": history.states[0].instructions,
        "signature": history.trace.signature,
        "verdict": verdict::json(history.trace.verdict.as_ref()),
        "toolchain": history.trace.toolchain,
        "remarks": in_words(&history.trace.remarks),
        "steps": steps,
    })
}

/// What else a step changed, in words.
fn notes(step: &Step) -> Vec<String> {
    step.notes.iter().map(ToString::to_string).collect()
}
