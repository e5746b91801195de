//! Asks an engine about a module, and hears it out.

use std::sync::atomic::AtomicBool;

use trace::{Request, Trace};

use crate::engine::{self, Answer, Ended};
use crate::error::Error;
use crate::module::Module;

/// Asks and waits, and gives back what was said even when the engine did not come to its end.
///
/// `meanwhile` is shown the trace as it grows.
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
    let (mut answer, ended) =
        engine::run_until(request, module.sent(), &module.needs, meanwhile, stop)?;
    // The engine may have read no more than a part of the file.
    let failure = answer.trace.failure.as_mut();
    if let Some(place) = failure.and_then(|failure| failure.place.as_mut()) {
        *place = module.original(*place);
    }
    Ok((answer, ended))
}
