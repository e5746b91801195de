//! `irad survey`: every function of a module tried, and the reasons of those that are refused.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use diff_view::{Function, Paint, Tone};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use regex::Regex;
use report::{Group, Map, MapTone, Place};
use serde_json::{Value, json};
use trace::{Diagnosis, Kind, Point, Verdict, Watch};
use unicode_width::UnicodeWidthStr;

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::mode::ModeName;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Canvas, Global, print_json, printable, write_file, write_stdout};
use crate::verdict;
use session::hear::hear;
use session::load;
use session::module::Module;
use session::own::{is_own, own_crate};
use session::refusal::Refusal;
use session::request;
use session::verdict::{Checking, beside};

/// Tries every function of a module that has something to differentiate, each in an engine of its
/// own, and says of each whether Enzyme accepts it or why not.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad survey model.ll --mode reverse
  irad survey crate.ll --mode forward --match 'model::*' --sort ratio
  irad survey model.ll --mode reverse --report map.html")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input.
    pub file: PathBuf,
    /// Forward or reverse.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: ModeName,
    /// Only functions whose path or symbol matches: `*` stands for anything, `?` for one character.
    #[arg(long = "match", value_name = "GLOB", value_parser = glob)]
    pub matching: Option<Regex>,
    /// The user's own crate, if not the one that the module says it was made of.
    #[arg(long = "crate", value_name = "NAME")]
    pub of_crate: Option<String>,
    /// Try functions of other crates, too.
    #[arg(long)]
    pub all: bool,
    /// What to sort by; times and sizes sort the largest first.
    #[arg(long, value_enum, default_value_t = Sort::Order)]
    pub sort: Sort,
    /// How many engines at once; as many as there are cores, if not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Give each engine the whole module, and not only what its function needs.
    #[arg(long)]
    pub no_slice: bool,
    /// One JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Write a map of the module, too: one HTML page with what became of each function, and why.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// As in the file; rows are shown as soon as they are known.
    Order,
    /// Demangled name.
    Name,
    /// Accepted first, then by reason.
    Reason,
    /// Time that the engine took.
    Time,
    /// Instructions of the derivative.
    Size,
    /// Instructions of the derivative for each of the primal.
    Ratio,
}

/// `*` and `?` as in file names.
fn glob(text: &str) -> Result<Regex, String> {
    let pattern: String = text
        .chars()
        .map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            c => regex::escape(&c.to_string()),
        })
        .collect();
    Regex::new(&format!("^{pattern}$")).map_err(|error| error.to_string())
}

/// What became of one function.
struct Row {
    name: String,
    symbol: String,
    outcome: Outcome,
    taken: Duration,
}

enum Outcome {
    /// Instructions of the prepared primal and of the final derivative.
    Accepted {
        primal: usize,
        derivative: usize,
        verdict: Option<Verdict>,
    },
    /// There is nothing to differentiate.
    Nothing,
    /// A word for the reason, and what was said.
    Refused { reason: String, message: String },
    /// The engine's end: a word for it, and what was said.
    Ended { reason: String, message: String },
}

impl Row {
    fn ratio(&self) -> f64 {
        match self.outcome {
            Outcome::Accepted {
                primal, derivative, ..
            } => derivative as f64 / primal.max(1) as f64,
            _ => 0.0,
        }
    }

    fn size(&self) -> usize {
        match self.outcome {
            Outcome::Accepted { derivative, .. } => derivative,
            _ => 0,
        }
    }

