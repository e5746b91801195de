//! Lines of the Rust source and of the IR, with the work that stands there.

use std::path::PathBuf;

use diff_view::{Detail, LineKind, Location, Paint, Show, Tone, layout};
use explore::Sources;
use trace::{AdRole, Cost, CountedInstruction, Point};
use unicode_width::UnicodeWidthStr;

use super::args::Args;
use super::numbers::{counted, grouped, share};
use super::paint::{Painter, name, tone};
use super::tally::{self, Line, Share};
use crate::failure::Failure;
use crate::view::{Listing, listing, renamer_of};

impl Painter<'_> {
    /// Lines of the Rust source, those with the most work of the derivative in the order of the source.
    pub(super) fn lines(&mut self, args: &Args) {
        let all = tally::by_source(&self.run.profile, &self.run.explained, &self.run.users);
        let (primal, derivative) = self.whole();
        let mut ranked: Vec<(&Option<Line>, &Share)> = all.iter().collect();
        ranked.sort_by_key(|(_, share)| std::cmp::Reverse(share.derivative.instructions));
        let hidden = ranked.split_off(args.lines.min(ranked.len()));
        ranked.sort_by_key(|(line, _)| (line.is_none(), *line));
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
    pub(super) fn ir(&mut self, args: &Args) -> Result<(), Failure> {
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
}

/// The folders in which debug info says a file to be; and where irad runs.
fn folders_of(definitions: &[String], file: &str) -> Vec<String> {
    let wanted = format!("filename: \"{file}\", directory: \"");
    let found = definitions.iter().filter_map(|line| {
        let (_, rest) = line.split_once(&wanted)?;
        Some(rest.split('"').next()?.to_owned())
    });
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    found.chain([here.display().to_string()]).collect()
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
