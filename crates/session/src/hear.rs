//! Asks an engine about a module, and hears it out.

use std::sync::atomic::AtomicBool;

use trace::{
    Check, Kind, Limits, Remark, RemarkKind, Request, Severity, Task, Trace, Verdict, enzyme,
};

use crate::engine::{self, Answer, Ended};
use crate::error::Error;
use crate::module::Module;
use crate::request;

/// Has Enzyme decide at run time whether memory is active.
const RUNTIME_ACTIVITY: &str = "runtime-activity";

/// How long the check of a derivative may take that Enzyme refused at first, in seconds: whether it is shown must not depend on
/// what else the machine does.
const PATIENCE: u64 = 20;

/// Asks and waits, and gives back what was said even when the engine did not come to its end.
///
/// `meanwhile` is shown the trace as it grows. Where the request is made again ([`in_places`]), it begins anew and does not
/// differ in what was prepared.
pub fn hear(
    request: &Request,
    module: &Module,
    meanwhile: &mut dyn FnMut(&Trace),
) -> Result<(Answer, Option<Ended>), Error> {
    hear_until(request, module, meanwhile, &AtomicBool::new(false))
}

/// The same, until `stop` is set: what was said so far is given back then.
pub fn hear_until(
    request: &Request,
    module: &Module,
    meanwhile: &mut dyn FnMut(&Trace),
    stop: &AtomicBool,
) -> Result<(Answer, Option<Ended>), Error> {
    let heard = once(request, module, meanwhile, stop)?;
    let Some(mut again) = in_places(request, &heard) else {
        return Ok(heard);
    };
    let mut second = once(&again, module, meanwhile, stop)?;
    let mut kind = RemarkKind::TypesInPlaces;
    if is_of_kind(&second.0, &[Kind::MixedActivity])
        && let Some(ad) = again.task.options_mut()
    {
        ad.state(RUNTIME_ACTIVITY, "true");
        second = once(&again, module, meanwhile, stop)?;
        kind = RemarkKind::TypesAndActivityInPlaces;
    }
    let (mut answer, ended) = second;
    if !is_borne_out(&again, &answer, module, stop) {
        return Ok(heard);
    }
    answer.trace.remarks.push(Remark {
        stage: "enzyme".to_owned(),
        severity: Severity::Note,
        kind,
        checked: false,
    });
    Ok((answer, ended))
}

/// What is asked where the types of what a function's paths load contradict each other, as those of an enum's payloads do: that
/// Enzyme believes a use only where it is reached. There it finds fewer types, so it is not asked so at first.
fn in_places(request: &Request, (answer, _): &(Answer, Option<Ended>)) -> Option<Request> {
    let mut request = request.clone();
    let ad = request.task.options_mut()?;
    if !is_of_kind(answer, &[Kind::IllegalTypeAnalysis, Kind::Assertion])
        || ad.is_faithful()
        || ad.stated(enzyme::OPTION_STRICT_ALIASING).is_some()
    {
        return None;
    }
    ad.state(enzyme::OPTION_STRICT_ALIASING, "false");
    if let Task::Differentiate {
        then_check: Some(then),
        ..
    } = &mut request.task
    {
        then.seconds = then.seconds.max(PATIENCE);
    }
    Some(request)
}

/// True where a request was refused for one of these reasons.
fn is_of_kind(answer: &Answer, kinds: &[Kind]) -> bool {
    let failure = answer.trace.failure.as_ref();
    failure.is_some_and(|failure| kinds.contains(&failure.kind))
}

/// True where the derivative could be checked, and is not wrong: a copy of memory whose type nobody knows any more may lose
/// what it holds. To refuse the function is better then.
fn is_borne_out(request: &Request, answer: &Answer, module: &Module, stop: &AtomicBool) -> bool {
    let agrees = |answer: &Answer| {
        let checked = answer.trace.checked.as_ref();
        checked.is_some_and(|checked| !Verdict::of(checked).is_wrong())
    };
    let Some((function, ad)) = request.task.differentiated() else {
        return false;
    };
    if let Task::Check { .. }
    | Task::Differentiate {
        then_check: Some(_),
        ..
    } = &request.task
    {
        return agrees(answer);
    }
    if answer.trace.failure.is_some() {
        return false;
    }
    let limits = Limits {
        seconds: request.limits.seconds.min(PATIENCE),
        ..request.limits
    };
    let check = Check {
        cross: false,
        ..Check::default()
    };
    let check = request::check(module, function, ad.clone(), check, limits);
    once(&check, module, &mut |_| {}, stop).is_ok_and(|(answer, _)| agrees(&answer))
}

fn once(
    request: &Request,
    module: &Module,
    meanwhile: &mut dyn FnMut(&Trace),
    stop: &AtomicBool,
) -> Result<(Answer, Option<Ended>), Error> {
    let (mut answer, ended) =
        engine::run_until(request, module.sent(), &module.needs, meanwhile, stop)?;
    // The engine may have read no more than a part of the file.
    let failure = answer.trace.failure.as_mut();
    if let Some(place) = failure.and_then(|failure| failure.place.as_mut()) {
        *place = module.original(*place);
    }
    Ok((answer, ended))
}
