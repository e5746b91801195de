//! How it looks on a terminal.

use std::path::{Path, PathBuf};

use diff_view::{Detail, LineKind, Location, Paint, Show, Tone, layout};
use explore::Sources;
use trace::{AdRole, Cost, CountedInstruction, Mode, Point, Times, input_in_words};
use unicode_width::UnicodeWidthStr;

use super::args::Args;
use super::found::{Growth, Run, Size, Timing, median, quantile};
use super::growth::law;
use super::numbers::{counted, duration, grouped, share, times};
use super::tally::{self, Line, Share};
use crate::failure::Failure;
use crate::heading;
use crate::output::Canvas;
use crate::view::{Listing, listing, renamer_of};

/// Columns of the words before each paragraph.
const LABEL: usize = 13;
/// What reverse mode costs at most, in operations of the primal: Griewank and Walther, Evaluating Derivatives (2008),
/// section 4.5.
const CHEAP: f64 = 5.0;

/// Paints all that was measured.
pub(super) fn paint(
    run: &Run,
    args: &Args,
    width: usize,
    canvas: &mut Canvas,
) -> Result<(), Failure> {
    heading::paint(&run.trace, width, canvas);
    let mut painter = Painter { run, width, canvas };
    painter.inputs();
    painter.canvas.newline();
    painter.totals();
    painter.canvas.newline();
    painter.summary();
    painter.canvas.newline();
    match args.ir {
        true => painter.ir(args)?,
        false => painter.lines(args),
    }
    if let Some(growth) = &run.growth {
        painter.canvas.newline();
        painter.growth(growth);
    }
    for note in &run.profile.notes {
        painter.field("note", &note.to_string(), Tone::Warning);
    }
    Ok(())
}

struct Painter<'a> {
    run: &'a Run,
    width: usize,
    canvas: &'a mut Canvas,
}

/// What is counted, from the left.
const COLUMNS: [(&str, fn(&Cost) -> u64); 5] = [
    ("instructions", |cost| cost.instructions),
    ("operations", |cost| cost.operations),
    ("loaded", |cost| cost.loaded),
    ("stored", |cost| cost.stored),
    ("calls", |cost| cost.calls),
];

