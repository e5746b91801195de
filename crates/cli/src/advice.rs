//! What to try after a refusal. What can be tried by the machine is tried before it is said.

use std::thread;

use serde_json::json;
use trace::{AdOptions, Cause, Diagnosis, Kind, Request, Signature, Task, Try, TypeSource, Watch};

use crate::engine;
use crate::input::Module;
use crate::report::{Failure, diagnosis_failure};

/// How long one attempt may take, in seconds. Somebody is waiting for an error.
const PATIENCE: u64 = 5;

/// The failure that a refusal amounts to, with the flags that get past it.
///
/// `signature` is what the engine took the function for.
pub fn refused(
    diagnosis: &Diagnosis,
    request: &Request,
    module: &Module,
    signature: Option<&Signature>,
) -> Failure {
    let mut diagnosis = diagnosis.clone();
    if diagnosis.cause == Some(Cause::UnknownType)
        && let Some(signature) = signature
    {
        state_types(&mut diagnosis, request, signature);
    }
    let diagnosis = &diagnosis;
    let mut failure = diagnosis_failure(diagnosis, &module.origin, module.text());
    let outcomes = attempt(diagnosis, request, module);
    let mut tries = Vec::new();
    let mut in_vain = Vec::new();
    for (attempted, works) in diagnosis.tries.iter().zip(&outcomes) {
        let command = command_with(&attempted.flags);
        if *works {
            failure
                .help
                .push(format!("this is accepted: {command}\n({})", attempted.why));
        } else {
            in_vain.push(attempted.flags.join(" "));
        }
        tries.push(json!({
            "flags": attempted.flags,
            "why": attempted.why,
            "command": command,
            "accepted": works,
        }));
    }
    if !in_vain.is_empty() {
        failure
            .notes
            .push(format!("tried, and refused too: {}", in_vain.join(", ")));
    }
    if matches!(
        diagnosis.kind,
        Kind::Assertion | Kind::Fatal | Kind::InternalError
    ) && let Some((function, ad)) = differentiated(&request.task)
    {
        failure.help.push(format!(
            "a report that Enzyme's authors can run: irad reduce {} --fn {} --mode {} -o case.ll",
            quoted(&module.origin),
            quoted(function),
            ad.mode
        ));
    }
    if let Some(details) = failure.details.as_mut() {
        details["tries"] = json!(tries);
    }
    failure
}

/// Suggests to say what memory holds, where neither the IR nor anybody else does.
fn state_types(diagnosis: &mut Diagnosis, request: &Request, signature: &Signature) {
    let Some((_, ad)) = differentiated(&request.task) else {
        return;
    };
    let parameters = &signature.parameters;
    if ad.signature.is_some()
        || parameters.iter().any(|p| p.source != TypeSource::Uses)
        || parameters.is_empty()
    {
        return;
    }
    diagnosis.help.push(
        "emit the IR with -C debuginfo=2: irad reads there what the parameters hold".to_owned(),
    );
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
    if crate::rust_signature::parse(&stated).is_ok() && stated.contains('T') {
        diagnosis.help.push(format!(
            "or state them, with the element's type (f64, f32) for T: --sig '{stated}'"
        ));
    }
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
                    ad: changed(ad.clone(), attempted),
                    watch: Watch::Points,
                };
                scope.spawn(move || {
                    engine::hear(&request, module, &mut |_| {})
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
fn changed(mut ad: AdOptions, attempted: &Try) -> AdOptions {
    let mut flags = attempted.flags.iter();
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "--loose-types" => ad.enzyme.push(("loose-types".into(), "true".into())),
            "--prepare" => {
                let Ok(pipeline) = flags.next().map_or("", String::as_str).parse();
                ad.prepare = pipeline;
            }
            "--sig" => {
                let stated = flags.next().map(|text| crate::rust_signature::parse(text));
                ad.signature = stated.and_then(Result::ok);
            }
            "--inactive" => ad.inactive.extend(flags.next().cloned()),
            "--enzyme" => {
                if let Some((key, value)) = flags.next().and_then(|flag| flag.split_once('=')) {
                    ad.enzyme.push((key.to_owned(), value.to_owned()));
                }
            }
            _ => {}
        }
    }
    ad
}

/// The command that is running, with further flags; ready to be pasted into a shell.
fn command_with(flags: &[String]) -> String {
    // A flag that may stand only once is replaced.
    let once: Vec<&str> = flags
        .iter()
        .map(String::as_str)
        .filter(|flag| *flag == "--prepare")
        .collect();
    let mut words = vec!["irad".to_owned()];
    let mut arguments = std::env::args().skip(1).peekable();
    // cargo runs it by its other name.
    if arguments.next_if(|first| first == "cargo").is_some() {
        words.insert(0, "cargo".to_owned());
    }
    while let Some(argument) = arguments.next() {
        if once.contains(&argument.as_str()) {
            arguments.next();
        } else if !once
            .iter()
            .any(|flag| argument.starts_with(&format!("{flag}=")))
        {
            words.push(quoted(&argument));
        }
    }
    words.extend(flags.iter().map(|flag| quoted(flag)));
    words.join(" ")
}

/// A word as a POSIX shell reads it back.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("model.ll"), "model.ll");
        assert_eq!(quoted("default<O2>"), "'default<O2>'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
