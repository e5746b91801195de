//! Checks a derivative beside the run that shows or writes it, in an engine of its own.

use std::thread;

use trace::{
    AdOptions, Check, Limits, NotChecked, Pipeline, Remark, Request, Severity, Task, Trace, Verdict,
};

use crate::ask::ask;
use crate::engine::{Answer, EndCause, Ended};
use crate::error::Error;
use crate::hear::hear;
use crate::module::Module;
use crate::request;

/// How a derivative is checked beside a run.
#[derive(Clone, Debug)]
pub struct Checking {
    /// The inputs, and how much is compared.
    pub check: Check,
    /// Seconds that it may take.
    pub seconds: u64,
}

/// Asks as [`ask`] does, and checks the derivative meanwhile. The trace has the verdict.
pub fn ask_and_check(
    request: &Request,
    module: &Module,
    checking: Option<&Checking>,
) -> Result<Answer, Error> {
    beside(
        request,
        module,
        checking,
        || ask(request, module),
        |answer| answer.as_mut().ok().map(|answer| &mut answer.trace),
    )
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
pub fn pass(trace: &mut Trace, verdict: Verdict) {
    if verdict.is_right() {
        for remark in &mut trace.remarks {
            if remark.kind.is_guess() {
                remark.severity = Severity::Note;
                remark.checked = true;
            }
        }
    }
    trace.verdict = Some(verdict);
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
        Task::Emit { function, ad, .. } => {
            let mut ad = ad.clone();
            if ad.cleanup == Pipeline::O2 {
                ad.cleanup = Pipeline::O3;
            }
            Some((function, ad))
        }
        _ => None,
    }
}

/// Runs a check, and says in short what it came to.
fn verdict(check: &Request, module: &Module) -> Verdict {
    match hear(check, module, &mut |_| {}) {
        Ok((answer, ended)) => of_answer(&answer.trace, ended, check.limits.seconds),
        Err(error) => Verdict::NotChecked {
            why: NotChecked::Ended(error.to_string()),
        },
    }
}

/// What a check's trace came to.
pub fn of_answer(trace: &Trace, ended: Option<Ended>, seconds: u64) -> Verdict {
    if let Some(checked) = &trace.checked {
        return Verdict::of(checked);
    }
    let why = match (&trace.failure, ended) {
        (Some(diagnosis), _) => NotChecked::Problem(diagnosis.message.clone()),
        (None, Some(ended)) if ended.cause == EndCause::TimedOut => {
            NotChecked::TimedOut { seconds }
        }
        (None, Some(ended)) => NotChecked::Ended(ended.to_string()),
        (None, None) => NotChecked::Ended("the check gave no answer".to_owned()),
    };
    Verdict::NotChecked { why }
}
