//! The list of steps.

use diff_view::{Detail, Paint, Show, Tone};
use serde_json::{Value, json};
use trace::{Point, Step, Trace, in_words};
use unicode_width::UnicodeWidthStr;

use crate::output::Canvas;
use crate::verdict;
use crate::view::View;
use session::history::{History, State, id_of, short_id_of};

/// Columns of the bar.
const BAR: usize = 8;

/// What is shown of a history.
pub struct Timeline<'h> {
    history: &'h History<'h>,
    /// Every step, and not only those that changed what the function does.
    every: bool,
    show: Show,
    detail: Detail,
    width: usize,
}

/// How many steps have no row, by why.
#[derive(Default)]
struct Folded {
    attributes: usize,
    back: usize,
    elsewhere: usize,
}

impl<'h> Timeline<'h> {
    /// The timeline of a history, as `view` wants it.
    pub fn of(history: &'h History<'h>, every: bool, view: &View, width: usize) -> Self {
        Timeline {
            history,
            every,
            show: match every {
                true => Show::All,
                false => view.shown(),
            },
            detail: view.detail.into(),
            width,
        }
    }

    /// Paints the steps that changed what the function does, or every one.
    pub fn paint(&self, canvas: &mut Canvas) {
        let shown = &self.history.states[1..];
        let most = shown
            .iter()
            .map(|state| {
                let (added, removed) = self.lines(state);
                added + removed
            })
            .max()
            .unwrap_or(0);
        let bar = match self.has_bar() {
            true => BAR + 2,
            false => 0,
        };
        canvas.line(
            &format!("    +     - instr       time {:bar$}step", ""),
            Tone::Title.style(),
        );
        let instructions = self.history.states[0].instructions;
        canvas.line(
            &format!("            {instructions:>5}            {:bar$}input", ""),
            Tone::Muted.style(),
        );
        let folded = match self.every {
            true => {
                self.paint_every(most, canvas);
                Folded::default()
            }
            false => self.paint_shown(most, canvas),
        };
        self.total(&folded, canvas);
    }

    fn paint_shown(&self, most: usize, canvas: &mut Canvas) -> Folded {
        let history = self.history;
        let mut folded = Folded::default();
        let steps = history.trace.steps.iter();
        folded.elsewhere = steps
            .filter(|step| step.changed.is_empty() && !step.notes.is_empty())
            .count();
        let trips = history.round_trips();
        for (at, state) in history.states.iter().enumerate().skip(1) {
            let Some(step) = state.step.map(|step| &history.trace.steps[step]) else {
                continue;
            };
            if !state
                .diff
                .as_ref()
                .is_some_and(|diff| diff.differs(self.show))
            {
                folded.attributes += 1;
            } else if trips.iter().any(|trip| trip.contains(&at)) {
                folded.back += 1;
            } else {
                self.row(state, step, most, canvas);
            }
        }
        folded
    }

    fn paint_every(&self, most: usize, canvas: &mut Canvas) {
        let mut states = self.history.states[1..].iter().peekable();
        let mut function = self.history.states[0].function;
        for (at, step) in self.history.trace.steps.iter().enumerate() {
            match states.peek() {
                Some(state) if state.step == Some(at) => {
                    self.row(state, step, most, canvas);
                    function = state.function;
                    states.next();
                }
                _ if self.history.concerns(step) => {
                    let nothing = ["·", "·", "", &time(step.nanos)];
                    self.cells(nothing, (0, 0), Tone::Muted, canvas);
                    let id = short_id_of(step, Some(function));
                    self.name(&id, Tone::Muted, canvas);
                }
                _ => {}
            }
            for note in &step.notes {
                let note = ir_load::demangle_words(&note.to_string());
                let indent = if self.width < 100 { 8 } else { 42 };
                canvas.line(
                    &format!("{:indent$}{}", "", cut(&note, self.width - indent)),
                    Tone::Muted.style(),
                );
            }
        }
    }

    fn lines(&self, state: &State<'_>) -> (usize, usize) {
        let diff = state.diff.as_ref();
        diff.map_or((0, 0), |diff| diff.shown_lines(self.show, self.detail))
    }

