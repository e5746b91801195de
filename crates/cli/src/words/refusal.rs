//! What is said of a refusal.

use ir_load::{demangle_words, is_library};
use session::refusal::{Attempt, Refusal};
use session::shell;
use trace::{Diagnosis, Frame, Kind, Note, Try, Verdict};

use crate::exit;
use crate::failure::{Details, Failure, Help, Place, Suggestion, Tried};

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        let mut failure = said(refusal);
        let diagnosis = &refusal.diagnosis;
        if let Some(types) = &refusal.types {
            failure.help.push(
                "emit the IR with -C debuginfo=2: irad reads there what the parameters hold".into(),
            );
            failure.help.extend(types.signature.iter().map(|stated| {
                Help::from(format!(
                    "or state them, with the element's type (f64, f32) for T: --sig '{stated}'"
                ))
            }));
        }
        let mut in_vain = Vec::new();
        let mut wrong = Vec::new();
        let mut tries = Vec::new();
        for (attempted, attempt) in diagnosis.tries.iter().zip(&refusal.attempts) {
            let arguments = command_with(attempted);
            let verdict = match attempt {
                Attempt::Refused => None,
                Attempt::Accepted(verdict) => Some(verdict),
            };
            tries.push(Tried {
                flags: attempted.flags.clone(),
                without: attempted.without.clone(),
                why: attempted.why.to_string(),
                command: Some(shell::line(&arguments)),
                accepted: Some(verdict.is_some()),
                verdict: verdict.map(Verdict::word),
            });
            let Some(verdict) = verdict else {
                in_vain.push(attempted.name());
                continue;
            };
            // What is wrong is no remedy.
            if verdict.is_wrong() {
                wrong.push(attempted.name());
                continue;
            }
            let (lead, reason) = match verdict.is_right() {
                true => ("this is accepted and right", attempted.why.to_string()),
                false => (
                    "this is accepted",
                    demangle_words(&format!(
                        "{}; {}: {verdict}",
                        attempted.why,
                        verdict.label()
                    )),
                ),
            };
            failure.help.push(Help::Command(Suggestion {
                lead,
                arguments,
                reason: Some(reason),
            }));
        }
        if !wrong.is_empty() {
            failure.notes.push(format!(
                "tried, and accepted, but the derivative is wrong: {}",
                wrong.join(", ")
            ));
        }
        if !in_vain.is_empty() {
            failure
                .notes
                .push(format!("tried, and refused too: {}", in_vain.join(", ")));
        }
        if let Some((function, mode)) = &refusal.request {
            let mode = mode.to_string();
            let words = [
                "irad",
                "reduce",
                &refusal.origin,
                "--fn",
                function,
                "--mode",
                &mode,
                "-o",
                "case.ll",
            ];
            failure.help.push(Help::Command(Suggestion {
                lead: "a report that Enzyme's authors can run",
                arguments: words.map(str::to_owned).to_vec(),
                reason: None,
            }));
        }
        if let Some(details) = failure.details.as_mut()
            && refusal.attempts.len() == diagnosis.tries.len()
        {
            details.tries = tries;
        }
        failure
    }
}

/// The command that is running, with further flags or without one.
fn command_with(attempted: &Try) -> Vec<String> {
    let flags = &attempted.flags;
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
        if attempted.without.contains(&argument) {
            continue;
        } else if once.contains(&argument.as_str()) {
            arguments.next();
        } else if !once
            .iter()
            .any(|flag| argument.starts_with(&format!("{flag}=")))
        {
            words.push(argument);
        }
    }
    words.extend(flags.iter().cloned());
    words
}

/// What LLVM ends with where somebody asks how large a scalable vector is.
const SCALABLE: &str = "Cannot implicitly convert a scalable size";

