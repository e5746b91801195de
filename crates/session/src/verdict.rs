//! Checks a derivative that is shown or written: by the engine that made it, or beside that in one of its own.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diff_view::Function;
use trace::{
    AdOptions, Check, Doubt, KnownFault, Limits, Mode, NotChecked, Point, Remark, RemarkKind,
    Remedy, Request, Severity, Task, ThenCheck, Trace, Try, TryReason, Verdict,
};

use crate::ad_flags;
use crate::answered::of_answer;
use crate::ask::accepted;
use crate::engine::{Answer, Ended};
use crate::error::Error;
use crate::hear::{hear, hear_until};
use crate::module::Module;
use crate::remedy_flags as remedy;
use crate::request;

/// How a derivative is checked beside a run.
#[derive(Clone, Debug)]
pub struct Checking {
    /// The inputs, and how much is compared.
    pub check: Check,
    /// Seconds that it may take.
    pub seconds: u64,
}

/// Asks as [`ask`](crate::ask::ask) does, and has the derivative checked. The trace has the verdict.
pub fn ask_and_check(
    request: &Request,
    module: &Module,
    checking: Option<&Checking>,
) -> Result<Answer, Error> {
    let heard = hear_and_check(request, module, checking, &mut |_| {}, &never())?;
    accepted(heard, request, module)
}

/// What nobody stops.
pub fn never() -> AtomicBool {
    AtomicBool::new(false)
}

/// Asks as [`hear_until`] does, and has the derivative checked, if there is one. `meanwhile` hears of the derivative before
/// it is checked ([`Trace::is_derived`]).
pub fn hear_and_check(
    request: &Request,
    module: &Module,
    checking: Option<&Checking>,
    meanwhile: &mut dyn FnMut(&Trace),
    stop: &AtomicBool,
) -> Result<(Answer, Option<Ended>), Error> {
    let Some(checking) = checking else {
        return hear_until(request, module, meanwhile, stop);
    };
    let Some(asked) = then_checked(request, module, checking) else {
        return beside(
            request,
            module,
            Some(checking),
            || hear_until(request, module, meanwhile, stop),
            |heard| {
                let (answer, ended) = heard.as_mut().ok()?;
                let is_accepted = answer.trace.failure.is_none() && ended.is_none();
                is_accepted.then_some(&mut answer.trace)
            },
        );
    };
    let mut derived = None;
    let mut meanwhile = |trace: &Trace| {
        if trace.is_derived {
            derived.get_or_insert_with(Instant::now);
        }
        meanwhile(trace);
    };
    let (mut answer, mut ended) = hear_until(&asked, module, &mut meanwhile, stop)?;
    let trace = &mut answer.trace;
    if let Task::Differentiate { then_check, .. } = &mut trace.request.task {
        *then_check = None;
    }
    if trace.is_derived
        && let Some(check) = check_of(request, module, checking)
    {
        let found = of_answer(trace, ended.take(), check.limits.seconds);
        trace.checked = None;
        trace.failure = None;
        let started = derived.unwrap_or_else(Instant::now);
        let verdict = with_remedies(found, trace, &check, module, started);
        pass(trace, verdict);
    }
    Ok((answer, ended))
}

/// The same request, to an engine that checks the derivative once it has it: what it makes is made once, and what is checked
/// is what is shown. None for other requests, and for what cannot be run.
fn then_checked(request: &Request, module: &Module, checking: &Checking) -> Option<Request> {
    let mut asked = request.clone();
    let Task::Differentiate {
        function,
        then_check,
        ..
    } = &mut asked.task
    else {
        return None;
    };
    if is_swifts(module, function) {
        return None;
    }
    *then_check = Some(Box::new(ThenCheck {
        check: checking.check.clone(),
        seconds: checking.seconds.min(request.limits.seconds),
    }));
    Some(asked)
}

/// Does something with a request, and checks its derivative meanwhile. `trace` gives the trace that the verdict
/// belongs to, if there is one.
pub fn beside<T>(
    request: &Request,
    module: &Module,
    checking: Option<&Checking>,
    run: impl FnOnce() -> T,
    trace: impl FnOnce(&mut T) -> Option<&mut Trace>,
) -> T {
    let Some(check) = checking.and_then(|checking| check_of(request, module, checking)) else {
        return run();
    };
    thread::scope(|scope| {
        let checked = scope.spawn(|| verdict(&check, module));
        let mut out = run();
        if let Some(trace) = trace(&mut out) {
            let verdict = checked.join().unwrap_or(Verdict::NotChecked {
                why: NotChecked::Ended("the check itself failed".to_owned()),
            });
            pass(trace, verdict);
        }
        out
    })
}

