//! What stands above every result: what was differentiated, with respect to what, and reasons for doubt.

use diff_view::{Paint, Tone};
use serde_json::{Map, Value};
use session::signature::{line, parameter, returned};
use trace::{Activity, Severity, Signature, Trace, TypeSource, Verdict, input_in_words};
use unicode_width::UnicodeWidthStr;

use crate::output::{Canvas, Global, printable, say};

/// The mode, and what of it is not as usual: `forward, 4 directions: `.
fn mode(signature: &Signature) -> String {
    match signature {
        Signature { width: 2.., .. } => {
            format!("{}, {} directions: ", signature.mode, signature.width)
        }
        Signature { split: true, .. } => format!("{}, split: ", signature.mode),
        _ => format!("{} ", signature.mode),
    }
}

/// Why each parameter is what it is, and where its type is known from.
pub fn sources(signature: &Signature) -> Vec<String> {
    let all = signature.parameters.iter().chain(&signature.returns);
    all.map(|each| {
        let name = match each.name.as_str() {
            "" => "the result",
            name => name,
        };
        let source = match each.source {
            TypeSource::Stated => "is stated",
            TypeSource::Attributes => "is in its enzyme_type attribute",
            TypeSource::DebugInfo => "is in the debug info",
            TypeSource::Uses => "is what the IR and the uses show",
        };
        format!(
            "{name} is {} ({}); its type, {}, {source}",
            each.activity, each.reason, each.ty
        )
    })
    .collect()
}

/// Paints what stands above every result: the signature, and every reason to doubt the result.
pub fn paint(trace: &Trace, width: usize, canvas: &mut Canvas) {
    if let Some(signature) = &trace.signature {
        paint_signature(signature, width, canvas);
    }
    if let Some(verdict) = &trace.verdict {
        paint_verdict(verdict, width, canvas);
    }
    for words in warnings(trace) {
        canvas.paragraph(
            &format!("warning: {words}"),
            0,
            width,
            Tone::Warning.style(),
        );
    }
}

/// What a function was run on, parameter by parameter.
pub fn inputs(trace: &Trace, values: &Map<String, Value>) -> Vec<String> {
    /// Longer values are told in a few words.
    const SHORT: usize = 60;
    let parameters = trace.signature.iter().flat_map(|found| &found.parameters);
    parameters
        .filter_map(|parameter| {
            let value = values.get(&parameter.name)?;
            let text = value.to_string();
            let words = match text.len() <= SHORT {
                true => text.replace(',', ", "),
                false => input_in_words(value),
            };
            Some(format!("{}: {words}", parameter.name))
        })
        .collect()
}

/// As many remedies are shown; documents have all of them.
const MOST_REMEDIES: usize = 4;

/// Paints what a check of the derivative came to.
pub fn paint_verdict(verdict: &Verdict, width: usize, canvas: &mut Canvas) {
    let label = format!("{:<13}", verdict.label());
    let tone = match verdict {
        Verdict::Wrong { .. } => Tone::Removed,
        _ if verdict.is_doubtful() => Tone::Warning,
        _ => Tone::Added,
    };
    canvas.text(&label, tone.style());
    for (at, (lead, words)) in verdict_words(verdict).into_iter().enumerate() {
        let (words, tone) = match at {
            0 => (words, tone),
            _ => (format!("{lead:<13}{words}"), Tone::Warning),
        };
        canvas.paragraph(&words, label.len(), width, tone.style());
    }
}

/// What a check came to, then causes and remedies, each with the word that stands before it.
fn verdict_words(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let mut lines = vec![("", ir_load::demangle_words(&verdict.to_string()))];
    if let Verdict::Wrong {
        remedies,
        known,
        locate,
        ..
    } = verdict
    {
        if !locate.is_empty() {
            let command = session::shell::line(locate);
            lines[0].1.push_str(&format!("; see {command}"));
        }
        lines.extend(known.map(|known| ("because", known.to_string())));
        let remedies = remedies.iter().take(MOST_REMEDIES);
        lines.extend(remedies.map(|remedy| ("help:", remedy.to_string())));
    }
    lines
}

/// The same, each as one line.
pub fn verdict_lines(verdict: &Verdict) -> Vec<String> {
    let words = verdict_words(verdict).into_iter();
    words
        .map(|(lead, words)| format!("{lead} {words}").trim_start().to_owned())
        .collect()
}

/// The mode and the signature, as one line.
pub fn signature(signature: &Signature) -> String {
    let words = format!("{}{}", mode(signature), line(signature));
    printable(&words).into_owned()
}

/// Every reason to doubt a result that is not its verdict: floats that go without a derivative, and warnings.
pub fn doubts(trace: &Trace) -> Vec<String> {
    let constants = trace.signature.iter().flat_map(constants);
    let all = constants.chain(warnings(trace));
    all.map(|words| printable(&words).into_owned()).collect()
}

/// Says on standard error what a check came to.
pub fn say_verdict(trace: &Trace, global: &Global) {
    if let Some(verdict) = &trace.verdict {
        let mut canvas = global.stderr_canvas();
        paint_verdict(verdict, global.width(), &mut canvas);
        say(&canvas.finish());
    }
}

/// Every reason to doubt the result, in words.
pub fn warnings(trace: &Trace) -> Vec<String> {
    let warnings = trace
        .remarks
        .iter()
        .filter(|remark| remark.severity == Severity::Warning);
    warnings
        .map(|remark| ir_load::demangle_words(&remark.message()))
        .collect()
}

/// Paints the signature, broken between parameters where it is wider than `width`.
/// Paints what was differentiated with respect to what.
pub fn paint_signature(signature: &Signature, width: usize, canvas: &mut Canvas) {
    let mode = mode(signature);
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
        let returns = returned(signature);
        canvas.line(&format!("){returns}"), Tone::Title.style());
    }
    for words in constants(signature) {
        canvas.line(&format!("warning: {words}"), Tone::Warning.style());
    }
}

/// Floats that go without a derivative are what people look for when a gradient is wrong.
fn constants(signature: &Signature) -> Vec<String> {
    let all = signature.parameters.iter().chain(&signature.returns);
    let constant = all.filter(|each| each.activity == Activity::Const && each.reason.has_floats());
    constant
        .map(|each| {
            let name = if each.name.is_empty() {
                "the result"
            } else {
                &each.name
            };
            format!("{name} is Const: {}", each.reason)
        })
        .collect()
}
