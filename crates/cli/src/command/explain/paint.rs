//! An explanation as text: first the primal, then the derivative, or both in pairs.

use std::collections::HashMap;

use diff_view::{Detail, LineKind, Location, Paint, Role, Show, Style, Tone, layout};
use explore::Sources;
use trace::{AdRole, Explanation, Mode, Part, Point, Trace};
use unicode_width::UnicodeWidthStr;

use super::args::{After, Args};
use super::explained::Run;
use crate::heading;
use crate::output::{Canvas, Global, printable};
use crate::view::{ColourBy, Listing, coloured, renamer_of};
use view_model::roles::look;
use view_model::types;

struct Painter<'a> {
    run: &'a Run,
    args: &'a Args,
    options: layout::Options<'a>,
    canvas: &'a mut Canvas,
    sources: Sources,
    /// The folders that names of source files begin in.
    folders: HashMap<String, String>,
    /// The line of the source that was shown last.
    last: Option<(String, u32)>,
}

/// Paints all that was asked for.
pub(super) fn paint(run: &Run, args: &Args, global: &Global, canvas: &mut Canvas) {
    let width = global.width().max(40);
    heading::paint(&run.trace, width, canvas);
    let rename = renamer_of(args.raw_names, &[&run.primal, &run.derivative]);
    let mut painter = Painter {
        run,
        args,
        options: layout::Options {
            width,
            rename: &rename,
            show: Show::All,
            detail: Detail::CODE,
            source: None,
        },
        canvas,
        sources: Sources::default(),
        folders: folders(&run.trace),
        last: None,
    };
    if let Some(values) = &run.trace.values {
        super::values::Values::new(run, values).paint(&painter.options, painter.canvas);
    } else if args.pairs {
        painter.pairs();
    } else {
        if args.roles.is_empty() {
            painter.primal();
        }
        painter.derivative();
    }
}

/// What becomes of a value, in one word.
fn fate(found: &Explanation) -> (&'static str, Style) {
    match (found.cached, found.recomputed, found.used) {
        (true, ..) => ("cached", Role::Cache.style()),
        (_, true, _) => ("recomputed", Role::Recompute.style()),
        (_, _, true) => ("used", Style::default()),
        _ => ("", Style::default()),
    }
}

/// Words before a line of IR, each in its style.
type Gutter = Vec<(String, Style)>;

