//! Shows diffs on standard output, as text, patch or JSON.

use std::path::{Component, Path};
use std::time::{Duration, Instant};

use diff_view::{Detail, Diff, Paint, PlainPaint, Theme, Tone, hunks, layout};
use session::sides::Side;
use trace::{Severity, Trace};

use super::document::document;
use super::flags::{Format, View};
use super::side::Shown;
use super::text::text;
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::output::{Canvas, Global, print_json, say, write_file, write_stdout};

/// How long aligning may take before it settles for what it has.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows one diff of a run or, where the derivative was split, two, as `view` wants it, and gives the
/// exit code. A JSON document is about the last; the one before it stands in it as `augmented`.
pub fn show_each(
    pairs: &[(Side, Side)],
    diff: Option<&Diff>,
    trace: Option<&Trace>,
    other: Option<&Trace>,
    view: &View,
    theme: Option<&Theme>,
    global: &Global,
) -> Result<u8, Failure> {
    if let [(before, after)] = pairs {
        let shown = Shown {
            before,
            after,
            trace,
            other,
            diff,
        };
        return show(&shown, view, theme, global);
    }
    let mut code = exit::DONE;
    let mut canvas = global.canvas(theme);
    let mut documents = Vec::new();
    for (at, (before, after)) in pairs.iter().enumerate() {
        let shown = Shown {
            before,
            after,
            trace: trace.filter(|_| at == 0),
            other: None,
            diff: None,
        };
        if view.format == Format::Patch && !view.wants_json() {
            code = code.max(show(&shown, view, theme, global)?);
            continue;
        }
        let diff = aligned(&shown);
        if view.exit_code && diff.differs(view.counted()) {
            code = exit::DIFFERS;
        }
        if view.wants_json() {
            let found = hunks(&diff, view.context, view.counted(), Detail::ALL);
            let whole = Shown { trace, ..shown };
            documents.push(document(&whole, &diff, &found));
        } else {
            if at > 0 {
                canvas.line("", Tone::Plain.style());
            }
            text(&shown, view, &diff, global, &mut canvas);
        }
    }
    if let Some(mut document) = documents.pop() {
        for mut half in documents {
            // What is about the whole run is said once.
            for key in ["signature", "remarks", "toolchain"] {
                half.as_object_mut().map(|half| half.remove(key));
            }
            document["augmented"] = half;
        }
        print_json("diff", document)?;
    } else if view.format != Format::Patch {
        global.print(&canvas.finish())?;
    }
    if view.format != Format::Patch
        && let [(before, after), ..] = pairs
    {
        let shown = Shown {
            before,
            after,
            trace,
            other,
            diff: None,
        };
        warn(&shown, view, global);
    }
    Ok(code)
}

/// Shows a diff as `view` wants it and gives the exit code.
pub fn show(
    shown: &Shown<'_>,
    view: &View,
    theme: Option<&Theme>,
    global: &Global,
) -> Result<u8, Failure> {
    show_below(global.canvas(theme), shown, view, global)
}

/// The same below what has been painted; only text has something above it.
pub fn show_below(
    mut canvas: Canvas,
    shown: &Shown<'_>,
    view: &View,
    global: &Global,
) -> Result<u8, Failure> {
    let show = view.counted();
    let diff = aligned(shown);
    if view.wants_json() {
        let found = hunks(&diff, view.context, show, Detail::ALL);
        print_json("diff", document(shown, &diff, &found))?;
    } else if view.format == Format::Patch {
        let mut paint = PlainPaint::default();
        if let Some(path) = &view.patch_base {
            let lines = diff.before.lines.iter();
            let base: String = lines.map(|line| format!("{}\n", line.text)).collect();
            write_file(path, base.as_bytes(), &[])?;
        }
        let file = match &view.patch_base {
            Some(path) => named_in_patch(path),
            None => layout::file_of(&shown.before.symbol),
        };
        paint.rows(layout::patch(&diff, &file, view.context));
        write_stdout(paint.out.as_bytes())?;
    } else {
        text(shown, view, &diff, global, &mut canvas);
        global.print(&canvas.finish())?;
    }
    warn(shown, view, global);
    let differs = diff.differs(show);
    Ok(if view.exit_code && differs {
        exit::DIFFERS
    } else {
        exit::DONE
    })
}

/// A path below the folder in which a patch is applied; of one elsewhere, its name.
fn named_in_patch(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    let is_below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let file = match path.file_name() {
        Some(name) if !is_below => name.to_string_lossy(),
        _ => path.to_string_lossy(),
    };
    file.into_owned()
}

/// Both sides aligned. What two compilations made has temporaries that are numbered each in its own way.
fn aligned(shown: &Shown<'_>) -> Diff {
    match shown.diff {
        Some(diff) => diff.clone(),
        None => align(shown.before, shown.after, shown.trace.is_some()),
    }
}

/// Aligns two sides, which are of one run where `is_of_run`.
pub fn align(before: &Side, after: &Side, is_of_run: bool) -> Diff {
    let is_anew = before.file != after.file || (!is_of_run && before.symbol != after.symbol);
    let deadline = Some(Instant::now() + PATIENCE);
    match is_anew {
        true => diff_view::diff_anew(&before.text, &after.text, deadline),
        false => diff_view::diff(&before.text, &after.text, deadline),
    }
}

/// Remarks when they are wanted, on standard error; and warnings where they do not stand above the
/// result.
fn warn(shown: &Shown<'_>, view: &View, global: &Global) {
    let Some(trace) = shown.trace else { return };
    let mut canvas = global.stderr_canvas();
    if view.remarks
        && let Some(signature) = &trace.signature
    {
        for line in heading::sources(signature) {
            canvas.line(&format!("note: {line}"), Tone::Muted.style());
        }
    }
    for remark in &trace.remarks {
        let (word, tone) = match remark.severity {
            Severity::Warning if view.wants_json() || view.format == Format::Patch => {
                ("warning", Tone::Warning)
            }
            Severity::Remark if view.remarks => ("remark", Tone::Muted),
            Severity::Note if view.remarks => ("note", Tone::Muted),
            _ => continue,
        };
        let words = ir_load::demangle_words(&remark.message());
        canvas.line(&format!("{word}: {words}"), tone.style());
    }
    say(&canvas.finish());
}
