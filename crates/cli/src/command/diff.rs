//! `irad diff`: before and after.

use std::collections::HashMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use diff_view::{
    Counts, Diff, Hunk, Paint, PlainPaint, RowKind, Show, Tag, TokenKind, Tone, hunks, layout, lex,
};
use serde_json::{Value, json};
use trace::{Mode, Pipeline, Point, Request, Severity, Task, Trace, Watch};

use crate::engine;
use crate::exit;
use crate::input::{self, Input, Module};
use crate::output::{Canvas, Global, print_json, say, write_stdout};
use crate::report::Failure;
use crate::signature;

/// Shows one function before and after differentiation, two functions of a module, or the same
/// function of two files.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad diff model.ll --fn loss --mode reverse
  irad diff model.ll --fn loss --mode forward --before preprocessed --after derivative
  irad diff model.ll --fn loss --against backward
  irad diff old.ll new.ll --fn loss --exit-code")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input; or a saved trace.
    pub file: PathBuf,
    /// A second file: compare the function in both.
    pub other: Option<PathBuf>,
    /// The function: a symbol, a demangled path, or a unique end of one.
    #[arg(long = "fn", value_name = "NAME")]
    pub function: Option<String>,
    /// Differentiate it.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Compare with another function of the same module.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["mode", "other"])]
    pub against: Option<String>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// The point on the left.
    #[arg(long, value_enum, value_name = "POINT", default_value_t = PointName::Prepared)]
    pub before: PointName,
    /// The point on the right.
    #[arg(long, value_enum, value_name = "POINT", default_value_t = PointName::Final)]
    pub after: PointName,
    /// What runs before Enzyme: `o2`, `o3`, `none`, or a pipeline in LLVM's syntax.
    #[arg(long, value_name = "PIPELINE", default_value = "o2")]
    pub prepare: Pipeline,
    /// What runs after Enzyme: `o2`, `o3`, `none`, or a pipeline in LLVM's syntax.
    #[arg(long, value_name = "PIPELINE", default_value = "o2")]
    pub cleanup: Pipeline,
    #[command(flatten)]
    pub view: View,
}

/// How a diff is shown.
#[derive(clap::Args, Clone)]
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
pub enum ModeName {
    /// Tangents.
    Forward,
    /// Gradients.
    Reverse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PointName {
    /// As rustc emitted it.
    Input,
    /// After the prepare pipeline.
    Prepared,
    /// The clone that Enzyme simplified for itself.
    Preprocessed,
    /// What Enzyme generated, untouched.
    Derivative,
    /// After the cleanup pipeline.
    Final,
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

impl From<ModeName> for Mode {
    fn from(mode: ModeName) -> Self {
        match mode {
            ModeName::Forward => Mode::Forward,
            ModeName::Reverse => Mode::Reverse,
        }
    }
}

impl From<PointName> for Point {
    fn from(point: PointName) -> Self {
        match point {
            PointName::Input => Point::Input,
            PointName::Prepared => Point::Prepared,
            PointName::Preprocessed => Point::Preprocessed,
            PointName::Derivative => Point::Derivative,
            PointName::Final => Point::Final,
        }
    }
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

impl Args {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.view.wants_json()
    }
}

/// One side of a diff.
pub struct Side {
    /// The file.
    pub file: String,
    /// The function's symbol.
    pub symbol: String,
    /// The point or step.
    pub point: String,
    /// The function's text.
    pub text: String,
}

impl Side {
    fn title(&self) -> String {
        format!(
            "{} · {} · {}",
            self.file,
            ir_load::demangle(&self.symbol),
            self.point
        )
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "symbol": self.symbol,
            "name": ir_load::demangle(&self.symbol),
            "point": self.point,
        })
    }
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    // Loading syntaxes takes about as long as the engine does; both at once cost one.
    thread::scope(|scope| {
        let highlighter = scope.spawn(|| {
            if args.view.wants_json() || args.view.format == Format::Patch {
                Ok(None)
            } else {
                global.highlighter()
            }
        });
        let found = sides(args, global);
        let highlighter = highlighter
            .join()
            .expect("loading a theme does not panic")?;
        let (before, after, trace) = found?;
        let shown = Shown {
            before: &before,
            after: &after,
            trace: trace.as_ref(),
        };
        show(&shown, &args.view, highlighter.as_ref(), global)
    })
}

