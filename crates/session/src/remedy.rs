//! What to try after a refusal. What can be tried by the machine is tried before it is said.

use std::thread;

use trace::{AdOptions, Cause, Diagnosis, Kind, Request, Signature, Task, Try, TypeSource, Watch};

use crate::ad_flags;
use crate::hear::hear;
use crate::module::Module;
use crate::refusal::{Refusal, UnstatedTypes};
use crate::rust_signature;

/// How long one attempt may take, in seconds. Somebody is waiting for an error.
const PATIENCE: u64 = 5;

/// A refusal with what gets past it. `signature` is what the engine took the function for.
pub fn refused(
    diagnosis: &Diagnosis,
    request: &Request,
    module: &Module,
    signature: Option<&Signature>,
) -> Refusal {
    let mut refusal = Refusal::of(diagnosis.clone(), &module.origin, module.text());
    if diagnosis.cause == Some(Cause::UnknownType)
        && let Some(signature) = signature
    {
        refusal.types = unstated_types(request, signature);
    }
    refusal.accepted = attempt(diagnosis, request, module);
    let is_a_fault = matches!(
        diagnosis.kind,
        Kind::Assertion | Kind::Fatal | Kind::InternalError
    );
    refusal.request = differentiated(&request.task)
        .filter(|_| is_a_fault)
        .map(|(function, ad)| (function.clone(), ad.mode));
    refusal
}

/// Parameters to be stated, where neither the IR nor anybody else says what memory holds.
fn unstated_types(request: &Request, signature: &Signature) -> Option<UnstatedTypes> {
    let (_, ad) = differentiated(&request.task)?;
    let parameters = &signature.parameters;
    if ad.signature.is_some()
        || parameters.iter().any(|p| p.source != TypeSource::Uses)
        || parameters.is_empty()
    {
        return None;
    }
    let written: Vec<String> = parameters
        .iter()
        .map(|p| {
            // What no use shows is for the reader to say: a type that is wrong is accepted too.
            let ty = p.ty.replace(['?', '_'], "T");
            format!("{}: {}", p.name, ty.replacen("i64", "usize", 1))
        })
        .collect();
    let returns = signature.returns.as_ref();
    let returns = returns.map_or_else(String::new, |returns| format!(" -> {}", returns.ty));
    let stated = format!("({}){returns}", written.join(", "));
    let is_open = rust_signature::parse(&stated).is_ok() && stated.contains('T');
    Some(UnstatedTypes {
        signature: is_open.then_some(stated),
    })
}

/// The function that a task differentiates first of all, and how.
fn differentiated(task: &Task) -> Option<(&String, &AdOptions)> {
    match task {
        Task::Differentiate { function, ad, .. }
        | Task::Check { function, ad, .. }
        | Task::Emit { function, ad, .. } => Some((function, ad)),
        _ => None,
    }
}

/// Which of the suggestions Enzyme accepts, all tried at once.
fn attempt(diagnosis: &Diagnosis, request: &Request, module: &Module) -> Vec<bool> {
    let Some((function, ad)) = differentiated(&request.task) else {
        return vec![false; diagnosis.tries.len()];
    };
    thread::scope(|scope| {
        let attempts: Vec<_> = diagnosis
            .tries
            .iter()
            .map(|attempted| {
                let mut request = request.clone();
                request.limits.seconds = request.limits.seconds.min(PATIENCE);
                request.task = Task::Differentiate {
                    function: function.clone(),
                    ad: with(ad.clone(), attempted),
                    watch: Watch::Points,
                };
                scope.spawn(move || {
                    hear(&request, module, &mut |_| {})
                        .is_ok_and(|(answer, end)| end.is_none() && answer.trace.failure.is_none())
                })
            })
            .collect();
        attempts
            .into_iter()
            .map(|attempt| attempt.join().unwrap_or(false))
            .collect()
    })
}

/// The request with a suggestion's flags, as the command line would read them.
fn with(mut ad: AdOptions, attempted: &Try) -> AdOptions {
    let mut flags = attempted.flags.iter();
    while let Some(flag) = flags.next() {
        let Some(flag) = flag.strip_prefix("--").and_then(ad_flags::find) else {
            continue;
        };
        let value = match flag.takes_value() {
            true => flags.next().map_or("", String::as_str),
            false => "true",
        };
        // A suggestion is the engine's, and well-formed.
        let _ = flag.set(&mut ad, value);
    }
    ad
}