/// What the engine reported.
fn said(refusal: &Refusal) -> Failure {
    let Refusal {
        diagnosis, origin, ..
    } = refusal;
    if diagnosis.kind == Kind::Fatal && diagnosis.message.to_string().contains(SCALABLE) {
        return Failure {
            code: exit::REFUSED,
            ..Failure::usage(
                "unsupported",
                "the function has vectors as long as the processor chooses, which Enzyme does not know",
            )
            .note("they are made for SVE on ARM and for V on RISC-V")
            .help("emit the IR without them: -C target-feature=-sve,-sve2 or -C target-feature=-v")
        };
    }
    let code = match diagnosis.kind {
        Kind::Parse
        | Kind::Verify
        | Kind::Function
        | Kind::Mode
        | Kind::Signature
        | Kind::Inputs
        | Kind::Panic
        | Kind::Unresolved
        | Kind::Pipeline
        | Kind::Option
        | Kind::Symbol => exit::USAGE,
        Kind::Assertion | Kind::Fatal => exit::CRASHED,
        Kind::Guard => exit::UNDECIDED,
        _ => exit::REFUSED,
    };
    let kind = serde_json::to_value(diagnosis.kind)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    let mut failure = Failure {
        code,
        kind,
        title: match diagnosis.kind {
            Kind::Parse => format!("LLVM cannot read {origin}: {}", diagnosis.message),
            // The engine's own words, which need no heading.
            Kind::Mode
            | Kind::Function
            | Kind::Option
            | Kind::Inputs
            | Kind::Panic
            | Kind::Unresolved => demangle_words(&diagnosis.message.to_string()),
            _ => format!(
                "{}: {}",
                diagnosis.kind,
                short(&demangle_words(&diagnosis.message.to_string()))
            ),
        },
        choice: None,
        place: None,
        notes: Vec::new(),
        help: Vec::new(),
        details: details(diagnosis),
    };
    if let Some(place) = diagnosis.place
        && let Some(line) = refusal.line.clone()
    {
        let column = place.column.max(1);
        failure.place = Some(Place {
            origin: origin.to_owned(),
            line: place.line,
            width: word_width(&line, column),
            before: Vec::new(),
            after: Vec::new(),
            text: line,
            column,
            label: diagnosis.message.to_string(),
        });
    }
    if diagnosis.kind == Kind::Pipeline {
        failure.place = pipeline_place(diagnosis);
    } else if let Some(instruction) = &diagnosis.instruction
        && !instruction.text.is_empty()
    {
        failure.place = Some(Place {
            origin: String::new(),
            line: 0,
            before: instruction.before.clone(),
            after: instruction.after.clone(),
            column: 1,
            width: instruction.text.chars().count().min(MARKED),
            text: instruction.text.clone(),
            label: "here".to_owned(),
        });
    }
    if diagnosis.kind != Kind::Pipeline {
        failure.notes.extend(call_path(diagnosis));
    }
    failure.notes.extend(
        diagnosis
            .types
            .iter()
            .map(|line| format!("known of its type: {line}")),
    );
    if let Some(producer) = &refusal.producer {
        failure.notes.push(format!("{producer} made it"));
    }
    // What such a flag adds is no code of the user's: what else it may be is beside the point.
    if let Some(flag) = refusal
        .instrumented
        .filter(|_| is_about_code(diagnosis.kind))
    {
        return failure
            .note(format!(
                "the module was built with {flag}, which adds code to it"
            ))
            .help(format!("build without {flag}"));
    }
    failure.notes.extend(
        diagnosis
            .notes
            .iter()
            .map(|note| demangle_words(&note.to_string())),
    );
    failure
        .help
        .extend(in_another_unit(diagnosis).map(Help::from));
    failure.help.extend(
        diagnosis
            .help
            .iter()
            .map(|help| Help::from(demangle_words(&help.to_string()))),
    );
    if diagnosis.kind == Kind::Parse && diagnosis.help.is_empty() {
        let cut = "the file was cut off or changed by hand: emit the IR again";
        failure.help.push(cut.into());
    }
    failure
}

/// What helps where a function that is called has its body in another part of the same crate.
fn in_another_unit(diagnosis: &Diagnosis) -> Option<String> {
    let called = diagnosis.notes.iter().find_map(|note| match note {
        Note::NoBody(symbol) => Some(symbol),
        _ => None,
    })?;
    // Nobody chooses how the standard library was built.
    if ir_load::is_library(called) {
        return None;
    }
    let path = ir_load::demangle_path(called)?;
    let of_crate = path.split("::").next().filter(|name| *name != path)?;
    let mut callers = diagnosis.frames.iter();
    let is_own = callers.any(|frame| {
        ir_load::demangle_path(&frame.function)
            .is_some_and(|caller| caller.split("::").next() == Some(of_crate))
    });
    is_own.then(|| {
        format!("{path} is in another codegen unit of {of_crate}: build with -C codegen-units=1")
    })
}

