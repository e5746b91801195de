//! What to try after a refusal. What can be tried by the machine is tried before it is said.

use std::thread;

use trace::{
    Cause, Check, Diagnosis, Kind, Limits, Pipeline, Request, Signature, Task, Try, TryReason,
    TypeSource, Verdict, Watch,
};

use crate::answered::without_numbers;
use crate::hear::hear;
use crate::module::Module;
use crate::refusal::{Attempt, Refusal, UnstatedTypes};
use crate::remedy_flags::{default_of, with};
use crate::request;
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
    refusal.diagnosis.tries.extend(repaired(request));
    if let Some(fully) = fully_optimised(diagnosis, request) {
        refusal.diagnosis.tries.push(fully);
    }
    refusal.attempts = attempt(&refusal.diagnosis.tries, request, module);
    let is_a_fault = matches!(
        diagnosis.kind,
        Kind::Assertion | Kind::Fatal | Kind::InternalError
    );
    refusal.request = request
        .task
        .differentiated()
        .filter(|_| is_a_fault)
        .map(|(function, ad)| (function.clone(), ad.mode));
    refusal
}

/// What irad does so that Enzyme gets functions right may help, where it was left out.
fn repaired(request: &Request) -> Option<Try> {
    let (_, ad) = request.task.differentiated()?;
    default_of(ad)
}

/// To prepare the function fully is worth a try wherever Enzyme itself refuses.
fn fully_optimised(diagnosis: &Diagnosis, request: &Request) -> Option<Try> {
    let (_, ad) = request.task.differentiated()?;
    let is_enzyme = matches!(
        diagnosis.kind,
        Kind::NoDerivative
            | Kind::NoShadow
            | Kind::IllegalTypeAnalysis
            | Kind::NoType
            | Kind::MixedActivity
    );
    (is_enzyme && ad.prepare == Pipeline::O2)
        .then(|| Try::new(&["--prepare", "o3"], TryReason::PrepareFully))
}

/// Parameters to be stated, where neither the IR nor anybody else says what memory holds.
fn unstated_types(request: &Request, signature: &Signature) -> Option<UnstatedTypes> {
    let (_, ad) = request.task.differentiated()?;
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

/// What becomes of the function with each of the suggestions, all tried at once.
fn attempt(tries: &[Try], request: &Request, module: &Module) -> Vec<Attempt> {
    let Some((function, ad)) = request.task.differentiated() else {
        return vec![Attempt::Refused; tries.len()];
    };
    let limits = Limits {
        seconds: request.limits.seconds.min(PATIENCE),
        ..request.limits
    };
    // On the inputs that were asked for.
    let asked = match &request.task {
        Task::Check { check, .. } => check.clone(),
        _ => Check::default(),
    };
    let one = |attempted: &Try| {
        let ad = with(ad.clone(), attempted);
        let check = Check {
            cross: false,
            ..asked.clone()
        };
        let check = request::check(module, function, ad.clone(), check, limits);
        let heard = hear(&check, module, &mut |_| {});
        let Ok((answer, ended)) = heard else {
            return Attempt::Refused;
        };
        if let Some(checked) = &answer.trace.checked {
            return Attempt::Accepted(Verdict::of(checked));
        }
        // It may be that only the numbers are not to be had.
        let differentiate = request::differentiate(module, function, ad, Watch::Points, limits);
        let is_accepted = hear(&differentiate, module, &mut |_| {})
            .is_ok_and(|(answer, end)| end.is_none() && answer.trace.failure.is_none());
        match is_accepted {
            true => Attempt::Accepted(without_numbers(&answer.trace, ended, limits.seconds)),
            false => Attempt::Refused,
        }
    };
    thread::scope(|scope| {
        let attempts: Vec<_> = tries
            .iter()
            .map(|attempted| scope.spawn(|| one(attempted)))
            .collect();
        let ends = attempts.into_iter().map(|attempt| attempt.join());
        ends.map(|end| end.unwrap_or(Attempt::Refused)).collect()
    })
}
