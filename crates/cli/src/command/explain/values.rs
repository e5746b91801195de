//! The primal with the numbers of one run beside its lines.

use std::collections::HashMap;

use diff_view::{LineKind, Paint, Tone, layout};
use trace::{LineNumbers, Mode};
use unicode_width::UnicodeWidthStr;

use super::explained::Run;
use crate::heading;
use crate::output::Canvas;

/// Columns of a number.
const NUMBER: usize = 12;

/// What is painted.
pub(super) struct Values<'a> {
    run: &'a Run,
    values: &'a trace::Values,
    lines: HashMap<u32, &'a LineNumbers>,
}

impl<'a> Values<'a> {
    pub(super) fn new(run: &'a Run, values: &'a trace::Values) -> Self {
        let lines = values.lines.iter().map(|line| (line.line, line)).collect();
        Values { run, values, lines }
    }

    fn word(&self) -> &'static str {
        match self.run.trace.signature.as_ref().map(|found| found.mode) {
            Some(Mode::Forward) => "tangent",
            _ => "adjoint",
        }
    }

    pub(super) fn paint(&self, options: &layout::Options<'_>, canvas: &mut Canvas) {
        self.heading(options.width, canvas);
        let digits = self.run.explained.primal.len().to_string().len();
        let column = digits + 2 + 2 * (NUMBER + 1);
        let is_narrow = options.width < column + 42;
        let indent = if is_narrow { 4 } else { column };
        if !is_narrow {
            let heads = format!(
                "{:digits$} {:>NUMBER$} {:>NUMBER$}",
                "",
                "value",
                self.word()
            );
            canvas.line(&heads, Tone::Muted.style());
        }
        for (text, at) in &self.run.primal.lines {
            let line = at.map_or(0, |at| u32::try_from(at + 1).unwrap_or(0));
            let found = self.lines.get(&line);
            let value = found.map_or_else(String::new, |found| short(found.value));
            let derivative = found
                .and_then(|found| found.derivative)
                .map_or_else(String::new, short);
            let number = at.map_or_else(String::new, |_| line.to_string());
            let (value_tone, derivative_tone) = (
                tone(&value, Tone::Plain),
                tone(&derivative, Tone::Derivative),
            );
            if is_narrow {
                let words = [
                    (number, Tone::Muted),
                    (value, value_tone),
                    (derivative, derivative_tone),
                ];
                for (word, tone) in words.iter().filter(|(word, _)| !word.is_empty()) {
                    canvas.text(word, tone.style());
                    canvas.text(" ", Tone::Plain.style());
                }
                if words.iter().any(|(word, _)| !word.is_empty()) {
                    canvas.newline();
                }
                canvas.text("    ", Tone::Plain.style());
            } else {
                canvas.text(&format!("{number:>digits$} "), Tone::Muted.style());
                canvas.text(&format!("{value:>NUMBER$} "), value_tone.style());
                canvas.text(&format!("{derivative:>NUMBER$}  "), derivative_tone.style());
            }
            canvas.rows(layout::line(
                text,
                LineKind::Instruction,
                &" ".repeat(indent),
                options,
            ));
            if let Some(first) = self.values.not_finite.filter(|first| first.line == line) {
                let what = if first.is_derivative {
                    self.word()
                } else {
                    "value"
                };
                let words = format!(
                    "^ the first {what} that is not finite, in iteration {}",
                    first.execution
                );
                canvas.text(&" ".repeat(indent), Tone::Plain.style());
                canvas.paragraph(&words, indent, options.width, Tone::Removed.style());
            }
        }
    }

    fn heading(&self, width: usize, canvas: &mut Canvas) {
        let inputs = heading::inputs(&self.run.trace, &self.values.inputs);
        let seeds = match self.word() {
            "tangent" => "every input with a tangent moves by 1",
            _ => "the seed of every result is 1",
        };
        let which = match self.values.iteration {
            trace::Iteration::First => "the first iteration of each line".to_owned(),
            trace::Iteration::Last => "the last iteration of each line".to_owned(),
            trace::Iteration::Number(number) => {
                format!("iteration {number} of each line, or the last of what runs less often")
            }
        };
        let words = format!("values at {}; {which}; {seeds}", inputs.join("; "));
        canvas.paragraph(&words, 0, width, Tone::Title.style());
        for note in &self.values.notes {
            let words = format!("note: {note}");
            canvas.paragraph(&words, 0, width, Tone::Warning.style());
        }
    }
}

/// A number that is not finite stands out.
fn tone(word: &str, usual: Tone) -> Tone {
    match word.contains("NaN") || word.contains("inf") {
        true => Tone::Removed,
        false => usual,
    }
}

/// Six digits, in as many columns as a number has.
fn short(value: f64) -> String {
    let plain = match value.abs() {
        0.0 => "0".to_owned(),
        1e-4..1e9 if value.fract() == 0.0 => format!("{value:.0}"),
        1e-4..1e6 => format!("{value:.6}"),
        _ if value.is_finite() => format!("{value:.5e}"),
        _ => value.to_string(),
    };
    match plain.width() <= NUMBER {
        true => plain,
        false => format!("{value:.3e}"),
    }
}
