//! `irad survey`: from the arguments to the exit code.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use diff_view::{Function, Tone};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use trace::{Check, Diagnosis, Kind, Measure, Mode, Point, Request, Task, Trace, Verdict, Watch};

use super::args::{Args, Sort};
use super::document::{Surveyed, document};
use super::map::map;
use super::merge::merge;
use super::row::{Executed, Judged, Outcome, Row};
use super::table::Table;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, print_json, write_file, write_stdout};
use crate::view::Headlines;
use session::hear::hear;
use session::load;
use session::module::Module;
use session::own::{is_own, own_crate};
use session::refusal::Refusal;
use session::verdict::{Checking, hear_and_check, never};
use session::{mode, request};

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    if !args.merge.is_empty() {
        return merged(args, global);
    }
    let file = args.file.as_deref().expect("clap asks for it");
    let module = load::load(file, args.module, None, global.limits())?;
    global.warn(&module.warnings());
    let (mut candidates, elsewhere) = candidates(args, &module);
    if candidates.is_empty() {
        return Err(Failure::usage(
            "nothing_to_survey",
            format!("no function of {} is one to try", module.origin),
        )
        .help("a function with a body and a float or a pointer among its parameters is wanted; irad list shows the types")
        .help("--match compares with the whole path: --match '*loss*'"));
    }
    if let Some(shard) = args.shard {
        candidates = candidates[shard.range(candidates.len())].to_vec();
    }
    // Wrong flags are wrong for all of them.
    args.ad
        .resolve(given(args).unwrap_or(Mode::Reverse), &module)?;
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
    let surveyed = Surveyed {
        file: module.short.clone(),
        mode: given(args),
        shard: args.shard,
        taken: started.elapsed(),
        rows: rows?,
    };
    if let Some(path) = &args.report {
        let html = report::map_html(&map(&surveyed));
        write_file(path, html.as_bytes(), &[file])?;
    }
    told(surveyed, args, &mut shown)?;
    if elsewhere > 0 && !args.json {
        let mut canvas = global.canvas(None);
        let words = format!("{elsewhere} of other crates not tried (--all)");
        canvas.line(&words, Tone::Muted.style());
        write_stdout(canvas.finish().as_bytes())?;
    }
    Ok(exit::DONE)
}

/// Tells what the parts of a survey came to.
fn merged(args: &Args, global: &Global) -> Result<u8, Failure> {
    let surveyed = merge(&args.merge)?;
    if let Some(path) = &args.report {
        let html = report::map_html(&map(&surveyed));
        let inputs: Vec<&Path> = args.merge.iter().map(PathBuf::as_path).collect();
        write_file(path, html.as_bytes(), &inputs)?;
    }
    let mut shown = Table::new(args, global, progress(0));
    shown.fits(&surveyed.rows);
    if args.sort == Sort::Order {
        for row in &surveyed.rows {
            shown.row(row)?;
        }
    }
    told(surveyed, args, &mut shown)?;
    Ok(exit::DONE)
}

/// The document, or what of the table was not told as it came.
fn told(mut surveyed: Surveyed, args: &Args, shown: &mut Table<'_>) -> Result<(), Failure> {
    sort(&mut surveyed.rows, args.sort);
    if args.json {
        return print_json("survey", document(&surveyed));
    }
    if args.sort != Sort::Order {
        for row in &surveyed.rows {
            shown.print(row)?;
        }
    }
    shown.summary(&surveyed.rows, surveyed.taken)
}

/// The mode that all are tried in, if somebody said one.
fn given(args: &Args) -> Option<Mode> {
    args.mode.map(Mode::from)
}

/// A function to try.
#[derive(Clone)]
struct Candidate {
    name: String,
    symbol: String,
    declaration: Option<String>,
}

/// Functions that may have something to differentiate: a body, and a float or memory to reach.
fn candidates(args: &Args, module: &Module) -> (Vec<Candidate>, usize) {
    let index = module.index();
    let own = own_crate(args.of_crate.as_deref(), index);
    let headlines = Headlines::of(index, own.clone());
    // What a pattern asks for is meant, whosever it is.
    let own = own.filter(|_| !args.all && args.matching.is_none());
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
        .map(|function| Candidate {
            name: function.path.clone(),
            symbol: function.symbol.clone(),
            declaration: headlines.get(index, function).declaration(),
        })
        .collect();
    (found, elsewhere)
}

/// Tries each, and hands the rows on in the order of the file as soon as all before them are known.
fn try_all(
    args: &Args,
    module: &Module,
    candidates: &[Candidate],
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
    candidate: &Candidate,
    checking: Option<&Checking>,
    global: &Global,
) -> Result<Row, Failure> {
    let mode = mode::chosen(module, &candidate.symbol, given(args))?;
    let request = request::differentiate(
        module,
        &candidate.symbol,
        args.ad.resolve(mode, module)?,
        Watch::Points,
        global.limits(),
    );
    // Hundreds of engines, and each reads what it is given.
    let part =
        (!args.no_slice && !args.ad.options.whole_program).then(|| module.part(&candidate.symbol));
    let module = part.as_ref().unwrap_or(module);
    let started = Instant::now();
    let mut taken = None;
    let mut meanwhile = |trace: &Trace| {
        if trace.is_derived {
            taken.get_or_insert_with(|| started.elapsed());
        }
    };
    let (answer, end) = hear_and_check(&request, module, checking, &mut meanwhile, &never())?;
    let taken = taken.unwrap_or_else(|| started.elapsed());
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
            verdict: answer.trace.verdict.as_ref().map(Judged::of),
            executed: match &answer.trace.verdict {
                Some(Verdict::Right { .. }) if args.profile => executed(&request, module, checking),
                _ => None,
            },
        },
    };
    Ok(Row {
        name: candidate.name.clone(),
        symbol: candidate.symbol.clone(),
        declaration: candidate.declaration.clone(),
        mode,
        outcome,
        taken,
    })
}

/// What a run of the function and of its derivative takes; nothing where it does not end in time.
fn executed(
    differentiation: &Request,
    module: &Module,
    checking: Option<&Checking>,
) -> Option<Executed> {
    let Task::Differentiate { function, ad, .. } = &differentiation.task else {
        return None;
    };
    let check = Check {
        points: 1,
        cross: false,
        ..checking?.check.clone()
    };
    let limits = differentiation.limits;
    let request = request::profile(module, function, ad.clone(), check, Measure::Counts, limits);
    let (answer, _) = hear(&request, module, &mut |_| {}).ok()?;
    answer.trace.profile.as_ref().map(Executed::of)
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
        Sort::Work => rows.sort_by(|a, b| {
            let work = |row: &Row| row.executed().map_or(-1.0, Executed::ratio);
            work(b).total_cmp(&work(a))
        }),
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