    fn reason(&self) -> &str {
        match &self.outcome {
            Outcome::Accepted { .. } => "",
            Outcome::Nothing => "nothing",
            Outcome::Refused { reason, .. } | Outcome::Ended { reason, .. } => reason,
        }
    }
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let module = load::load(&args.file, args.module, None, global.limits())?;
    global.warn(&module.warnings());
    let (candidates, elsewhere) = candidates(args, &module);
    if candidates.is_empty() {
        return Err(Failure::usage(
            "nothing_to_survey",
            format!("no function of {} is one to try", module.origin),
        )
        .help("a function with a body and a float or a pointer among its parameters is wanted; irad list shows the types")
        .help("--match compares with the whole path: --match '*loss*'"));
    }
    // Wrong flags are wrong for all of them.
    args.ad.resolve(args.mode.into(), &module)?;
    if args.ad.options.guesses_types() {
        global.warn(&[
            "types that Enzyme cannot deduce are guessed (--loose-types): derivatives may be wrong"
                .to_owned(),
        ]);
    }
    let bar = progress(candidates.len());
    let mut shown = Table::new(args, global, bar.clone());
    let started = Instant::now();
    let rows = try_all(args, &module, &candidates, global, &mut |row| {
        bar.inc(1);
        shown.row(row)
    });
    bar.finish_and_clear();
    let mut rows = rows?;
    let taken = started.elapsed();
    sort(&mut rows, args.sort);
    if let Some(path) = &args.report {
        let html = report::map_html(&map(&module, args, &rows));
        write_file(path, html.as_bytes(), &[&args.file])?;
    }
    if args.json {
        print_json("survey", document(&module, args, &rows, taken))?;
        return Ok(exit::DONE);
    }
    if args.sort != Sort::Order {
        for row in &rows {
            shown.print(row)?;
        }
    }
    shown.summary(&rows, taken)?;
    if elsewhere > 0 {
        let mut canvas = global.canvas(None);
        let words = format!("{elsewhere} of other crates not tried (--all)");
        canvas.line(&words, Tone::Muted.style());
        write_stdout(canvas.finish().as_bytes())?;
    }
    Ok(exit::DONE)
}

/// Functions that may have something to differentiate: a body, and a float or memory to reach.
fn candidates(args: &Args, module: &Module) -> (Vec<(String, String)>, usize) {
    let index = module.index();
    // What a pattern asks for is meant, whosever it is.
    let own = match args.all || args.matching.is_some() {
        true => None,
        false => own_crate(args.of_crate.as_deref(), index),
    };
    let mut elsewhere = 0;
    let wanted = |path: &str, symbol: &str| {
        let pattern = args.matching.as_ref();
        pattern.is_none_or(|pattern| pattern.is_match(path) || pattern.is_match(symbol))
    };
    let found = index
        .functions()
        .iter()
        .filter(|function| function.is_defined && wanted(&function.path, &function.symbol))
        .filter(|function| {
            let function_type = index.summary(function).function_type;
            let parameters = function_type.split_once('(').map_or("", |(_, after)| after);
            ["ptr", "float", "double", "half", "fp128"]
                .iter()
                .any(|ty| parameters.contains(ty))
        })
        .filter(|function| {
            let is_meant = own.as_deref().is_none_or(|name| is_own(name, function));
            elsewhere += usize::from(!is_meant);
            is_meant
        })
        .map(|function| (function.path.clone(), function.symbol.clone()))
        .collect();
    (found, elsewhere)
}

/// Tries each, and hands the rows on in the order of the file as soon as all before them are known.
fn try_all(
    args: &Args,
    module: &Module,
    candidates: &[(String, String)],
    global: &Global,
    seen: &mut dyn FnMut(&Row) -> Result<(), Failure>,
) -> Result<Vec<Row>, Failure> {
    let checking = args.checking.checking()?;
    let checking = checking.as_ref();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or(cores, usize::from).min(candidates.len());
    let next = AtomicUsize::new(0);
    let stop = AtomicUsize::new(0);
    let error: Mutex<Option<Failure>> = Mutex::new(None);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let sender = sender.clone();
            let (next, stop, error) = (&next, &stop, &error);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= candidates.len() || stop.load(Ordering::Relaxed) > 0 {
                        return;
                    }
                    match try_one(args, module, &candidates[at], checking, global) {
                        Ok(row) => {
                            let _ = sender.send((at, row));
                        }
                        Err(failure) => {
                            stop.store(1, Ordering::Relaxed);
                            error
                                .lock()
                                .expect("no panic holds it")
                                .get_or_insert(failure);
                        }
                    }
                }
            });
        }
        drop(sender);
        let mut waiting: BTreeMap<usize, Row> = BTreeMap::new();
        let mut rows = Vec::new();
        for (at, row) in receiver {
            waiting.insert(at, row);
            while let Some(row) = waiting.remove(&rows.len()) {
                if let Err(failure) = seen(&row) {
                    stop.store(1, Ordering::Relaxed);
                    return Err(failure);
                }
                rows.push(row);
            }
        }
        match error.lock().expect("no panic holds it").take() {
            Some(failure) => Err(failure),
            None => Ok(rows),
        }
    })
}

