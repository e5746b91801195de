//! How a diff is shown: the flags, and text, patch or JSON.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use diff_view::{
    Counts, Diff, Hunk, Paint, PlainPaint, RowKind, Show, Tag, TokenKind, Tone, hunks, layout, lex,
};
use serde_json::{Value, json};
use session::sides::Side;
use trace::{Severity, Trace};

use crate::exit;
use crate::failure::Failure;
use crate::output::{Canvas, Global, print_json, say, write_stdout};
use crate::signature;

/// How a diff is shown.
#[derive(clap::Args, Clone)]
#[command(next_help_heading = "Form")]
pub struct View {
    /// One column, two, or two from 140 columns on.
    #[arg(long, value_enum, default_value_t = Layout::Auto)]
    pub layout: Layout,
    /// Unchanged lines around each difference.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub context: usize,
    /// Every difference but renumbering, or only what the function does.
    #[arg(long, value_enum, default_value_t = ShowName::All)]
    pub show: ShowName,
    /// Text for people, a patch for `patch`, or JSON.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The same as `--format json`.
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 when there is a difference.
    #[arg(long)]
    pub exit_code: bool,
    /// Leave symbols as they are.
    #[arg(long)]
    pub raw_names: bool,
    /// Enzyme's remarks too: what it caches, and why.
    #[arg(long)]
    pub remarks: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// One column.
    Unified,
    /// Two columns.
    Split,
    /// Two columns where there is room.
    Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShowName {
    /// Every difference but renumbering.
    All,
    /// Only what the function does; attributes and metadata are folded.
    Real,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For `patch`: every line as LLVM prints it, renumbering included.
    Patch,
    /// For programs.
    Json,
}

impl From<ShowName> for Show {
    fn from(show: ShowName) -> Self {
        match show {
            ShowName::All => Show::All,
            ShowName::Real => Show::Real,
        }
    }
}

impl View {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.json || self.format == Format::Json
    }
}

fn title(side: &Side) -> String {
    format!(
        "{} · {} · {}",
        side.file,
        ir_load::demangle(&side.symbol),
        side.point
    )
}

fn json_of(side: &Side) -> Value {
    json!({
        "file": side.file,
        "symbol": side.symbol,
        "name": ir_load::demangle(&side.symbol),
        "point": side.point,
    })
}

/// What is shown, and the run that it came from.
pub struct Shown<'a> {
    /// The left side.
    pub before: &'a Side,
    /// The right side.
    pub after: &'a Side,
    /// The run, for its signature and remarks.
    pub trace: Option<&'a Trace>,
}

/// How long aligning may take before it settles for what it has.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows one diff of a run or, where the derivative was split, two, as `view` wants it, and gives the
/// exit code. A JSON document is about the last; the one before it stands in it as `augmented`.
pub fn show_each(
    pairs: &[(Side, Side)],
    trace: Option<&Trace>,
    view: &View,
    highlighter: Option<&diff_view::Highlighter>,
    global: &Global,
) -> Result<u8, Failure> {
    if let [(before, after)] = pairs {
        let shown = Shown {
            before,
            after,
            trace,
        };
        return show(&shown, view, highlighter, global);
    }
    let mut code = exit::DONE;
    let mut canvas = global.canvas(highlighter);
    let mut documents = Vec::new();
    for (at, (before, after)) in pairs.iter().enumerate() {
        let shown = Shown {
            before,
            after,
            trace: trace.filter(|_| at == 0),
        };
        if view.format == Format::Patch && !view.wants_json() {
            code = code.max(show(&shown, view, highlighter, global)?);
            continue;
        }
        let diff = diff_view::diff(&before.text, &after.text, Some(Instant::now() + PATIENCE));
        if view.exit_code && diff.differs(Show::from(view.show)) {
            code = exit::DIFFERS;
        }
        if view.wants_json() {
            let found = hunks(&diff, view.context, Show::from(view.show));
            let whole = Shown { trace, ..shown };
            documents.push(document(&whole, &diff, &found));
        } else {
            if at > 0 {
                canvas.line("", Tone::Plain.style());
            }
            text(&shown, view, &diff, highlighter, global, &mut canvas);
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
        };
        warn(&shown, view, global);
    }
    Ok(code)
}

