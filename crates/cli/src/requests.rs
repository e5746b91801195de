//! The requests to Enzyme that a module holds itself, as nightly's `#[autodiff_…]` leaves them.

use diff_view::{Paint, Tone};
use ir_load::{Index, demangle};
use serde_json::{Value, json};
use session::calls::Call;

use crate::output::Canvas;

/// The requests as JSON.
pub fn json(found: &[Call], index: &Index<'_>) -> Value {
    found
        .iter()
        .map(|call| {
            json!({
                "name": demangle(&call.derivative),
                "symbol": call.derivative,
                "line": call.line,
                "primal": demangle(&call.primal),
                "primal_symbol": call.primal,
                "mode": call.mode,
                "width": call.asked.width,
                "activities": call.asked.activities,
                "returns": gives(call, index).then_some(call.asked.returns),
                "primal_returned": call.asked.primal_returned,
            })
        })
        .collect()
}

/// Paints the requests, one below the other, after the table of functions.
pub fn paint(found: &[Call], index: &Index<'_>, width: usize, canvas: &mut Canvas) {
    if found.is_empty() {
        return;
    }
    canvas.newline();
    canvas.line("requests to Enzyme", Tone::Title.style());
    for call in found {
        let caller = demangle(&call.derivative);
        canvas.text("  ", Tone::Plain.style());
        canvas.text(&caller, Tone::Hunk.style());
        let words = format!(" = {}", words(call, index));
        let used = 2 + caller.len();
        canvas.paragraph(&words, used, width, Tone::Plain.style());
    }
}

/// `reverse f(x.0: Duplicated, x.1: Const) -> Active`.
fn words(call: &Call, index: &Index<'_>) -> String {
    let names = index
        .get(&call.primal)
        .map(|function| parameter_names(&index.text(&function)))
        .unwrap_or_default();
    let parameters: Vec<String> = call
        .asked
        .activities
        .iter()
        .enumerate()
        .map(|(at, activity)| match names.get(at) {
            // Without a name it has a number, which says no more than its place.
            Some(name) if name.parse::<u32>().is_err() => format!("{name}: {activity}"),
            _ => activity.to_string(),
        })
        .collect();
    let returns = match (gives(call, index), call.asked.primal_returned) {
        (true, true) => format!(" -> {}", call.asked.returns),
        (true, false) => format!(" -> {}, primal not returned", call.asked.returns),
        (false, _) => String::new(),
    };
    let mode = match call.asked.width {
        1 => format!("{} ", call.mode),
        width => format!("{}, {width} directions: ", call.mode),
    };
    format!(
        "{mode}{}({}){returns}",
        demangle(&call.primal),
        parameters.join(", "),
    )
}

/// True when the primal gives a result.
fn gives(call: &Call, index: &Index<'_>) -> bool {
    index
        .get(&call.primal)
        .is_none_or(|function| !index.function_type(&function).starts_with("void"))
}

/// The names of a function's parameters, as its first line has them.
fn parameter_names(text: &str) -> Vec<String> {
    let header = text.lines().next().unwrap_or_default();
    diff_view::lex(header)
        .into_iter()
        .filter(|token| token.kind == diff_view::TokenKind::Local)
        .map(|token| token.name().to_owned())
        .collect()
}