fn sides(args: &Args, global: &Global) -> Result<(Side, Side, Option<Trace>), Failure> {
    let wanted = args.function.as_deref();
    let module = match input::load_any(&args.file, args.module, wanted, global)? {
        Input::Module(module) => module,
        Input::Trace(trace, file) => return saved_sides(args, *trace, &file),
    };
    global.warn(&module.warnings);
    let wanted = function_name(wanted)?;
    let name = module.resolve(wanted)?;
    if let Some(other) = &args.other {
        if args.mode.is_some() {
            return Err(Failure::usage(
                "usage",
                "--mode differentiates a function of one file, but two are given",
            )
            .help("leave one file away, or --mode"));
        }
        let second = input::load(other, args.module, Some(wanted), global)?;
        let second_name = second.resolve(wanted)?;
        let before = as_it_is(&module, &name.symbol, global)?;
        let after = as_it_is(&second, &second_name.symbol, global)?;
        return Ok((before, after, None));
    }
    if let Some(against) = &args.against {
        let other = module.resolve(against)?;
        let before = as_it_is(&module, &name.symbol, global)?;
        let after = as_it_is(&module, &other.symbol, global)?;
        return Ok((before, after, None));
    }
    let Some(mode) = args.mode else {
        return Err(Failure::usage("usage", "there is nothing to compare with")
            .help("--mode reverse (or forward) differentiates the function")
            .help("--against NAME compares it with another function of the module")
            .help("a second FILE compares it with the function of that name there"));
    };
    let request = Request {
        source: module.origin.clone(),
        task: Task::Differentiate {
            function: name.symbol,
            mode: mode.into(),
            prepare: args.prepare.clone(),
            cleanup: args.cleanup.clone(),
            watch: Watch::Points,
        },
        llvm_options: Vec::new(),
        limits: global.limits(),
    };
    let trace = engine::ask(&request, &module)?.trace;
    let before = at_point(&trace, args.before.into(), &module.short)?;
    let after = at_point(&trace, args.after.into(), &module.short)?;
    Ok((before, after, Some(trace)))
}

/// The name that `--fn` gave; IR always needs one.
pub fn function_name(name: Option<&str>) -> Result<&str, Failure> {
    name.ok_or_else(|| {
        Failure::usage("usage", "which function? --fn is missing")
            .help("--fn NAME takes a symbol, a path or the end of one; irad list shows them")
    })
}

/// Both sides from a run that was saved.
fn saved_sides(
    args: &Args,
    trace: Trace,
    file: &str,
) -> Result<(Side, Side, Option<Trace>), Failure> {
    check_saved(
        &trace,
        file,
        args.function.as_deref(),
        args.mode.map(Mode::from),
    )?;
    let mut before = Point::from(args.before);
    // A run without differentiation has no prepared point, and begins at its input.
    if matches!(trace.request.task, Task::Run { .. }) && before == Point::Prepared {
        before = Point::Input;
    }
    let before = at_point(&trace, before, file)?;
    let after = at_point(&trace, args.after.into(), file)?;
    Ok((before, after, Some(trace)))
}