/// Gives a trace its verdict. What was guessed and turned out right is no warning any more.
pub fn pass(trace: &mut Trace, mut verdict: Verdict) {
    if let Verdict::Wrong {
        remedies, known, ..
    } = &mut verdict
    {
        *known = known_fault(trace, remedies);
    }
    if verdict.is_right() {
        for remark in &mut trace.remarks {
            if remark.kind.is_settled_by_check() {
                remark.severity = Severity::Note;
                remark.checked = true;
            }
        }
    }
    trace.verdict = Some(verdict);
}

/// What is at fault where a derivative is wrong, as far as remarks and remedies tell.
fn known_fault(trace: &Trace, remedies: &[Remedy]) -> Option<KnownFault> {
    let said = |is: fn(&RemarkKind) -> bool| trace.remarks.iter().any(|remark| is(&remark.kind));
    if remedies
        .iter()
        .any(|remedy| remedy.flags.why == TryReason::Repair)
    {
        Some(KnownFault::Repaired)
    } else if said(RemarkKind::is_guess) {
        Some(KnownFault::GuessedType)
    } else if said(|kind| matches!(kind, RemarkKind::Doubt(Doubt::PointerCall))) {
        Some(KnownFault::PointerCall)
    } else {
        None
    }
}

/// The reason to doubt that a remark is, whatever a check came to: what is written down for others must not depend
/// on that.
pub fn doubt(remark: &Remark) -> Option<String> {
    let doubted = remark.checked || remark.severity == Severity::Warning;
    doubted.then(|| remark.kind.to_string())
}

/// The check of what a request differentiates; none where it differentiates nothing.
fn check_of(request: &Request, module: &Module, checking: &Checking) -> Option<Request> {
    let (function, ad) = differentiated(&request.task)?;
    let limits = Limits {
        seconds: checking.seconds.min(request.limits.seconds),
        ..request.limits
    };
    let mut check = request::check(module, function, ad, checking.check.clone(), limits);
    check.llvm_options.clone_from(&request.llvm_options);
    Some(check)
}

/// What a task differentiates, and the options that its code has in the end.
fn differentiated(task: &Task) -> Option<(&String, AdOptions)> {
    match task {
        Task::Differentiate { function, ad, .. } => Some((function, ad.clone())),
        Task::Emit { function, ad, .. } | Task::Profile { function, ad, .. } => {
            Some((function, ad.clone()))
        }
        _ => None,
    }
}

/// True for a function that only code of Swift's can call; LLVM compiles no other call of it.
pub fn is_swifts(module: &Module, symbol: &str) -> bool {
    // Of bitcode there may be no text.
    if module.text().starts_with(b"BC") {
        return false;
    }
    let index = module.index();
    let header = index.get(symbol).map(|function| index.text(&function));
    header.is_some_and(|text| {
        let first = text.lines().next();
        first.is_some_and(|line| line.contains(" swifterror "))
    })
}

/// Runs a check, and says in short what it came to.
fn verdict(check: &Request, module: &Module) -> Verdict {
    let started = Instant::now();
    if let Task::Check { function, .. } = &check.task
        && is_swifts(module, function)
    {
        return Verdict::NotChecked {
            why: NotChecked::Ended(
                "it takes a swifterror, which only code that Swift compiled can pass".to_owned(),
            ),
        };
    }
    let (answer, ended) = match hear(check, module, &mut |_| {}) {
        Ok(heard) => heard,
        Err(error) => {
            return Verdict::NotChecked {
                why: NotChecked::Ended(error.to_string()),
            };
        }
    };
    let found = of_answer(&answer.trace, ended, check.limits.seconds);
    with_remedies(found, &answer.trace, check, module, started)
}

/// What a check came to, and for what is wrong what to do about it.
fn with_remedies(
    mut verdict: Verdict,
    trace: &Trace,
    check: &Request,
    module: &Module,
    started: Instant,
) -> Verdict {
    if let Verdict::Wrong {
        remedies, locate, ..
    } = &mut verdict
    {
        *locate = locating(check, module);
        let left = Duration::from_secs(check.limits.seconds).saturating_sub(started.elapsed());
        *remedies = triage(check, module, size(trace), left);
    }
    verdict
}

