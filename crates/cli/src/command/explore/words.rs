//! The explorer's words: those that every other command has, as rows.

use diff_view::{Row, RowPaint, Tone};
use explore::Words;
use session::error::Error;
use trace::Trace;

use crate::command::locate;
use crate::failure::Failure;
use crate::heading;
use crate::output::Canvas;

/// The words of the other commands.
pub struct CommandWords;

impl Words for CommandWords {
    fn heading(&self, trace: &Trace, width: usize) -> Vec<Row> {
        let mut canvas = Canvas::Rows(RowPaint::default());
        heading::paint(trace, width, &mut canvas);
        canvas.rows_of()
    }

    fn failure(&self, error: &Error, width: usize) -> Vec<Row> {
        rows(&Failure::from(error), width)
    }

    fn located(&self, trace: Trace, width: usize) -> Vec<Row> {
        locate::rows(trace, width).unwrap_or_else(|failure| rows(&failure, width))
    }
}

fn rows(failure: &Failure, width: usize) -> Vec<Row> {
    let mut canvas = Canvas::Rows(RowPaint::default());
    for (at, line) in failure.plain().lines().enumerate() {
        let tone = if at == 0 { Tone::Warning } else { Tone::Plain };
        canvas.paragraph(line, 0, width, tone.style());
    }
    canvas.rows_of()
}
