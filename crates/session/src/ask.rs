//! Asks an engine, and makes an error of whatever is not an answer.

use trace::Request;

use crate::engine::{Answer, Ended};
use crate::error::Error;
use crate::hear::hear;
use crate::module::Module;
use crate::remedy;

/// Asks and waits. An engine that fails, in whatever way, is an [`Error`]; what may get past a refusal has
/// been tried.
pub fn ask(request: &Request, module: &Module) -> Result<Answer, Error> {
    accepted(hear(request, module, &mut |_| {})?, request, module)
}

/// What was heard, or why there is no answer.
pub fn accepted(
    (answer, ended): (Answer, Option<Ended>),
    request: &Request,
    module: &Module,
) -> Result<Answer, Error> {
    if let Some(diagnosis) = &answer.trace.failure {
        let signature = answer.trace.signature.as_ref();
        return Err(remedy::refused(diagnosis, request, module, signature).into());
    }
    match ended {
        None => Ok(answer),
        Some(ended) => Err(ended.into()),
    }
}