/// True for what a function's code is at fault for, and not a word of the command line or the file.
fn is_about_code(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Parse
            | Kind::Verify
            | Kind::Function
            | Kind::Mode
            | Kind::Signature
            | Kind::Pipeline
            | Kind::Option
            | Kind::Symbol
    )
}

/// A marker under a whole instruction says no more than one under its beginning.
const MARKED: usize = 32;

/// Where the offending line stands, and how it is reached from the chosen function.
fn call_path(diagnosis: &Diagnosis) -> Vec<String> {
    let named = |function: &str, place: &str| {
        let function = demangle_words(function);
        match place {
            "" => function.to_string(),
            place => format!("{function} ({place})"),
        }
    };
    if diagnosis.frames.is_empty() {
        let function = diagnosis.instruction.as_ref().map(|line| &line.function);
        return function
            .filter(|function| !function.is_empty())
            .map(|function| format!("in {}", named(function, "")))
            .into_iter()
            .collect();
    }
    // The user's own line comes first, and then what the standard library does there.
    let frames = &diagnosis.frames;
    let is_own = |frame: &Frame| {
        let place = &frame.place;
        !is_library(&frame.function)
            && !place.starts_with("library/")
            && !place.starts_with("/rustc/")
    };
    let own = frames.iter().position(is_own);
    let (inner, outer) = frames.split_at(own.unwrap_or_default());
    let mut lines: Vec<String> = outer
        .iter()
        .enumerate()
        .map(|(at, frame)| {
            let word = if at == 0 { "in" } else { "called from" };
            format!("{word} {}", named(&frame.function, &frame.place))
        })
        .collect();
    if let Some((innermost, through)) = inner.split_first() {
        let innermost = named(&innermost.function, &innermost.place);
        let through: Vec<String> = through
            .iter()
            .rev()
            .map(|frame| named(&frame.function, ""))
            .collect();
        let line = match through.as_slice() {
            [] => format!("which calls {innermost}"),
            several => format!("which comes to {innermost} through {}", several.join(", ")),
        };
        lines.insert(1, line);
    }
    lines
}

/// The diagnosis for programs: what the words are made of.
fn details(diagnosis: &Diagnosis) -> Option<Box<Details>> {
    let is_refusal = diagnosis.cause.is_some() || diagnosis.instruction.is_some();
    let tries = diagnosis.tries.iter().map(|attempted| Tried {
        flags: attempted.flags.clone(),
        without: attempted.without.clone(),
        why: attempted.why.to_string(),
        command: None,
        accepted: None,
        verdict: None,
    });
    is_refusal.then(|| {
        Box::new(Details {
            cause: diagnosis.cause,
            instruction: diagnosis.instruction.clone(),
            frames: diagnosis.frames.clone(),
            types: diagnosis.types.clone(),
            tries: tries.collect(),
        })
    })
}

/// A marker under the word of a pipeline that LLVM stumbled over.
fn pipeline_place(diagnosis: &Diagnosis) -> Option<Place> {
    let line = diagnosis.instruction.as_ref()?;
    let message = diagnosis.message.to_string();
    let word = message.split('\'').nth(1).unwrap_or("");
    let at = line.text.find(word)?;
    let column = line.text[..at].chars().count() + 1;
    Some(Place {
        // The stage's flag is where the user wrote it.
        origin: match line.function.as_str() {
            "prepare" => "--prepare".to_owned(),
            "cleanup" => "--cleanup".to_owned(),
            _ => "--passes".to_owned(),
        },
        line: 1,
        column,
        width: word.chars().count().max(1),
        before: Vec::new(),
        after: Vec::new(),
        text: line.text.clone(),
        label: "here".to_owned(),
    })
}

fn short(message: &str) -> String {
    const LIMIT: usize = 400;
    if message.chars().count() <= LIMIT {
        return message.to_owned();
    }
    let cut: String = message.chars().take(LIMIT).collect();
    format!("{cut}…")
}

fn word_width(line: &str, column: usize) -> usize {
    let width = line
        .chars()
        .skip(column - 1)
        .take_while(|c| c.is_alphanumeric() || "_.%@\"".contains(*c))
        .count();
    width.max(1)
}