impl Painter<'_> {
    fn field(&mut self, label: &str, words: &str, tone: Tone) {
        self.canvas.text(&format!("{label:<LABEL$}"), tone.style());
        self.canvas
            .paragraph(words, LABEL, self.width, tone.style());
    }

    fn inputs(&mut self) {
        let parameters = self.run.trace.signature.iter();
        let inputs: Vec<String> = parameters
            .flat_map(|found| &found.parameters)
            .filter_map(|parameter| {
                let value = self.run.profile.inputs.get(&parameter.name)?;
                let text = value.to_string();
                let words = match text.len() <= 40 {
                    true => text.replace(',', ", "),
                    false => input_in_words(value),
                };
                Some(format!("{}: {words}", parameter.name))
            })
            .collect();
        if !inputs.is_empty() {
            self.field("inputs", &inputs.join("; "), Tone::Muted);
        }
    }

    /// How many columns of numbers there is room for.
    fn columns(&self) -> usize {
        self.width
            .saturating_sub(LABEL)
            .div_euclid(14)
            .clamp(2, COLUMNS.len())
    }

    fn row(&mut self, label: &str, cells: impl Iterator<Item = String>, tone: Tone) {
        let mut text = format!("{label:<LABEL$}");
        for cell in cells.take(self.columns()) {
            text.push_str(&format!("{cell:>14}"));
        }
        self.canvas.line(&text, tone.style());
    }

    fn totals(&mut self) {
        let profile = &self.run.profile;
        let (primal, derivative) = (profile.primal.total(), profile.derivative.total());
        let names = COLUMNS.iter().map(|(name, _)| (*name).to_owned());
        self.row("", names, Tone::Muted);
        let row = |cost: Cost| COLUMNS.iter().map(move |(_, of)| grouped(of(&cost)));
        self.row("primal", row(primal), Tone::Plain);
        self.row("derivative", row(derivative), Tone::Title);
        let over = COLUMNS.iter().map(|(_, of)| {
            let times = times(of(&derivative), of(&primal));
            times.map_or("-".to_owned(), |times| format!("{times:.2} ×"))
        });
        self.row("  over primal", over, Tone::Muted);
        for (role, cost) in tally::by_role(&profile.derivative) {
            if cost != Cost::default() {
                let label = format!("  {}", name(role));
                self.row(&label, row(cost), tone(role));
            }
        }
    }

    fn summary(&mut self) {
        let profile = &self.run.profile;
        let mode = self.run.trace.signature.as_ref().map(|found| found.mode);
        if mode == Some(Mode::Reverse) {
            let tape = tally::tape(&profile.derivative);
            let words = match tape {
                0 => "nothing is kept for the reverse sweep".to_owned(),
                _ => format!("{} kept for the reverse sweep", counted(tape, "byte")),
            };
            self.field("tape", &words, Tone::Plain);
        }
        let heap = |heap: trace::Heap| match heap.blocks {
            0 => "no allocation".to_owned(),
            blocks => format!(
                "{} of {}, {} at a time",
                counted(blocks, "allocation"),
                counted(heap.bytes, "byte"),
                grouped(heap.peak)
            ),
        };
        let (primal, derivative) = (heap(profile.primal.heap), heap(profile.derivative.heap));
        let words = match primal == derivative {
            true => format!("{primal} in either"),
            false => format!("primal: {primal}; derivative: {derivative}"),
        };
        self.field("heap", &words, Tone::Plain);
        let words = match &self.run.times {
            Timing::NotAsked => None,
            Timing::FreesInputs => Some(
                "not measured: the function frees memory that it is given, which can be done once"
                    .to_owned(),
            ),
            Timing::Measured(times) => Some(time_in_words(times)),
        };
        if let Some(words) = words {
            self.field("time", &words, Tone::Plain);
        }
        if mode == Some(Mode::Reverse) {
            let (primal, derivative) = (profile.primal.total(), profile.derivative.total());
            let (words, tone) = match times(derivative.operations, primal.operations) {
                None => (
                    "the primal has no floating-point operation".to_owned(),
                    Tone::Muted,
                ),
                Some(ratio) => (
                    format!(
                        "{ratio:.2} times the primal's operations; reverse mode should cost at most about {CHEAP:.0} (Griewank and Walther)"
                    ),
                    if ratio > CHEAP {
                        Tone::Warning
                    } else {
                        Tone::Muted
                    },
                ),
            };
            self.field("reference", &words, tone);
        }
    }

    /// Lines of the Rust source, those with the most work of the derivative in the order of the source.
    fn lines(&mut self, args: &Args) {
        let all = tally::by_source(&self.run.profile, &self.run.explained, &self.run.users);
        let (primal, derivative) = self.whole();
        let mut ranked: Vec<(&Option<Line>, &Share)> = all.iter().collect();
        ranked.sort_by_key(|(_, share)| std::cmp::Reverse(share.derivative.instructions));
        let hidden = ranked.split_off(args.lines.min(ranked.len()));
        ranked.sort_by_key(|(line, _)| *line);
        if ranked.iter().all(|(line, _)| line.is_none()) {
            let words = "the IR has no debug info, so that no work has a line (-C debuginfo=1); --ir shows lines of the IR";
            self.canvas
                .paragraph(words, 0, self.width, Tone::Muted.style());
            return;
        }
        let sources = Sources::default();
        let mut file = None;
        for (line, share_of) in ranked {
            let (place, text) = match line {
                Some((name, number)) => {
                    if file != Some(name) {
                        self.canvas.line(name, Tone::Hunk.style());
                        self.canvas
                            .line("   primal derivative  line", Tone::Muted.style());
                        file = Some(name);
                    }
                    (format!("{number:>6}"), self.source(&sources, name, *number))
                }
                None => ("     -".to_owned(), "no line".to_owned()),
            };
            let numbers = format!(
                "{:>9}  {:>9}",
                share(share_of.primal.instructions, primal),
                share(share_of.derivative.instructions, derivative),
            );
            self.canvas.text(&numbers, Tone::Plain.style());
            self.canvas.text(&place, Tone::Muted.style());
            self.canvas.text("  ", Tone::Muted.style());
            let room = self.width.saturating_sub(numbers.len() + place.len() + 2);
            self.canvas
                .line(&cut(text.trim(), room), Tone::Plain.style());
            self.detail(share_of, derivative);
        }
        if !hidden.is_empty() {
            let work: u64 = hidden
                .iter()
                .map(|(_, share)| share.derivative.instructions)
                .sum();
            let words = format!(
                "{} more with {} of the derivative (--lines N)",
                counted(hidden.len() as u64, "line"),
                share(work, derivative)
            );
            self.canvas.line(&words, Tone::Muted.style());
        }
    }

    /// What a line's derivative is made of, below it.
    fn detail(&mut self, of: &Share, whole: u64) {
        const INDENT: usize = 28;
        let mut parts: Vec<(u64, String)> = of
            .roles
            .iter()
            .filter(|(_, cost)| cost.instructions > 0)
            .map(|(role, cost)| {
                let words = format!("{} {}", name(*role), share(cost.instructions, whole));
                (cost.instructions, words)
            })
            .collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.0));
        if parts.len() > 1 || of.kept > 0 {
            let words: Vec<String> = parts.into_iter().map(|(_, words)| words).collect();
            self.under(INDENT, &words.join(", "), Tone::Muted);
        }
        if of.kept > 0 {
            let mut words = format!("keeps {}", counted(of.kept, "byte"));
            let lines: Vec<String> = of
                .needed_by
                .iter()
                .map(|(_, line)| line.to_string())
                .collect();
            if !lines.is_empty() {
                let s = if lines.len() == 1 { "" } else { "s" };
                words.push_str(&format!(" for line{s} {}", lines.join(", ")));
            }
            if !of.because.is_empty() {
                words.push_str(&format!(": {}", of.because.join("; ")));
            }
            self.under(INDENT, &words, tone(Some(AdRole::Cache)));
        }
    }

    /// Words below a line, which begin there on each of their own.
    fn under(&mut self, indent: usize, words: &str, tone: Tone) {
        let room = self.width.saturating_sub(indent).max(20);
        let indent = " ".repeat(self.width.saturating_sub(room).min(indent));
        let mut line = String::new();
        for word in words.split(' ') {
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                self.canvas.line(&format!("{indent}{line}"), tone.style());
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.canvas.line(&format!("{indent}{line}"), tone.style());
    }

    /// Lines of the derivative's IR that run, or those of the primal where nothing else has work.
    fn ir(&mut self, args: &Args) -> Result<(), Failure> {
        let (_, whole) = self.whole();
        let run = self.run;
        let derivative = listing(&run.trace, Point::Final, run.explained.last.len())?;
        let Some(function) = run.profile.derivative.functions.first() else {
            return Ok(());
        };
        self.listed(args, &derivative, &function.instructions, whole);
        let others = &run.profile.derivative.functions[1..];
        for other in others {
            let cost: Cost = other.instructions.iter().map(|one| one.cost).sum();
            let words = format!(
                "{} in {}",
                share(cost.instructions, whole),
                ir_load::demangle(&other.symbol)
            );
            self.canvas.line(&words, Tone::Muted.style());
        }
        Ok(())
    }

    fn listed(
        &mut self,
        args: &Args,
        listing: &Listing,
        instructions: &[CountedInstruction],
        whole: u64,
    ) {
        let rename = renamer_of(args.raw_names, &[listing]);
        let options = layout::Options {
            width: self.width,
            rename: &rename,
            show: Show::All,
            detail: Detail::CODE,
            source: None,
        };
        self.canvas.line(
            "  executions    share  role       derivative",
            Tone::Muted.style(),
        );
        for (text, at) in &listing.lines {
            let one = at.and_then(|at| instructions.get(at));
            let (gutter, kind, tone) = match one {
                Some(one) => (
                    format!(
                        "{:>12} {:>8}  {:<9}  ",
                        grouped(one.executions),
                        share(one.cost.instructions, whole),
                        name(one.role)
                    ),
                    LineKind::Instruction,
                    tone(one.role),
                ),
                None => (" ".repeat(34), LineKind::Label, Tone::Muted),
            };
            self.canvas.text(&gutter, tone.style());
            let narrow = layout::Options {
                width: self.width.saturating_sub(gutter.width()).max(30),
                ..options
            };
            let rows = layout::line(text, kind, "    ", &narrow);
            let indent = " ".repeat(gutter.width());
            for (nth, row) in rows.into_iter().enumerate() {
                if nth > 0 {
                    self.canvas.text(&indent, Tone::Plain.style());
                }
                self.canvas.row(&row);
            }
        }
    }

    fn whole(&self) -> (u64, u64) {
        let profile = &self.run.profile;
        let (primal, derivative) = (profile.primal.total(), profile.derivative.total());
        (primal.instructions, derivative.instructions)
    }

    /// A line of the source, if the file is there.
    fn source(&self, sources: &Sources, file: &str, line: u32) -> String {
        let folders = folders_of(&self.run.trace.definitions, file);
        folders
            .iter()
            .find_map(|folder| {
                sources.line(&Location {
                    folder: folder.clone(),
                    file: file.to_owned(),
                    line,
                })
            })
            .unwrap_or_default()
    }

    fn growth(&mut self, growth: &Growth) {
        let names = growth.sweep.names.join(", ");
        let title = format!("n: elements of {names}");
        self.canvas.line(&title, Tone::Title.style());
        let fields: [(&str, &str, fn(&Size) -> u64); 6] = [
            ("primal", " operations", |size| size.primal_operations),
            ("derivative", " operations", |size| size.operations),
            ("derivative", " instructions", |size| size.instructions),
            ("tape", " bytes", |size| size.tape),
            ("primal heap", " bytes", |size| size.primal_peak),
            ("heap", " bytes", |size| size.peak),
        ];
        let sizes = &growth.sweep.sizes;
        for (label, unit, of) in fields {
            let numbers: Vec<u64> = growth.points.iter().map(of).collect();
            if numbers.iter().all(|number| *number == 0) {
                continue;
            }
            let words = law(sizes, &numbers).map_or("no law".to_owned(), |law| law.words(unit));
            self.field(label, &words, Tone::Plain);
            let most = numbers.iter().copied().max().unwrap_or(1).max(1);
            for (size, number) in sizes.iter().zip(&numbers) {
                let room = self.width.saturating_sub(LABEL + 30).clamp(10, 60);
                let bar = bar(*number as f64 / most as f64, room);
                let words = format!("{:>LABEL$} {:>14}  {bar}", grouped(*size), grouped(*number));
                self.canvas.line(&words, Tone::Muted.style());
            }
        }
        let timed: Option<Vec<f64>> = growth.points.iter().map(|size| size.time).collect();
        if let Some(timed) = timed {
            let words: Vec<String> = timed.iter().map(|time| duration(*time)).collect();
            self.field("time", &words.join(", "), Tone::Plain);
        }
        let power = |of: fn(&Size) -> u64| {
            let numbers: Vec<u64> = growth.points.iter().map(of).collect();
            law(sizes, &numbers).map(|law| law.power)
        };
        let own = power(|size| size.primal_peak).unwrap_or(0.0).max(1.0);
        if let Some(tape) = power(|size| size.tape)
            && tape > own + 0.1
        {
            let words = "the tape grows faster than the memory that the primal itself needs";
            self.field("warning", words, Tone::Warning);
        }
    }
}