fn try_one(
    args: &Args,
    module: &Module,
    (name, symbol): &(String, String),
    checking: Option<&Checking>,
    global: &Global,
) -> Result<Row, Failure> {
    let request = request::differentiate(
        module,
        symbol,
        args.ad.resolve(args.mode.into(), module)?,
        Watch::Points,
        global.limits(),
    );
    // Hundreds of engines, and each reads what it is given.
    let part = (!args.no_slice && !args.ad.options.whole_program).then(|| module.part(symbol));
    let module = part.as_ref().unwrap_or(module);
    let started = Instant::now();
    let mut taken = Duration::ZERO;
    let heard = beside(
        &request,
        module,
        checking,
        || {
            let heard = hear(&request, module, &mut |_| {});
            taken = started.elapsed();
            heard
        },
        |heard| {
            let answer = &mut heard.as_mut().ok()?.0;
            answer.trace.failure.is_none().then_some(&mut answer.trace)
        },
    );
    let (answer, end) = heard?;
    let size = |point| {
        let (_, text) = answer.trace.point(point)?;
        Some(Function::parse(&text).instructions())
    };
    let outcome = match (&answer.trace.failure, end) {
        // Options that LLVM does not know, or a module that it cannot read: so for every function.
        (Some(diagnosis), _) if is_of_all(diagnosis) => {
            let refusal = Refusal::of(diagnosis.clone(), &module.origin, module.text());
            return Err(Failure::from(&refusal));
        }
        (Some(diagnosis), _) if diagnosis.kind == Kind::Mode => Outcome::Nothing,
        (Some(diagnosis), _) => refused(diagnosis),
        (None, Some(ended)) => Outcome::Ended {
            reason: ended.cause.word().to_owned(),
            message: ended.to_string(),
        },
        (None, None) => Outcome::Accepted {
            primal: size(Point::Prepared).unwrap_or_default(),
            derivative: size(Point::Final).unwrap_or_default(),
            verdict: answer.trace.verdict.clone(),
        },
    };
    Ok(Row {
        name: name.clone(),
        symbol: symbol.clone(),
        outcome,
        taken,
    })
}

fn is_of_all(diagnosis: &Diagnosis) -> bool {
    matches!(
        diagnosis.kind,
        Kind::Option | Kind::Pipeline | Kind::Parse | Kind::Verify
    )
}

fn refused(diagnosis: &Diagnosis) -> Outcome {
    let word = |value: Value| value.as_str().unwrap_or("other").to_owned();
    let reason = match diagnosis.cause {
        Some(cause) => word(json!(cause)),
        None => word(json!(diagnosis.kind)),
    };
    let message = ir_load::demangle_words(&diagnosis.message.to_string()).to_string();
    match diagnosis.kind {
        Kind::Assertion | Kind::Fatal => Outcome::Ended { reason, message },
        _ => Outcome::Refused { reason, message },
    }
}

fn sort(rows: &mut [Row], by: Sort) {
    match by {
        Sort::Order => {}
        Sort::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
        Sort::Reason => rows.sort_by(|a, b| a.reason().cmp(b.reason())),
        Sort::Time => rows.sort_by_key(|row| std::cmp::Reverse(row.taken)),
        Sort::Size => rows.sort_by_key(|row| std::cmp::Reverse(row.size())),
        Sort::Ratio => rows.sort_by(|a, b| b.ratio().total_cmp(&a.ratio())),
    }
}

/// A bar on standard error, where that is a terminal.
fn progress(count: usize) -> ProgressBar {
    let target = match io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} functions, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(count as u64), target).with_style(style)
}