    /// Bars have room beside names only where there is a lot.
    fn has_bar(&self) -> bool {
        self.width >= 72
    }

    fn row(&self, state: &State<'_>, step: &Step, most: usize, canvas: &mut Canvas) {
        let (added, removed) = self.lines(state);
        let cells = [
            signed('+', added),
            signed('-', removed),
            state.instructions.to_string(),
            time(step.nanos),
        ];
        self.cells(
            cells.each_ref().map(String::as_str),
            bar(added, removed, most),
            Tone::Plain,
            canvas,
        );
        self.name(&self.history.short_id(state), Tone::Hunk, canvas);
    }

    fn cells(
        &self,
        [added, removed, instructions, time]: [&str; 4],
        (plus, minus): (usize, usize),
        tone: Tone,
        canvas: &mut Canvas,
    ) {
        let of = |other: Tone| if tone == Tone::Plain { other } else { tone };
        canvas.text(&format!("{added:>5}"), of(Tone::Added).style());
        canvas.text(&format!(" {removed:>5}"), of(Tone::Removed).style());
        canvas.text(&format!(" {instructions:>5} {time:>10} "), tone.style());
        if self.has_bar() {
            canvas.text(&"█".repeat(plus), Tone::Added.style());
            canvas.text(&"▒".repeat(minus), Tone::Removed.style());
            canvas.text(&" ".repeat(BAR - plus - minus + 2), Tone::Plain.style());
        }
    }

    fn name(&self, id: &str, tone: Tone, canvas: &mut Canvas) {
        let before = if self.has_bar() { 39 } else { 29 };
        name(id, before, tone, self.width, canvas);
    }

    fn total(&self, folded: &Folded, canvas: &mut Canvas) {
        let changed = self.history.states.len() - 1;
        let steps = self.history.trace.steps.iter();
        let (all, nanos) = steps
            .filter(|step| self.history.concerns(step))
            .fold((0, 0), |(all, nanos), step| (all + 1, nanos + step.nanos));
        let mut parts = vec![format!("{changed} of {all} steps changed it")];
        let mut part = |count: usize, what: &str| {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        };
        part(folded.attributes, "of these in attributes or metadata only");
        part(folded.back, "of these undo each other");
        part(folded.elsewhere, "changed something that it refers to");
        let listed = match self.every {
            true => "",
            false => " (--every lists all)",
        };
        canvas.paragraph(
            &format!("{}{listed}; {} in all", parts.join(", "), time(nanos)),
            0,
            self.width,
            Tone::Muted.style(),
        );
    }
}

/// A name in its column, which begins after `before` others. Where it does not fit it goes on below, in the same column.
fn name(id: &str, before: usize, tone: Tone, width: usize, canvas: &mut Canvas) {
    for (nth, row) in rows(id, width.saturating_sub(before)).iter().enumerate() {
        if nth > 0 {
            canvas.text(&" ".repeat(before), Tone::Plain.style());
        }
        canvas.line(row, tone.style());
    }
}

/// A step's name in rows of so many columns: whole parts where they fit.
fn rows(id: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(8);
    let mut rows = vec![String::new()];
    let mut put = |part: &str| {
        let last = rows.last_mut().expect("there is one");
        match last.width() + part.width() <= columns {
            true => last.push_str(part),
            false if last.is_empty() => last.push_str(part),
            false => rows.push(part.to_owned()),
        }
    };
    for part in id.split_inclusive('/') {
        if part.width() <= columns {
            put(part);
            continue;
        }
        // A path that is longer than the column.
        for letter in part.chars() {
            put(letter.encode_utf8(&mut [0; 4]));
        }
    }
    rows
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
        name(&short_id_of(step, None), 41, Tone::Hunk, width, canvas);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_column() {
        assert_eq!(rows("prepare/SROA/1", 20), ["prepare/SROA/1"]);
        assert_eq!(
            rows("prepare/CorrelatedValuePropagation/1", 30),
            ["prepare/", "CorrelatedValuePropagation/1"]
        );
        assert_eq!(
            rows("prepare/FnAttrs/a::very::long::path/2", 16),
            ["prepare/FnAttrs/", "a::very::long::p", "ath/2"]
        );
    }
}
