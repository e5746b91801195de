//! Asks an engine about a module, and hears it out.

use std::sync::atomic::AtomicBool;

use trace::{Kind, Remark, RemarkKind, Request, Severity, Trace, enzyme};

use crate::engine::{self, Answer, Ended};
use crate::error::Error;
use crate::module::Module;

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
    if let Some(request) = in_places(request, &heard)
        && let (mut answer, None) = once(&request, module, meanwhile, stop)?
        && answer.trace.failure.is_none()
    {
        let remark = Remark {
            stage: "enzyme".to_owned(),
            severity: Severity::Note,
            kind: RemarkKind::TypesInPlaces,
            checked: false,
        };
        answer.trace.remarks.push(remark);
        return Ok((answer, None));
    }
    Ok(heard)
}

/// What is asked where the types of what a function's paths load contradict each other, as those of an enum's payloads do: that
/// Enzyme believes a use only where it is reached. There it finds fewer types, so it is not asked so at first.
fn in_places(request: &Request, heard: &(Answer, Option<Ended>)) -> Option<Request> {
    let (answer, _) = heard;
    let kind = answer.trace.failure.as_ref()?.kind;
    let mut request = request.clone();
    let ad = request.task.options_mut()?;
    let is_set = |name: &str| enzyme::OPTION_STRICT_ALIASING.ends_with(name);
    if !matches!(kind, Kind::IllegalTypeAnalysis | Kind::Assertion)
        || ad.is_faithful()
        || ad.enzyme.iter().any(|(name, _)| is_set(name))
    {
        return None;
    }
    let name = enzyme::OPTION_STRICT_ALIASING.trim_start_matches("enzyme-");
    ad.enzyme.push((name.to_owned(), "false".to_owned()));
    Some(request)
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