/// The rows as they come.
struct Table<'a> {
    streams: bool,
    global: &'a Global,
    bar: ProgressBar,
    has_head: bool,
}

impl<'a> Table<'a> {
    fn new(args: &Args, global: &'a Global, bar: ProgressBar) -> Self {
        Table {
            streams: args.sort == Sort::Order && !args.json,
            global,
            bar,
            has_head: false,
        }
    }

    /// Shows a row, if rows are shown as they come.
    fn row(&mut self, row: &Row) -> Result<(), Failure> {
        if self.streams {
            self.print(row)
        } else {
            Ok(())
        }
    }

    fn print(&mut self, row: &Row) -> Result<(), Failure> {
        if matches!(row.outcome, Outcome::Nothing) {
            return Ok(());
        }
        let mut canvas = self.global.canvas(None);
        if !self.has_head {
            self.has_head = true;
            canvas.line(
                "      time   primal  derivative         function",
                Tone::Title.style(),
            );
        }
        paint(row, self.global.width().max(40), &mut canvas);
        self.out(canvas)
    }

    /// The bar gives way while something is printed.
    fn out(&self, canvas: Canvas) -> Result<(), Failure> {
        let text = canvas.finish();
        self.bar
            .suspend(|| crate::output::write_stdout(text.as_bytes()))
    }

    fn summary(&self, rows: &[Row], taken: Duration) -> Result<(), Failure> {
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

fn paint(row: &Row, width: usize, canvas: &mut Canvas) {
    let time = format!("{:>7.1} ms", row.taken.as_secs_f64() * 1000.0);
    canvas.text(&time, Tone::Plain.style());
    let (numbers, tone) = match &row.outcome {
        Outcome::Accepted {
            primal, derivative, ..
        } => (
            format!("{primal:>9}  {derivative:>10}  {:>4.1}×  ", row.ratio()),
            Tone::Added,
        ),
        Outcome::Refused { .. } => (format!("  {:27}", "refused"), Tone::Removed),
        Outcome::Ended { .. } => (format!("  {:27}", "ended the engine"), Tone::Removed),
        Outcome::Nothing => (String::new(), Tone::Muted),
    };
    canvas.text(&numbers, tone.style());
    let used = time.width() + numbers.width();
    canvas.paragraph(&row.name, used, width, Tone::Hunk.style());
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
        let words = format!("          {}: {verdict}", verdict.label());
        let tone = match verdict.is_wrong() {
            true => Tone::Removed,
            false => Tone::Muted,
        };
        canvas.paragraph(&words, 0, width, tone.style());
    }
}

fn spaced(reason: &str) -> String {
    reason.replace('_', " ")
}

/// How many functions came to what.
#[derive(Default)]
struct Counts<'r> {
    accepted: usize,
    refused: usize,
    ended: usize,
    nothing: usize,
    reasons: BTreeMap<&'r str, usize>,
    right: usize,
    wrong: usize,
    unchecked: usize,
}

impl<'r> Counts<'r> {
    fn of(rows: &'r [Row]) -> Self {
        let mut counts = Counts::default();
        for row in rows {
            match &row.outcome {
                Outcome::Accepted { verdict, .. } => {
                    counts.accepted += 1;
                    match verdict {
                        Some(verdict) if verdict.is_right() => counts.right += 1,
                        Some(verdict) if verdict.is_wrong() => counts.wrong += 1,
                        _ => counts.unchecked += 1,
                    }
                }
                Outcome::Nothing => counts.nothing += 1,
                Outcome::Refused { reason, .. } => {
                    counts.refused += 1;
                    *counts.reasons.entry(reason).or_default() += 1;
                }
                Outcome::Ended { reason, .. } => {
                    counts.ended += 1;
                    *counts.reasons.entry(reason).or_default() += 1;
                }
            }
        }
        counts
    }

    /// What checks of the accepted ones came to, if there were any.
    fn checked(&self) -> String {
        match self.unchecked == self.accepted {
            true => String::new(),
            false => format!(
                " ({} right, {} wrong, {} unchecked)",
                self.right, self.wrong, self.unchecked
            ),
        }
    }

