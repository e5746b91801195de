//! How a check looks on a terminal.

use diff_view::Tone;
use trace::{
    Blocks, Checked, Compared, Cross, Judgement, Mode, ReferenceBy, Trace, input_in_words,
};
use unicode_width::UnicodeWidthStr;

use super::args::Args;
use crate::heading;
use crate::output::{Canvas, Global};

/// The whole answer.
pub(super) fn text(trace: &Trace, checked: &Checked, args: &Args, global: &Global) -> String {
    let mut canvas = global.canvas(None);
    let width = global.width();
    heading::paint(trace, width, &mut canvas);
    let parameters = trace.signature.iter().flat_map(|found| &found.parameters);
    let first = checked.inputs.first();
    let inputs: Vec<String> = parameters
        .filter_map(|parameter| {
            let value = first?.get(&parameter.name)?;
            Some(format!("{}: {}", parameter.name, input_in_words(value)))
        })
        .collect();
    let points = counted(u64::from(checked.points), "point");
    canvas.paragraph(
        &format!(
            "{points}, seed {}; the first: {}",
            checked.seed,
            inputs.join("; ")
        ),
        0,
        width,
        Tone::Muted.style(),
    );
    if checked.left_out > 0 {
        let words = format!(
            "{} left out: the function is not finite there, or does not run to its end",
            counted(u64::from(checked.left_out), "point"),
        );
        canvas.paragraph(&words, 0, width, Tone::Muted.style());
    }
    blocks(checked, width, &mut canvas);
    for note in &checked.notes {
        canvas.paragraph(&format!("note: {note}"), 0, width, Tone::Warning.style());
    }
    let mut sections = vec![Section {
        title: "against dual numbers and central differences".to_owned(),
        parts: &checked.differences,
    }];
    if let Some(manual) = &args.manual.manual {
        sections.push(Section {
            title: format!("against {manual}"),
            parts: &checked.manual,
        });
    }
    for section in &sections {
        section.paint(width, &mut canvas);
    }
    if let Some(found) = &checked.cross {
        cross(found, checked.passed(), width, &mut canvas);
    }
    let mut fault = |words: String| canvas.paragraph(&words, 0, width, Tone::Removed.style());
    for found in checked.faults.iter().take(FAULTS) {
        fault(format!("fault: {found}"));
    }
    if checked.faults.len() > FAULTS {
        let more = (checked.faults.len() - FAULTS) as u64;
        fault(format!("and {}", counted(more, "other fault")));
    }
    verdict(checked, width, &mut canvas);
    canvas.finish()
}

/// More faults than this are only counted: they are mostly the same at other points.
const FAULTS: usize = 3;

/// `1 point`, `3 points`.
fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        several => format!("{several} {what}s"),
    }
}

/// Which blocks of the primal ran, and where those are that did not.
fn blocks(checked: &Checked, width: usize, canvas: &mut Canvas) {
    let Blocks { of, reached, .. } = &checked.blocks;
    if *of == 0 {
        return;
    }
    let mut words = format!("{reached} of {} of the primal ran", counted(*of, "block"));
    if reached < of {
        words.push_str(&format!("; never: {}", checked.blocks.places().join(", ")));
    }
    let tone = if reached < of {
        Tone::Warning
    } else {
        Tone::Muted
    };
    canvas.paragraph(&words, 0, width, tone.style());
}

struct Section<'a> {
    title: String,
    parts: &'a [Compared],
}

const HEADINGS: [&str; 6] = [
    "parameter",
    "compared",
    "absolute",
    "relative",
    "at",
    "verdict",
];

impl Section<'_> {
    fn paint(&self, width: usize, canvas: &mut Canvas) {
        canvas.line("", Tone::Plain.style());
        canvas.line(&self.title, Tone::Hunk.style());
        let rows: Vec<[String; 6]> = self.parts.iter().map(row).collect();
        if rows.is_empty() {
            canvas.line("nothing to compare", Tone::Warning.style());
        }
        let mut widths = HEADINGS.map(str::width);
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let fits = widths.iter().sum::<usize>() + 2 * (widths.len() - 1) <= width;
        if fits {
            canvas.line(
                &line(&HEADINGS.map(str::to_owned), &widths),
                Tone::Muted.style(),
            );
        }
        for (part, row) in self.parts.iter().zip(&rows) {
            let tone = tone(part.judgement);
            if fits {
                canvas.line(&line(row, &widths), tone.style());
            } else {
                canvas.line(&format!("{}: {}", row[0], row[5]), tone.style());
                let words = format!(
                    "  {} compared, off by {} at most ({} relative) at {}",
                    row[1], row[2], row[3], row[4]
                );
                canvas.paragraph(&words, 2, width, Tone::Plain.style());
            }
            details(part, width, canvas);
        }
    }
}

fn line(row: &[String; 6], widths: &[usize; 6]) -> String {
    let mut out = String::new();
    for (at, (cell, &width)) in row.iter().zip(widths).enumerate() {
        let pad = " ".repeat(width - cell.width());
        // Numbers are flush right, words flush left.
        match at {
            1..=3 => out.push_str(&format!("{pad}{cell}  ")),
            _ => out.push_str(&format!("{cell}{pad}  ")),
        }
    }
    out.trim_end().to_owned()
}