/// A saved run is of one function and mode; asking it for another is a mistake.
pub fn check_saved(
    trace: &Trace,
    file: &str,
    function: Option<&str>,
    mode: Option<Mode>,
) -> Result<(), Failure> {
    let (symbol, saved_mode) = match &trace.request.task {
        Task::Differentiate { function, mode, .. } => (function, Some(*mode)),
        Task::Run { function, .. } => (function, None),
        _ => {
            return Err(Failure::usage(
                "trace",
                format!("{file} holds no function's run"),
            ));
        }
    };
    let path = ir_load::demangle(symbol);
    if let Some(wanted) = function
        && symbol != "*"
        && wanted != symbol
        && wanted != path
        && !path.ends_with(&format!("::{wanted}"))
    {
        return Err(Failure::usage(
            "trace",
            format!("{file} is a run of {path}, not of {wanted}"),
        )
        .help("leave --fn away, or name the IR file"));
    }
    if let Some(wanted) = mode
        && saved_mode != Some(wanted)
    {
        let was = saved_mode.map_or_else(
            || "without differentiation".to_owned(),
            |mode| format!("in {mode} mode"),
        );
        return Err(Failure::usage(
            "trace",
            format!("{file} is a run {was}, not in {wanted} mode"),
        )
        .help("leave --mode away, or name the IR file"));
    }
    Ok(())
}

/// A function as it stands in its file, printed by LLVM.
fn as_it_is(module: &Module, symbol: &str, global: &Global) -> Result<Side, Failure> {
    let request = Request {
        source: module.origin.clone(),
        task: Task::Run {
            function: symbol.to_owned(),
            pipeline: Pipeline::None,
            watch: Watch::Points,
        },
        llvm_options: Vec::new(),
        limits: global.limits(),
    };
    let trace = engine::ask(&request, module)?.trace;
    at_point(&trace, Point::Input, &module.short)
}

/// What a trace holds of one point.
pub fn at_point(trace: &Trace, point: Point, file: &str) -> Result<Side, Failure> {
    let Some((found, text)) = trace.point(point) else {
        let reached: Vec<String> = trace.points.iter().map(|p| p.point.to_string()).collect();
        let failure = Failure::usage("point", format!("this run has no point {point}"));
        let failure = if point == Point::Preprocessed {
            failure.note("Enzyme's pass, which a module with __enzyme_autodiff calls goes through, throws its simplified clone away")
        } else {
            failure
        };
        return Err(failure.help(format!("points of this run: {}", reached.join(", "))));
    };
    Ok(Side {
        file: file.to_owned(),
        symbol: found.function.clone(),
        point: point.to_string(),
        text,
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
    if let Some(signature) = shown.trace.and_then(|trace| trace.signature.as_ref()) {
        signature::paint(signature, width, canvas);
    }
    canvas.line(
        &format!("--- {}", shown.before.title()),
        Tone::Removed.style(),
    );
    canvas.line(&format!("+++ {}", shown.after.title()), Tone::Added.style());
    summary(&diff.counts(), show, canvas);
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
fn summary(counts: &Counts, show: Show, canvas: &mut Canvas) {
    if counts.added == 0 && counts.removed == 0 && counts.moved == 0 {
        let text = if counts.renaming > 0 {
            "no difference but numbering"
        } else {
            "no difference"
        };
        canvas.line(text, Tone::Muted.style());
        return;
    }
    canvas.text(&format!("+{}", counts.added), Tone::Added.style());
    canvas.text(" ", Tone::Plain.style());
    canvas.text(&format!("-{}", counts.removed), Tone::Removed.style());
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
    if !parts.is_empty() {
        canvas.text(&format!("  {}", parts.join(", ")), Tone::Muted.style());
    }
    canvas.newline();
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
        "before": shown.before.json(),
        "after": shown.after.json(),
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

/// Warnings always, remarks when they are wanted, on standard error.
fn warn(shown: &Shown<'_>, view: &View, global: &Global) {
    let Some(trace) = shown.trace else { return };
    let mut canvas = global.stderr_canvas();
    for remark in &trace.remarks {
        let (word, tone) = match remark.severity {
            Severity::Warning => ("warning", Tone::Warning),
            Severity::Remark if view.remarks => ("remark", Tone::Muted),
            Severity::Note if view.remarks => ("note", Tone::Muted),
            _ => continue,
        };
        canvas.line(&format!("{word}: {}", remark.message), tone.style());
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
