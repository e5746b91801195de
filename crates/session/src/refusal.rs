//! A refusal with what is known in front: the line of the file, and which remedies were tried.

use trace::{Diagnosis, Verdict};

use crate::instrumented::instrumented_by;

/// What the engine refused, and what was tried to get past it.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What the engine said.
    pub diagnosis: Diagnosis,
    /// What messages call the input.
    pub origin: String,
    /// The input's line that the diagnosis is about, if it names one.
    pub line: Option<String>,
    /// Who made the input, if it says so.
    pub producer: Option<String>,
    /// rustc's flag that has added code to the input which counts or checks, if there was one.
    pub instrumented: Option<&'static str>,
    /// For each of the diagnosis's suggestions, what becomes of the function with it; empty where none was tried.
    pub attempts: Vec<Attempt>,
    /// A signature to be stated, where nothing says what memory holds.
    pub types: Option<UnstatedTypes>,
    /// The symbol of the function that was to be differentiated, and the mode.
    pub request: Option<(String, trace::Mode)>,
}

/// What became of a function with a suggestion.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// It is refused, too.
    Refused,
    /// It is accepted, and what a check came to.
    Accepted(Verdict),
}

/// Parameters whose types only their uses show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnstatedTypes {
    /// A signature with `T` for what is unknown, as `--sig` takes it once that is filled in.
    pub signature: Option<String>,
}

impl Refusal {
    /// A refusal of which nothing was tried. `text` is the input's.
    pub fn of(diagnosis: Diagnosis, origin: &str, text: &[u8]) -> Self {
        let line = diagnosis.place.and_then(|place| {
            let line = text.split(|&byte| byte == b'\n').nth(place.line - 1)?;
            Some(String::from_utf8_lossy(line).trim_end().to_owned())
        });
        let producer = match diagnosis.kind {
            trace::Kind::Parse => ir_load::producer(text),
            _ => None,
        };
        Refusal {
            diagnosis,
            origin: origin.to_owned(),
            line,
            producer,
            instrumented: instrumented_by(text),
            attempts: Vec::new(),
            types: None,
            request: None,
        }
    }
}