fn time_in_words(times: &Times) -> String {
    let calls = times.calls;
    let (primal, derivative) = (
        median(&times.primal, calls),
        median(&times.derivative, calls),
    );
    // A clock is read before and after, which takes this long.
    const SHORT: f64 = 1_000.0;
    if times.calls == 1 && primal < SHORT {
        return format!(
            "{} over {}: too short to be measured; give it more elements with --len",
            duration(derivative),
            duration(primal)
        );
    }
    let mut ratios: Vec<f64> = times
        .derivative
        .iter()
        .zip(&times.primal)
        .map(|(derivative, primal)| *derivative as f64 / (*primal).max(1) as f64)
        .collect();
    ratios.sort_by(f64::total_cmp);
    let at = |part: f64| ratios[(part * (ratios.len() - 1) as f64).round() as usize];
    let spread =
        quantile(&times.derivative, calls, 0.75) - quantile(&times.derivative, calls, 0.25);
    format!(
        "{} over {}: {:.2} times, {:.2} to {:.2} in the middle half of {} runs ({} between the quarters)",
        duration(derivative),
        duration(primal),
        at(0.5),
        at(0.25),
        at(0.75),
        times.primal.len(),
        duration(spread)
    )
}

/// The folders in which debug info says a file to be; and where irad runs.
fn folders_of(definitions: &[String], file: &str) -> Vec<String> {
    let wanted = format!("filename: \"{file}\", directory: \"");
    let found = definitions.iter().filter_map(|line| {
        let (_, rest) = line.split_once(&wanted)?;
        Some(rest.split('"').next()?.to_owned())
    });
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let here = Path::new(&here).display().to_string();
    found.chain([here]).collect()
}

fn name(role: Option<AdRole>) -> &'static str {
    role.map_or("called", AdRole::name)
}

fn tone(role: Option<AdRole>) -> Tone {
    match role {
        Some(AdRole::Primal) => Tone::Plain,
        Some(AdRole::Shadow) => Tone::Hunk,
        Some(AdRole::Adjoint | AdRole::Tangent) => Tone::Derivative,
        Some(AdRole::Cache) => Tone::Removed,
        Some(AdRole::Recompute) => Tone::Warning,
        Some(AdRole::Control) | None => Tone::Muted,
    }
}

/// At most so many columns of a text.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    for character in text.chars() {
        if out.width() + 2 > room {
            break;
        }
        out.push(character);
    }
    out + "…"
}

/// A bar of a share of the room.
fn bar(part: f64, room: usize) -> String {
    let filled = (part * room as f64).round() as usize;
    "#".repeat(filled.max(usize::from(part > 0.0)))
}
