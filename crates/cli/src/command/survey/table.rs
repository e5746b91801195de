//! The table, row by row, and its sums.

use std::time::Duration;

use diff_view::{Paint, Tone};
use indicatif::ProgressBar;
use unicode_width::UnicodeWidthStr;

use super::args::{Args, Sort};
use super::counts::Counts;
use super::row::{Outcome, Row};
use crate::command::profile::grouped;
use crate::failure::Failure;
use crate::output::{Canvas, Global};
use crate::view::Headline;

/// The rows as they come.
pub(super) struct Table<'a> {
    streams: bool,
    global: &'a Global,
    bar: ProgressBar,
    has_head: bool,
    /// There are columns of what runs take.
    has_work: bool,
    /// Each function has a mode of its own.
    has_mode: bool,
}

impl<'a> Table<'a> {
    pub(super) fn new(args: &Args, global: &'a Global, bar: ProgressBar) -> Self {
        Table {
            streams: args.sort == Sort::Order && !args.json,
            global,
            bar,
            has_head: false,
            has_work: args.profile,
            has_mode: args.mode.is_none() && args.merge.is_empty(),
        }
    }

    /// Gives room to what runs take, where rows of other surveys have it.
    pub(super) fn fits(&mut self, rows: &[Row]) {
        self.has_work |= rows.iter().any(|row| row.executed().is_some());
        self.has_mode |= rows.windows(2).any(|rows| rows[0].mode != rows[1].mode);
    }

    /// Shows a row, if rows are shown as they come.
    pub(super) fn row(&mut self, row: &Row) -> Result<(), Failure> {
        if self.streams {
            self.print(row)
        } else {
            Ok(())
        }
    }

    pub(super) fn print(&mut self, row: &Row) -> Result<(), Failure> {
        if matches!(row.outcome, Outcome::Nothing) {
            return Ok(());
        }
        let mut canvas = self.global.canvas(None);
        if !self.has_head {
            self.has_head = true;
            let work = match self.has_work {
                true => "     work       tape",
                false => "",
            };
            let mode = if self.has_mode { "  mode   " } else { "" };
            let head = format!("      time   primal  derivative       {work}{mode}  function");
            canvas.line(&head, Tone::Title.style());
        }
        let columns = (self.has_work, self.has_mode);
        paint(row, columns, self.global.width().max(40), &mut canvas);
        self.out(canvas)
    }

    /// The bar gives way while something is printed.
    fn out(&self, canvas: Canvas) -> Result<(), Failure> {
        let text = canvas.finish();
        self.bar
            .suspend(|| crate::output::write_stdout(text.as_bytes()))
    }

    pub(super) fn summary(&self, rows: &[Row], taken: Duration) -> Result<(), Failure> {
        let mut canvas = self.global.canvas(None);
        let counts = Counts::of(rows);
        canvas.newline();
        let sums = format!(
            "{} of {} functions are accepted{}, {} refused, {} ended the engine; in {:.1} s",
            counts.accepted,
            rows.len() - counts.nothing,
            counts.checked(),
            counts.refused,
            counts.ended,
            taken.as_secs_f64()
        );
        let width = self.global.width().max(40);
        canvas.paragraph(&sums, 0, width, Tone::Title.style());
        for (reason, count) in counts.by_reason() {
            canvas.line(
                &format!("{count:>6}  {}", spaced(reason)),
                Tone::Plain.style(),
            );
        }
        if counts.nothing > 0 {
            canvas.line(
                &format!("{:>6}  more have nothing to differentiate", counts.nothing),
                Tone::Muted.style(),
            );
        }
        self.out(canvas)
    }
}

fn paint(row: &Row, (has_work, has_mode): (bool, bool), width: usize, canvas: &mut Canvas) {
    let time = format!("{:>7.1} ms", row.taken.as_secs_f64() * 1000.0);
    canvas.text(&time, Tone::Plain.style());
    let room = if has_work { 47 } else { 27 };
    let (numbers, tone) = match &row.outcome {
        Outcome::Accepted {
            primal, derivative, ..
        } => (
            {
                let work = match (has_work, row.executed()) {
                    (false, _) => String::new(),
                    (true, None) => format!("{:>9}  {:>9}", "-", "-"),
                    (true, Some(executed)) => {
                        format!("{:>8.1}×  {:>9}", executed.ratio(), grouped(executed.tape))
                    }
                };
                let ratio = row.ratio();
                format!("{primal:>9}  {derivative:>10}  {ratio:>4.1}×{work}  ")
            },
            Tone::Added,
        ),
        Outcome::Refused { .. } => (format!("  {:room$}", "refused"), Tone::Removed),
        Outcome::Ended { .. } => (format!("  {:room$}", "ended the engine"), Tone::Removed),
        Outcome::Nothing => (String::new(), Tone::Muted),
    };
    canvas.text(&numbers, tone.style());
    let mode = match has_mode {
        true => format!("{:<9}", row.mode.to_string()),
        false => String::new(),
    };
    canvas.text(&mode, Tone::Muted.style());
    let used = time.width() + numbers.width() + mode.width();
    Headline::told(row.declaration.as_deref(), &row.name).paint(used, width, canvas);
    if let Outcome::Refused { reason, message } | Outcome::Ended { reason, message } = &row.outcome
    {
        let why = format!("          {}: {message}", spaced(reason));
        canvas.paragraph(&why, 0, width, Tone::Muted.style());
    }
    if let Outcome::Accepted {
        verdict: Some(verdict),
        ..
    } = &row.outcome
        && !verdict.is_right()
    {
        let words = format!("          {}: {}", verdict.label(), verdict.words());
        let tone = match verdict.is_wrong() {
            true => Tone::Removed,
            false => Tone::Muted,
        };
        canvas.paragraph(&words, 0, width, tone.style());
    }
}

pub(super) fn spaced(reason: &str) -> String {
    reason.replace('_', " ")
}