    /// The reasons, the most frequent first.
    fn by_reason(&self) -> Vec<(&'r str, usize)> {
        let mut reasons: Vec<(&str, usize)> = self
            .reasons
            .iter()
            .map(|(reason, count)| (*reason, *count))
            .collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        reasons
    }
}

/// The map of the module: the wrong ones first, then those of which it is not known.
fn map(module: &Module, args: &Args, rows: &[Row]) -> Map {
    let group = |tone, words: &str| Group {
        tone,
        words: words.to_owned(),
        functions: Vec::new(),
    };
    let mut wrong = group(MapTone::Wrong, "wrong");
    let mut doubtful = group(MapTone::Doubtful, "accepted, and not known to be right");
    let mut right = group(MapTone::Right, "right");
    let mut refused: BTreeMap<String, Group> = BTreeMap::new();
    let mut nothing = group(MapTone::Nothing, "with nothing to differentiate");
    for row in rows {
        let (of, words) = match &row.outcome {
            Outcome::Accepted { verdict, .. } => {
                let words = verdict
                    .as_ref()
                    .map_or_else(|| "not checked".to_owned(), ToString::to_string);
                match verdict {
                    Some(verdict) if verdict.is_wrong() => (&mut wrong, words),
                    Some(verdict) if verdict.is_right() => (&mut right, words),
                    _ => (&mut doubtful, words),
                }
            }
            Outcome::Nothing => (&mut nothing, String::new()),
            Outcome::Refused { reason, message } | Outcome::Ended { reason, message } => {
                let words = format!("refused: {}", spaced(reason));
                let of = refused.entry(words.clone());
                let of = of.or_insert_with(|| group(MapTone::Refused, &words));
                (of, message.clone())
            }
        };
        of.functions.push(Place {
            name: printable(&row.name).into_owned(),
            words: printable(&words).into_owned(),
            page: None,
            rows: Vec::new(),
        });
    }
    let mut refused: Vec<Group> = refused.into_values().collect();
    refused.sort_by_key(|group| std::cmp::Reverse(group.functions.len()));
    let mut groups = vec![wrong, doubtful];
    groups.extend(refused);
    groups.extend([right, nothing]);
    let mode = trace::Mode::from(args.mode);
    let short = printable(&module.short).into_owned();
    Map {
        title: format!("{short}, {mode} mode"),
        command: format!(
            "irad survey {} --mode {mode}",
            session::shell::quoted(&short)
        ),
        groups,
    }
}

fn document(module: &Module, args: &Args, rows: &[Row], taken: Duration) -> Value {
    let counts = Counts::of(rows);
    let functions: Vec<Value> = rows
        .iter()
        .map(|row| {
            let mut value = json!({
                "name": row.name,
                "symbol": row.symbol,
                "seconds": row.taken.as_secs_f64(),
            });
            match &row.outcome {
                Outcome::Accepted {
                    primal,
                    derivative,
                    verdict,
                } => {
                    value["verdict"] = verdict::json(verdict.as_ref());
                    value["result"] = json!("accepted");
                    value["primal_instructions"] = json!(primal);
                    value["derivative_instructions"] = json!(derivative);
                }
                Outcome::Nothing => value["result"] = json!("nothing_to_differentiate"),
                Outcome::Refused { reason, message } => {
                    value["result"] = json!("refused");
                    value["reason"] = json!(reason);
                    value["message"] = json!(message);
                }
                Outcome::Ended { reason, message } => {
                    value["result"] = json!("ended");
                    value["reason"] = json!(reason);
                    value["message"] = json!(message);
                }
            }
            value
        })
        .collect();
    json!({
        "file": module.short,
        "mode": trace::Mode::from(args.mode),
        "seconds": taken.as_secs_f64(),
        "counts": {
            "accepted": counts.accepted,
            "right": counts.right,
            "wrong": counts.wrong,
            "unchecked": counts.unchecked,
            "refused": counts.refused,
            "ended": counts.ended,
            "nothing_to_differentiate": counts.nothing,
            "reasons": counts.reasons,
        },
        "functions": functions,
    })
}