impl Painter<'_> {
    fn mode(&self) -> Mode {
        self.run
            .trace
            .signature
            .as_ref()
            .map_or(Mode::Reverse, |signature| signature.mode)
    }

    fn note(&mut self, text: &str) {
        let width = self.options.width;
        self.canvas.paragraph(text, 0, width, Tone::Title.style());
    }

    /// A line of IR behind its gutter, or below it where there is little room.
    fn line(&mut self, gutter: &Gutter, role: Option<AdRole>, text: &str, column: usize) {
        let role = role.filter(|_| self.args.colour_by == ColourBy::Roles);
        let paint = |row| match role {
            Some(role) => coloured(row, role),
            None => row,
        };
        let is_narrow = self.is_narrow(column);
        let is_empty = gutter.iter().all(|(word, _)| word.trim().is_empty());
        if is_narrow {
            if !is_empty {
                for (word, style) in gutter {
                    let word = word.trim();
                    if !word.is_empty() {
                        self.canvas.text(word, *style);
                        self.canvas.text(" ", Tone::Plain.style());
                    }
                }
                self.canvas.newline();
            }
            let rows = layout::line(text, LineKind::Instruction, "    ", &self.options);
            self.canvas.rows(rows.into_iter().map(paint));
            return;
        }
        let mut used = 0;
        for (word, style) in gutter {
            self.canvas.text(word, *style);
            used += word.width();
        }
        self.canvas.text(
            &" ".repeat(column.saturating_sub(used)),
            Tone::Plain.style(),
        );
        let indent = " ".repeat(column);
        let rows = layout::line(text, LineKind::Instruction, &indent, &self.options);
        self.canvas.rows(rows.into_iter().map(paint));
    }

    /// Side by side with so much before it, a line of IR would be mostly line ends.
    fn is_narrow(&self, column: usize) -> bool {
        self.options.width < column + 42
    }

    /// The line of the source that an instruction of the primal comes from, where it is another than the one before.
    fn source(&mut self, primal: Option<usize>) {
        let primal = primal.filter(|_| self.args.source);
        let run = self.run;
        let found = primal.and_then(|at| run.explained.primal.get(at)?.source.as_ref());
        let Some((file, line)) = found else {
            return;
        };
        if self.last.as_ref() == found {
            return;
        }
        let location = Location {
            folder: self.folders.get(file).cloned().unwrap_or_default(),
            file: file.clone(),
            line: *line,
        };
        if let Some(words) = self.sources.line(&location) {
            let text = format!("{line:>5} | {}", words.trim_end().replace('\t', " "));
            let text: String = printable(&text).chars().take(self.options.width).collect();
            self.canvas.line(&text, Tone::Title.style());
        }
        self.last = found.cloned();
    }

    fn primal(&mut self) {
        let found = &self.run.explained.primal;
        let count = |test: fn(&Explanation) -> bool| found.iter().filter(|f| test(f)).count();
        let mut parts = vec![
            format!("{} instructions", found.len()),
            format!("{} active", count(|f| f.propagates)),
        ];
        if self.mode() == Mode::Reverse {
            parts.push(format!("{} cached", count(|f| f.cached)));
            parts.push(format!("{} recomputed", count(|f| f.recomputed)));
        }
        self.note(&format!(
            "the primal, as Enzyme simplified it: {}",
            parts.join(", ")
        ));
        let run = self.run;
        let column = self.primal_column();
        for (text, at) in &run.primal.lines {
            self.source(*at);
            let gutter = at.map_or_else(Vec::new, |at| self.primal_gutter(at));
            self.line(&gutter, None, text, column);
            if let Some(at) = *at {
                self.reasons(at, column);
            }
        }
        self.canvas.newline();
    }

    fn numbers(&self) -> usize {
        self.run.explained.primal.len().to_string().len()
    }

    fn types(&self) -> usize {
        let types = self.run.explained.primal.iter();
        types
            .map(|found| types::short(&found.known.ty).width())
            .max()
            .unwrap_or(0)
    }

    fn primal_column(&self) -> usize {
        let fate = if self.mode() == Mode::Reverse { 11 } else { 0 };
        self.numbers() + 1 + self.types() + 1 + 7 + fate
    }

    fn primal_gutter(&self, at: usize) -> Gutter {
        let found = &self.run.explained.primal[at];
        let (numbers, types) = (self.numbers(), self.types());
        // An instruction without a value may still pass derivatives on: a store does.
        let is_active = found.propagates || found.known.active && !found.known.ty.is_empty();
        let (activity, tone) = match is_active {
            true => ("active", Tone::Derivative),
            false => ("const", Tone::Muted),
        };
        let mut gutter = vec![
            (format!("{:>numbers$} ", at + 1), Tone::Muted.style()),
            (
                format!("{:<types$} ", types::short(&found.known.ty)),
                Style::default(),
            ),
            (format!("{activity:<7}"), tone.style()),
        ];
        if self.mode() == Mode::Reverse {
            let (word, style) = fate(found);
            gutter.push((format!("{word:<11}"), style));
        }
        gutter
    }

    /// Why a value is cached.
    fn reasons(&mut self, at: usize, column: usize) {
        let found = &self.run.explained.primal[at];
        if !found.cached {
            return;
        }
        let is_narrow = self.is_narrow(column);
        let indent = if is_narrow { 6 } else { column + 4 };
        for reason in found.reasons() {
            let reason = ir_load::demangle_words(&reason);
            let indent = " ".repeat(indent);
            self.canvas.text(&indent, Tone::Plain.style());
            // A comment, and painted as one.
            let rows = layout::line(
                &format!("; {reason}"),
                LineKind::Instruction,
                &indent,
                &self.options,
            );
            self.canvas.rows(rows);
        }
    }

    fn derivative(&mut self) {
        let run = self.run;
        let parts = run.parts(self.args);
        let counts: Vec<String> = AdRole::ALL
            .into_iter()
            .map(|role| (role, parts.iter().filter(|part| part.role == role).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(role, count)| format!("{count} {role}"))
            .collect();
        let what = match self.args.after {
            After::Derivative => "the derivative, as Enzyme generated it",
            After::Final => "the derivative, after the cleanup pipeline",
        };
        self.last = None;
        self.note(&format!(
            "{what}: {} instructions, {}",
            parts.len(),
            counts.join(", ")
        ));
        let column = self.role_column();
        let mut shown = true;
        let mut role = None;
        for (text, at) in &run.derivative.lines {
            if let Some(at) = at {
                shown = self.is_wanted(parts[*at].role);
            } else if !self.args.roles.is_empty() && !text.starts_with("   ") {
                // Of labels and the like nobody asked.
                continue;
            }
            if shown {
                let of = at.and_then(|at| parts[at].of);
                self.source(of.and_then(|of| (of as usize).checked_sub(1)));
                let gutter = at.map_or_else(Vec::new, |at| self.role_gutter(parts[at]));
                // What goes on on further lines has the role of the first.
                role = match at {
                    Some(at) => Some(parts[*at].role),
                    None => role.filter(|_| text.starts_with("   ")),
                };
                self.line(&gutter, role, text, column);
            }
        }
    }

    fn is_wanted(&self, role: AdRole) -> bool {
        let roles = &self.args.roles;
        roles.is_empty() || roles.iter().any(|wanted| wanted.role() == role)
    }

    fn role_column(&self) -> usize {
        10 + self.numbers() + 1
    }

    fn role_gutter(&self, part: Part) -> Gutter {
        let numbers = self.numbers();
        let of = part.of.map_or(String::new(), |of| of.to_string());
        vec![
            (format!("{:<10}", part.role.name()), look(part.role).style()),
            (format!("{of:>numbers$} "), Tone::Muted.style()),
        ]
    }

    /// Each line of the primal over what belongs to it. Reverse mode comes to the last line first.
    fn pairs(&mut self) {
        let run = self.run;
        let parts = run.parts(self.args);
        let count = run.explained.primal.len();
        let order: Vec<usize> = match self.mode() {
            Mode::Reverse => (0..count).rev().collect(),
            Mode::Forward => (0..count).collect(),
        };
        let column = self.primal_column();
        let of = |part: &Part, at: usize| {
            part.of.is_some_and(|of| of as usize == at + 1)
                && match self.args.roles.is_empty() {
                    true => !matches!(part.role, AdRole::Primal | AdRole::Control),
                    false => self.is_wanted(part.role),
                }
        };
        let pairs: Vec<(usize, Vec<usize>)> = order
            .into_iter()
            .map(|at| {
                let own = (0..parts.len()).filter(|&part| of(&parts[part], at));
                (at, own.collect::<Vec<usize>>())
            })
            .filter(|(_, own)| !own.is_empty())
            .collect();
        let alone = count - pairs.len();
        let what = match self.args.roles.as_slice() {
            [] => "something in the derivative beside themselves".to_owned(),
            roles => {
                let names: Vec<&str> = roles.iter().map(|role| role.role().name()).collect();
                format!("{} in the derivative", names.join(" or "))
            }
        };
        self.note(&format!(
            "{} of {count} instructions of the primal have {what}; {alone} {} not",
            pairs.len(),
            if alone == 1 { "has" } else { "have" }
        ));
        for (at, own) in pairs {
            self.source(Some(at));
            let gutter = self.primal_gutter(at);
            self.rows(&run.primal, at, None, &gutter, column);
            self.reasons(at, column);
            for part in own {
                let role = parts[part].role;
                let gutter = vec![(format!("  {:<10}", role.name()), look(role).style())];
                self.rows(&run.derivative, part, Some(role), &gutter, column);
            }
            self.canvas.newline();
        }
    }

    fn rows(
        &mut self,
        listing: &Listing,
        at: usize,
        role: Option<AdRole>,
        gutter: &Gutter,
        column: usize,
    ) {
        let nothing = Vec::new();
        for (row, text) in listing.rows(at).enumerate() {
            let gutter = if row == 0 { gutter } else { &nothing };
            self.line(gutter, role, text, column);
        }
    }
}

/// Where debug info says that source files are.
fn folders(trace: &Trace) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for (_, text) in trace.at(Point::Input) {
        for line in text.lines().filter(|line| line.contains("!DIFile(")) {
            let field = |key: &str| {
                let rest = line.split_once(key)?.1;
                Some(rest.split_once('"')?.0.to_owned())
            };
            if let (Some(file), Some(folder)) = (field("filename: \""), field("directory: \"")) {
                found.insert(file, folder);
            }
        }
    }
    found
}