fn row(part: &Compared) -> [String; 6] {
    let at = match &part.worst {
        // Where everything is exact there is no worst.
        Some(worst) if part.absolute != 0.0 || part.judgement.is_failure() => worst.place.clone(),
        _ => "-".to_owned(),
    };
    [
        part.name.clone(),
        part.compared.to_string(),
        number(part.absolute),
        number(part.relative),
        at,
        words(part),
    ]
}

/// The verdict, and what it does not speak of.
fn words(part: &Compared) -> String {
    let mut out = match part.judgement {
        Judgement::Agrees => "agrees",
        Judgement::Nothing => "nothing to compare",
        Judgement::Kink => "only kinks",
        Judgement::Undefined => "not finite",
        Judgement::Inconclusive => "inconclusive",
        Judgement::Nan => "NaN",
        Judgement::Disagrees => "DISAGREES",
    }
    .to_owned();
    let aside = [
        (part.kinks, "at kinks", Judgement::Kink),
        (part.undefined, "not finite", Judgement::Undefined),
        (part.rough, "too rough", Judgement::Inconclusive),
    ];
    for (count, what, verdict) in aside {
        if count > 0 && (part.judgement != verdict || count < part.compared) {
            out.push_str(&format!(", {count} {what}"));
        }
    }
    if part.judgement == Judgement::Agrees && part.zeros == part.compared {
        out.push_str(", all zero");
    }
    out
}

/// Both numbers, where they disagree.
fn details(part: &Compared, width: usize, canvas: &mut Canvas) {
    let Some(worst) = part.worst.as_ref().filter(|_| part.judgement.is_failure()) else {
        return;
    };
    let mut words = format!(
        "  {} at point {}: the derivative is {}, and should be {}",
        worst.place,
        worst.point,
        value(worst.derivative),
        value(worst.reference)
    );
    let differences = match (worst.step, worst.estimated) {
        (Some(step), Some(estimated)) => {
            format!("central differences at steps down to {step:.1e}, ±{estimated:.0e}")
        }
        _ => "central differences".to_owned(),
    };
    words.push_str(&match worst.by {
        ReferenceBy::Both => format!(" (dual numbers; {differences})"),
        ReferenceBy::Dual => " (dual numbers; differences cannot tell here)".to_owned(),
        ReferenceBy::Differences => format!(" ({differences})"),
        ReferenceBy::Other => String::new(),
    });
    canvas.paragraph(&words, 2, width, Tone::Removed.style());
}

fn cross(found: &Cross, is_right: bool, width: usize, canvas: &mut Canvas) {
    canvas.line("", Tone::Plain.style());
    let other = found.other;
    canvas.line(
        match other {
            Mode::Forward => "against forward mode (seed · tangent = adjoint · direction)",
            Mode::Reverse => "against reverse mode (seed · tangent = adjoint · direction)",
        },
        Tone::Hunk.style(),
    );
    let words = match (&found.reason, found.judgement) {
        (Some(reason), _) => format!("not compared: {other} mode: {reason}"),
        (None, Judgement::Nothing) => "nothing to compare: both sides are zero".to_owned(),
        (None, Judgement::Undefined) => "both sides are not finite".to_owned(),
        (None, verdict) => format!(
            "forward {}, reverse {}, relative {}: {}",
            value(found.forward),
            value(found.reverse),
            relative(found),
            match (verdict.is_failure(), is_right) {
                (true, true) => "the other mode is wrong",
                (true, false) => "DISAGREES",
                (false, _) => "agrees",
            }
        ),
    };
    canvas.paragraph(&words, 0, width, tone(found.judgement).style());
}

/// How far two numbers are from each other. Where terms cancel out, that is little beside the terms, and much beside
/// what is left of them.
fn relative(found: &Cross) -> String {
    let size = found.forward.abs().max(found.reverse.abs());
    let relative = match (found.forward - found.reverse).abs() / size {
        relative if relative.is_nan() => found.relative,
        relative => relative,
    };
    match relative > 100.0 * found.relative {
        true => format!(
            "{}, and {} of the terms",
            number(relative),
            number(found.relative)
        ),
        false => number(relative),
    }
}

fn verdict(checked: &Checked, width: usize, canvas: &mut Canvas) {
    canvas.line("", Tone::Plain.style());
    let compared: u64 = checked.differences.iter().map(|part| part.compared).sum();
    let (words, tone) = if checked.disagrees() {
        (
            "check failed: the derivative is wrong, or the function is not what it is taken for"
                .to_owned(),
            Tone::Removed,
        )
    } else if checked.passed() {
        (
            match checked.other_mode_is_wrong() {
                true => format!(
                    "check passed: {compared} derivatives agree; those of the other mode are wrong"
                ),
                false => format!("check passed: {compared} derivatives agree"),
            },
            Tone::Added,
        )
    } else {
        (
            "check undecided: nothing disagrees, and not enough could be compared".to_owned(),
            Tone::Warning,
        )
    };
    canvas.paragraph(&words, 0, width, tone.style());
}

fn tone(verdict: Judgement) -> Tone {
    match verdict {
        Judgement::Agrees => Tone::Added,
        Judgement::Disagrees | Judgement::Nan => Tone::Removed,
        _ => Tone::Warning,
    }
}

/// All digits, without a row of zeros before or after them.
fn value(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        1e-4..1e15 => value.to_string(),
        _ if value.is_finite() => format!("{value:e}"),
        _ => value.to_string(),
    }
}

/// `0`, `1.2e-9`, `NaN`.
fn number(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if value.is_finite() => format!("{value:.1e}"),
        value => value.to_string(),
    }
}
