//! Which step made each line of the final function.

use diff_view::{Function, LineKind, Paint, PairKind, Tone, layout};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::output::Canvas;
use session::history::History;

/// For each line of the last state, the position of the state that made it.
fn makers(history: &History<'_>) -> Vec<usize> {
    let first = Function::parse(&history.states[0].text);
    let mut makers = vec![0; first.lines.len()];
    for (at, state) in history.states.iter().enumerate().skip(1) {
        let Some(diff) = &state.diff else { continue };
        let mut next = vec![at; diff.after.lines.len()];
        for pair in &diff.pairs {
            let kept = matches!(
                pair.kind,
                PairKind::Same | PairKind::Renamed | PairKind::Moved
            );
            if let (true, Some(old), Some(new)) = (kept, pair.before, pair.after) {
                next[new] = makers[old];
            }
        }
        makers = next;
    }
    makers
}

/// Paints the final function with the step that made each line before it.
pub fn paint(history: &History<'_>, options: &layout::Options<'_>, canvas: &mut Canvas) {
    let last = history.states.last().expect("there is always the input");
    let function = Function::parse(&last.text);
    let makers = makers(history);
    let states = history.states.iter();
    let short: Vec<String> = states.map(|state| history.short_id(state)).collect();
    let gutter = makers
        .iter()
        .map(|&at| short[at].width())
        .max()
        .unwrap_or(0);
    // On a narrow terminal the name goes above the lines that it made.
    let is_narrow = options.width < gutter + 50;
    let mut said = None;
    let shown = function.lines.iter().zip(&makers);
    for (line, &maker) in shown.filter(|(line, _)| !options.detail.hides(line)) {
        let is_blank = line.kind == LineKind::Blank;
        let name = if is_blank || said == Some(maker) {
            ""
        } else {
            short[maker].as_str()
        };
        if !is_blank {
            said = Some(maker);
        }
        let tone = if maker == 0 { Tone::Muted } else { Tone::Hunk };
        if is_narrow {
            if !name.is_empty() {
                canvas.line(name, tone.style());
            }
            canvas.rows(layout::line(&line.text, line.kind, "  ", options));
        } else {
            canvas.text(&format!("{name:<gutter$} "), tone.style());
            canvas.rows(layout::line(
                &line.text,
                line.kind,
                &" ".repeat(gutter + 1),
                options,
            ));
        }
    }
}

/// The same as JSON.
pub fn document(history: &History<'_>) -> Value {
    let last = history.states.last().expect("there is always the input");
    let function = Function::parse(&last.text);
    let lines: Vec<Value> = function
        .lines
        .iter()
        .zip(makers(history))
        .map(|(line, maker)| json!({ "text": line.text, "step": history.states[maker].id }))
        .collect();
    json!({ "function": last.function, "lines": lines })
}