/// The command that finds where a derivative that was checked goes wrong.
fn locating(check: &Request, module: &Module) -> Vec<String> {
    let Task::Check {
        function,
        ad,
        check,
    } = &check.task
    else {
        return Vec::new();
    };
    let mut words: Vec<String> = ["irad", "locate", &module.origin, "--fn"]
        .map(str::to_owned)
        .to_vec();
    words.push(ir_load::demangle(function).into_owned());
    words.extend(["--mode".to_owned(), ad.mode.to_string()]);
    let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if check.seed != Check::default().seed {
        flag("--seed", check.seed.to_string());
    }
    for (name, length) in &check.lengths {
        flag("--len", format!("{name}={length}"));
    }
    for (name, low, high) in &check.ranges {
        flag("--range", format!("{name}={low}..{high}"));
    }
    words.extend(ad_flags::arguments(ad));
    words
}

/// Instructions of a trace's derivative.
fn size(trace: &Trace) -> Option<usize> {
    let (_, text) = trace.point(Point::Final)?;
    Some(Function::parse(&text).instructions())
}

/// What may make a wrong derivative right, the likeliest first.
fn candidates(ad: &AdOptions) -> Vec<Try> {
    let mut all: Vec<Try> = remedy::default_of(ad).into_iter().collect();
    let other = match ad.mode {
        Mode::Forward => Mode::Reverse,
        Mode::Reverse => Mode::Forward,
    };
    let other = other.to_string();
    let options = [
        (["--enzyme", "strong-zero=true"], TryReason::StrongZero),
        (["--prepare", "o3"], TryReason::PrepareFully),
        (["--prepare", "none"], TryReason::NoPrepare),
        (["--mode", other.as_str()], TryReason::OtherMode),
        (["--enzyme", "max-cache=true"], TryReason::MaxCache),
        (["--enzyme", "mincut-cache=false"], TryReason::NoMinCut),
        (
            ["--enzyme", "rematerialize=false"],
            TryReason::NoRematerialising,
        ),
        (
            ["--enzyme", "runtime-activity=true"],
            TryReason::RuntimeActivity,
        ),
        (
            ["--enzyme", "strict-aliasing=false"],
            TryReason::NoStrictAliasing,
        ),
        (["--enzyme", "fast-math=false"], TryReason::NoFastMath),
    ];
    // What only the reverse sweep does, forward mode does not.
    let of_sweep = |why| {
        matches!(
            why,
            TryReason::MaxCache | TryReason::NoMinCut | TryReason::NoRematerialising
        )
    };
    for (flags, why) in options {
        if ad.mode == Mode::Reverse || !of_sweep(why) {
            all.push(Try::new(&flags, why));
        }
    }
    all
}

/// Tries what may make a wrong derivative right, as many at once as there are cores and as long as there is time,
/// and gives what does: irad's own preparation first, and then the smallest derivative.
fn triage(check: &Request, module: &Module, wrong: Option<usize>, left: Duration) -> Vec<Remedy> {
    let Task::Check {
        function,
        ad,
        check: how,
    } = &check.task
    else {
        return Vec::new();
    };
    let until = Instant::now() + left;
    let one = |flags: Try| {
        let seconds = until.saturating_duration_since(Instant::now()).as_secs();
        let limits = Limits {
            seconds,
            ..check.limits
        };
        if seconds == 0 {
            return None;
        }
        let ad = remedy::with(ad.clone(), &flags);
        let request = request::check(module, function, ad, how.clone(), limits);
        let (answer, _) = hear(&request, module, &mut |_| {}).ok()?;
        let is_right = answer.trace.checked.as_ref()?.passed();
        // The derivatives of two modes are two functions.
        let size = size(&answer.trace)
            .zip(wrong)
            .filter(|_| flags.why != TryReason::OtherMode)
            .map(|(size, wrong)| size as f64 / wrong.max(1) as f64);
        is_right.then_some(Remedy { flags, size })
    };
    let candidates = candidates(ad);
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut found = Vec::new();
        while let Some(flags) = candidates.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.extend(one(flags.clone()));
        }
        found
    };
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get());
    let mut found: Vec<Remedy> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers.min(candidates.len()))
            .map(|_| scope.spawn(worker))
            .collect();
        let done = workers.into_iter().map(|worker| worker.join());
        done.flat_map(Result::unwrap_or_default).collect()
    });
    found.sort_by(|a, b| {
        let by_others = |remedy: &Remedy| remedy.flags.why != TryReason::Repair;
        let size = |remedy: &Remedy| remedy.size.unwrap_or(f64::INFINITY);
        let place = |remedy: &Remedy| candidates.iter().position(|flags| *flags == remedy.flags);
        (by_others(a).cmp(&by_others(b)))
            .then(size(a).total_cmp(&size(b)))
            .then(place(a).cmp(&place(b)))
    });
    found
}
