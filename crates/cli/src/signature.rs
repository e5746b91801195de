//! The line above every result: what was differentiated, with respect to what.

use diff_view::{Paint, Tone};
use trace::{Activity, Parameter, Signature};
use unicode_width::UnicodeWidthStr;

use crate::output::Canvas;

/// `loss(w: &[f64] Duplicated, y: f64 Active) -> f64 Active`.
pub fn line(signature: &Signature) -> String {
    let parameters: Vec<String> = signature.parameters.iter().map(parameter).collect();
    let returns = signature
        .returns
        .as_ref()
        .map_or_else(String::new, |r| format!(" -> {} {}", r.ty, r.activity));
    format!(
        "{}({}){returns}",
        ir_load::demangle(&signature.function),
        parameters.join(", ")
    )
}

fn parameter(parameter: &Parameter) -> String {
    format!(
        "{}: {} {}",
        parameter.name, parameter.ty, parameter.activity
    )
}

/// Paints the signature, broken between parameters where it is wider than `width`.
pub fn paint(signature: &Signature, width: usize, canvas: &mut Canvas) {
    let mode = format!("{} ", signature.mode);
    canvas.text(&mode, Tone::Hunk.style());
    let whole = line(signature);
    if mode.width() + whole.width() <= width {
        canvas.line(&whole, Tone::Title.style());
    } else {
        let name = ir_load::demangle(&signature.function);
        let title = Tone::Title.style();
        canvas.paragraph(&format!("{name}("), mode.width(), width, title);
        for each in &signature.parameters {
            canvas.text("  ", title);
            canvas.paragraph(&format!("{},", parameter(each)), 2, width, title);
        }
        let returns = signature
            .returns
            .as_ref()
            .map_or_else(String::new, |r| format!(" -> {} {}", r.ty, r.activity));
        canvas.line(&format!("){returns}"), Tone::Title.style());
    }
    for each in signature.parameters.iter().chain(&signature.returns) {
        // Floats that go without a derivative are what people look for when a gradient is wrong.
        if each.activity == Activity::Const && each.reason.contains("floats") {
            let name = if each.name.is_empty() {
                "the result"
            } else {
                &each.name
            };
            canvas.line(
                &format!("warning: {name} is Const: {}", each.reason),
                Tone::Warning.style(),
            );
        }
    }
}
