//! How it looks on a terminal.

use diff_view::{Detail, LineKind, Paint, Show, Tone, layout};
use trace::{AdRole, WrongOrigin, WrongPlace, WrongWhat};
use unicode_width::UnicodeWidthStr;

use super::found::Run;
use super::words;
use crate::heading;
use crate::output::Canvas;
use crate::view::renamer_of;

/// Columns of the words before each paragraph.
const LABEL: usize = 15;
/// As many lines of the derivative are shown.
const MOST: usize = 24;

struct Painter<'a> {
    run: &'a Run,
    options: layout::Options<'a>,
    canvas: &'a mut Canvas,
}

/// Paints all that was found.
pub(super) fn paint(run: &Run, raw_names: bool, width: usize, canvas: &mut Canvas) {
    heading::paint(&run.trace, width, canvas);
    let rename = renamer_of(raw_names, &[&run.primal, &run.derivative]);
    let mut painter = Painter {
        run,
        options: layout::Options {
            width,
            rename: &rename,
            show: Show::All,
            detail: Detail::CODE,
            source: None,
        },
        canvas,
    };
    painter.verdict();
    if let Some(place) = &run.found.place {
        painter.place(place);
    }
    for note in &run.found.notes {
        let words = format!("note: {note}");
        painter
            .canvas
            .paragraph(&words, 0, width, Tone::Warning.style());
    }
}

impl Painter<'_> {
    fn field(&mut self, label: &str, words: &str, tone: Tone) {
        let width = self.options.width;
        self.canvas.text(&format!("{label:<LABEL$}"), tone.style());
        self.canvas.paragraph(words, LABEL, width, tone.style());
    }

    fn verdict(&mut self) {
        let found = &self.run.found;
        let is_wrong = found.wrong.is_some() || !found.faults.is_empty();
        if !is_wrong {
            let words = format!(
                "{} at {}",
                counted(found.derivatives, "derivative"),
                counted(u64::from(found.points), "point")
            );
            match found.right {
                true => self.field(
                    "right",
                    &format!("{words} agree, before the cleanup pipeline"),
                    Tone::Added,
                ),
                false => self.field(
                    "undecided",
                    &format!("nothing disagrees of {words}, and not enough could be compared"),
                    Tone::Warning,
                ),
            }
            return;
        }
        if let Some(wrong) = &found.wrong {
            let words = format!(
                "{} is {}, and should be {}",
                wrong.place,
                words::value(wrong.derivative),
                words::value(wrong.reference)
            );
            self.field("WRONG", &words, Tone::Removed);
        }
        for fault in &found.faults {
            self.field("fault", &fault.to_string(), Tone::Removed);
        }
        let inputs = heading::inputs(&self.run.trace, &found.inputs);
        if !inputs.is_empty() {
            self.field("inputs", &inputs.join("; "), Tone::Muted);
        }
        if found.place.is_none() {
            let words = match found.followed.too_much {
                true => {
                    "the function computes too much to be followed: give it fewer elements with --len, or smaller numbers with --range"
                }
                false => "no value was found at which it goes wrong",
            };
            self.field("where", words, Tone::Warning);
            self.field("followed", &words::followed(&found.followed), Tone::Muted);
        }
    }

    fn place(&mut self, place: &WrongPlace) {
        self.canvas.newline();
        let mut here = words::place(place);
        if let Some((file, line)) = place.line.and_then(|line| self.run.source(line)) {
            here.push_str(&format!(" ({file}:{line})"));
        }
        self.field("goes wrong at", &here, Tone::Title);
        if let Some(line) = place.line {
            self.primal(line, true);
        }
        self.field("  value", &words::value(place.value), Tone::Plain);
        let has = match place.derivative {
            Some(has) => words::value(has),
            None => "none".to_owned(),
        };
        let is_bare = matches!(place.origin, WrongOrigin::SingleValue | WrongOrigin::Bits);
        if !is_bare {
            let of = match place.what {
                WrongWhat::AdjointInMemory | WrongWhat::TangentInMemory => " of what it stores",
                _ => "",
            };
            let words = format!(
                "{has} in the derivative{of}, and should be {}",
                words::value(place.reference)
            );
            let label = format!("  {}", words::what(place.what));
            self.field(&label, &words, Tone::Removed);
        }
        self.field("because", &words::origin(&place.origin), Tone::Title);
        let rules: Vec<u32> = place
            .rules
            .iter()
            .copied()
            .filter(|line| Some(*line) != place.line)
            .collect();
        if !rules.is_empty() {
            let words = match rules.len() {
                1 => "the rule of this line makes it:",
                _ => "one of the rules of these lines makes it:",
            };
            self.field("rules", words, Tone::Title);
            for line in rules {
                self.primal(line, false);
            }
        }
        if !place.made_by.is_empty() {
            self.field("made by", "these lines of the derivative:", Tone::Title);
            for &line in place.made_by.iter().take(MOST) {
                self.derivative(line);
            }
            if let Some(more @ 1..) = place.made_by.len().checked_sub(MOST) {
                let words = format!(
                    "  and {}; irad explain --pairs shows all",
                    counted(more as u64, "more line")
                );
                let width = self.options.width;
                self.canvas.paragraph(&words, 0, width, Tone::Muted.style());
            }
        }
        let words = words::followed(&self.run.found.followed);
        self.field("followed", &words, Tone::Muted);
    }

    /// A line of the primal, with its number and its place in the source.
    fn primal(&mut self, line: u32, is_place: bool) {
        let source = self.run.source(line).filter(|_| !is_place);
        let place = source.map(|(file, line)| format!("{file}:{line}"));
        let rows: Vec<String> = self
            .run
            .primal
            .rows(line as usize - 1)
            .map(str::to_owned)
            .collect();
        self.ir(line, "", place.as_deref(), &rows);
    }

    fn derivative(&mut self, line: u32) {
        let at = line as usize - 1;
        let parts = self.run.trace.explained.as_ref();
        let role = parts.and_then(|found| found.derivative.get(at));
        let role = role.map_or("", |part| part.role.name());
        let rows: Vec<String> = self.run.derivative.rows(at).map(str::to_owned).collect();
        self.ir(line, role, None, &rows);
    }

    fn ir(&mut self, line: u32, role: &str, place: Option<&str>, rows: &[String]) {
        let width = AdRole::Recompute.name().len();
        let gutter = match role.is_empty() {
            true => format!("  {line:>4} "),
            false => format!("  {line:>4} {role:<width$} "),
        };
        let indent = " ".repeat(gutter.width());
        for (at, row) in rows.iter().enumerate() {
            let before = if at == 0 { &gutter } else { &indent };
            self.canvas.text(before, Tone::Muted.style());
            self.canvas.rows(layout::line(
                row.trim_start(),
                LineKind::Instruction,
                &indent,
                &self.options,
            ));
        }
        if let Some(place) = place {
            let width = self.options.width;
            self.canvas.text(&indent, Tone::Muted.style());
            self.canvas
                .paragraph(place, indent.width(), width, Tone::Muted.style());
        }
    }
}

/// `1 point`, `3 points`.
fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        several => format!("{several} {what}s"),
    }
}