/// Shows a diff as `view` wants it and gives the exit code.
pub fn show(
    shown: &Shown<'_>,
    view: &View,
    highlighter: Option<&diff_view::Highlighter>,
    global: &Global,
) -> Result<u8, Failure> {
    let show = Show::from(view.show);
    let diff = diff_view::diff(
        &shown.before.text,
        &shown.after.text,
        Some(Instant::now() + PATIENCE),
    );
    if view.wants_json() {
        let found = hunks(&diff, view.context, show);
        print_json("diff", document(shown, &diff, &found))?;
    } else if view.format == Format::Patch {
        let mut paint = PlainPaint::default();
        // One name for both sides: a patch of one text into another, as `git apply` wants it.
        if shown.before.text != shown.after.text {
            for (mark, tree) in [("---", "a"), ("+++", "b")] {
                paint.text(
                    &format!("{mark} {tree}/{}.ll", shown.before.symbol),
                    Tone::Plain.style(),
                );
                paint.newline();
            }
        }
        layout::patch(&diff, view.context, &mut paint);
        write_stdout(paint.out.as_bytes())?;
    } else {
        let mut canvas = global.canvas(highlighter);
        text(shown, view, &diff, highlighter, global, &mut canvas);
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

/// Paints a diff for people.
pub fn text(
    shown: &Shown<'_>,
    view: &View,
    diff: &Diff,
    highlighter: Option<&diff_view::Highlighter>,
    global: &Global,
    canvas: &mut Canvas,
) {
    let show = Show::from(view.show);
    let width = global.width().max(40);
    if let Some(trace) = shown.trace {
        signature::head(trace, width, canvas);
    }
    let before = format!("--- {}", title(shown.before));
    canvas.paragraph(&before, 0, width, Tone::Removed.style());
    let after = format!("+++ {}", title(shown.after));
    canvas.paragraph(&after, 0, width, Tone::Added.style());
    summary(&diff.counts(), show, width, canvas);
    if diff.timed_out {
        canvas.line(
            "warning: aligning took too long and was cut short; more lines are marked than have changed",
            Tone::Warning.style(),
        );
    }
    let rename = renamer(view.raw_names, &[&shown.before.text, &shown.after.text]);
    let options = layout::Options {
        width,
        rename: &rename,
        show,
        highlighter,
    };
    let found = hunks(diff, view.context, show);
    let is_split = match view.layout {
        Layout::Split => true,
        Layout::Unified => false,
        // What is not wrapped has no columns to put side by side.
        Layout::Auto => (140..10_000).contains(&width),
    };
    if is_split {
        let options = layout::Options {
            width: width.min(400),
            ..options
        };
        layout::split(diff, &found, &options, canvas);
    } else {
        layout::unified(diff, &found, &options, canvas);
    }
}

/// What the counts say, and what of it is not shown.
fn summary(counts: &Counts, show: Show, width: usize, canvas: &mut Canvas) {
    if counts.added == 0 && counts.removed == 0 && counts.moved == 0 {
        let text = if counts.renaming > 0 {
            "no difference but numbering"
        } else {
            "no difference"
        };
        canvas.line(text, Tone::Muted.style());
        return;
    }
    let (added, removed) = (format!("+{}", counts.added), format!("-{}", counts.removed));
    canvas.text(&added, Tone::Added.style());
    canvas.text(" ", Tone::Plain.style());
    canvas.text(&removed, Tone::Removed.style());
    let mut parts = Vec::new();
    for (count, what) in [
        (counts.attributes, "attributes"),
        (counts.metadata, "metadata"),
    ] {
        if count > 0 {
            let folded = if show == Show::Real { ", folded" } else { "" };
            parts.push(format!("{count} in {what} alone{folded}"));
        }
    }
    if counts.moved > 0 {
        parts.push(format!("{} moved", counts.moved));
    }
    if counts.renaming > 0 {
        parts.push(format!("{} renumbered (~)", counts.renaming));
    }
    if parts.is_empty() {
        canvas.newline();
    } else {
        canvas.text("  ", Tone::Plain.style());
        let used = added.len() + removed.len() + 3;
        canvas.paragraph(&parts.join(", "), used, width, Tone::Muted.style());
    }
}

/// A diff as JSON.
pub fn document(shown: &Shown<'_>, diff: &Diff, found: &[Hunk]) -> Value {
    let line = |row: &diff_view::Row| {
        let kind = row.kind;
        let mut line = json!({ "kind": kind });
        if row.kind != RowKind::Same && row.tag != Tag::Renaming {
            line["tag"] = json!(row.tag);
        }
        if let Some(at) = row.before {
            line["before"] = json!({ "line": at + 1, "text": diff.before.lines[at].text });
            if !row.words_before.is_empty() {
                line["before"]["words"] = json!(row.words_before);
            }
        }
        if let Some(at) = row.after {
            line["after"] = json!({ "line": at + 1, "text": diff.after.lines[at].text });
            if !row.words_after.is_empty() {
                line["after"]["words"] = json!(row.words_after);
            }
        }
        line
    };
    let mut document = json!({
        "before": json_of(shown.before),
        "after": json_of(shown.after),
        "counts": diff.counts(),
        "timed_out": diff.timed_out,
        "hunks": found
            .iter()
            .map(|hunk| json!({
                "tag": hunk.tag,
                "lines": diff.rows[hunk.rows.clone()].iter().map(line).collect::<Vec<_>>(),
            }))
            .collect::<Vec<_>>(),
    });
    if let Some(trace) = shown.trace {
        document["signature"] = json!(trace.signature);
        document["remarks"] = json!(trace.remarks);
        document["toolchain"] = json!(trace.toolchain);
    }
    document
}

/// Remarks when they are wanted, on standard error; and warnings where they do not stand above the
/// result.
fn warn(shown: &Shown<'_>, view: &View, global: &Global) {
    let Some(trace) = shown.trace else { return };
    let mut canvas = global.stderr_canvas();
    if view.remarks
        && let Some(signature) = &trace.signature
    {
        for line in signature::sources(signature) {
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
        let words = ir_load::demangle_words(&remark.message);
        canvas.line(&format!("{word}: {words}"), tone.style());
    }
    say(&canvas.finish());
}

/// What to call a symbol: its path, where no other symbol in these texts has the same one.
pub fn renamer(raw: bool, texts: &[&str]) -> impl Fn(&str) -> Option<String> + use<> {
    let mut names: HashMap<String, String> = HashMap::new();
    if !raw {
        let mut users: HashMap<String, Vec<String>> = HashMap::new();
        for text in texts {
            for line in text.lines() {
                for token in lex(line) {
                    if token.kind == TokenKind::Global {
                        let shown = ir_load::demangle(token.name()).into_owned();
                        let symbols = users.entry(shown).or_default();
                        if !symbols.iter().any(|symbol| symbol == token.name()) {
                            symbols.push(token.name().to_owned());
                        }
                    }
                }
            }
        }
        for (shown, symbols) in users {
            if let [only] = symbols.as_slice() {
                names.insert(only.clone(), shown);
            }
        }
    }
    move |symbol| names.get(symbol).cloned()
}
