//! What a call says that did not return.
#![allow(
    unsafe_code,
    reason = "reads the message that compiled code panics with"
)]

use std::slice;

use serde_json::Value;
use trace::{Diagnosis, Help, Kind, Note, Problem, Runner};

/// How a call ended that did not return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It panicked, or aborted itself otherwise.
    Panic {
        /// The panic's words, as far as they can be read.
        message: String,
        /// File, line and column.
        place: Option<String>,
    },
    /// It called what has no body.
    Missing(String),
    /// It wrote beside the memory that it was given.
    Beside(String),
    /// The processor stopped it, or the time was up.
    Signal(i32),
}

/// The diagnosis of what has no body here.
pub(super) fn unresolved(symbols: &str) -> Diagnosis {
    Diagnosis::new(
        Kind::Unresolved,
        Problem::Unresolved {
            symbols: symbols.to_owned(),
        },
    )
    .with_help(Help::DefineIt)
}

impl Ended {
    /// What is wrong with a call of `who` that ended like this.
    pub(super) fn problem(&self, who: Runner) -> Problem {
        match self {
            Ended::Panic { message, place } => Problem::Panicked {
                who,
                place: place.clone(),
                message: message.clone(),
            },
            Ended::Missing(symbols) => Problem::Unresolved {
                symbols: symbols.clone(),
            },
            Ended::Beside(what) => Problem::WroteBeside {
                who,
                what: what.clone(),
            },
            Ended::Signal(signal) => Problem::Stopped {
                who,
                signal: *signal,
            },
        }
    }

    /// The diagnosis of such a call.
    pub(super) fn diagnosis(&self, who: Runner, inputs: &[(String, Value)]) -> Diagnosis {
        if let Ended::Missing(symbols) = self {
            return unresolved(symbols);
        }
        let mut diagnosis = Diagnosis::new(Kind::Panic, self.problem(who));
        if !inputs.is_empty() {
            diagnosis.note(Note::RanOn(inputs.to_vec()));
        }
        match who {
            Runner::Derivative => {
                diagnosis.note(Note::FunctionReturns);
                diagnosis
            }
            Runner::Primal | Runner::Manual | Runner::It => diagnosis.with_help(Help::ChooseInputs),
        }
    }
}

/// The words and the place of a panic, from the function that was called and its first arguments.
///
/// The functions of `core::panicking` take the message, or the numbers in it, and then the place.
pub(super) fn words(symbol: &str, words: [u64; 4]) -> (String, Option<String>) {
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let name = path.rsplit("::").next().unwrap_or(&path);
    match name {
        "panic_bounds_check" => (
            format!(
                "index out of bounds: the len is {} but the index is {}",
                words[1], words[0]
            ),
            place(words[2]),
        ),
        "panic" | "panic_str_2015" | "panic_display" | "expect_failed" | "panic_nounwind" => (
            text(words[0], words[1]).unwrap_or_else(|| path.clone()),
            place(words[2]),
        ),
        "unwrap_failed" if path.contains("option") => (
            "called `Option::unwrap()` on a `None` value".to_owned(),
            place(words[0]),
        ),
        // Its place comes fifth, and only four words are told.
        "unwrap_failed" => (
            text(words[0], words[1]).unwrap_or_else(|| path.clone()),
            None,
        ),
        // The message is two words, and its place the third; before rustc 1.93 it was behind one.
        "panic_fmt" | "panic_nounwind_fmt" if words[2] >= 4096 => (
            formatted(words[0], words[1]).unwrap_or_else(|| "a formatted message".to_owned()),
            place(words[2]),
        ),
        "panic_fmt" => ("a formatted message".to_owned(), place(words[1])),
        "assert_failed" => ("an assertion does not hold".to_owned(), None),
        "slice_index_fail" => (
            format!(
                "range {}..{} out of range for a slice of length {}",
                words[0], words[1], words[2]
            ),
            place(words[3]),
        ),
        _ if name.starts_with("panic_const_") => (
            name.trim_start_matches("panic_const_").replace('_', " "),
            place(words[0]),
        ),
        _ if name.starts_with("slice_") && name.ends_with("_fail") => (
            format!(
                "{}: {} of {}",
                name.trim_end_matches("_fail").replace('_', " "),
                words[0],
                words[1]
            ),
            place(words[2]),
        ),
        _ => (path.clone(), None),
    }
}

/// The words of a `fmt::Arguments`: a text whose length is in the second word, or a template, in which what
/// is only known at run time is `…`.
fn formatted(template: u64, arguments: u64) -> Option<String> {
    if arguments & 1 == 1 {
        return text(template, arguments >> 1);
    }
    let byte = |at: u64| -> Option<u8> {
        let address = template
            .checked_add(at)
            .filter(|&address| address >= 4096)?;
        // SAFETY: the template is a static of the compiled module that ends with a zero, and no byte
        // behind that is read.
        Some(unsafe { *(address as *const u8) })
    };
    let mut out = String::new();
    let mut at = 0;
    while at < 4096 {
        let sign = byte(at)?;
        at += 1;
        let length = match sign {
            0 => return Some(out),
            1..0x80 => u64::from(sign),
            0x80 => {
                at += 2;
                u64::from(u16::from_le_bytes([byte(at - 2)?, byte(at - 1)?]))
            }
            0xC0.. => {
                out.push('…');
                // Options, a width, a precision and another argument's number may follow.
                let sizes = [(1, 4), (2, 2), (4, 2), (8, 2)];
                let given = sizes.iter().filter(|(bit, _)| sign & bit != 0);
                at += given.map(|(_, size)| size).sum::<u64>();
                continue;
            }
            _ => return None,
        };
        out.push_str(&text(template + at, length)?);
        at += length;
    }
    None
}

/// Memory of the compiled module's constants: text of at most a few thousand bytes.
fn text(address: u64, length: u64) -> Option<String> {
    if address < 4096 || length > 4096 {
        return None;
    }
    // SAFETY: the panic's own declaration says that these two are a `&'static str`, and statics of
    // the compiled module live as long as its code.
    let bytes =
        unsafe { slice::from_raw_parts(address as *const u8, usize::try_from(length).ok()?) };
    Some(String::from_utf8_lossy(bytes).into_owned())
}

/// Reads a `core::panic::Location`, as its debug info has it: the file's name (address and length),
/// line and column.
fn place(address: u64) -> Option<String> {
    if address < 4096 || !address.is_multiple_of(8) {
        return None;
    }
    // SAFETY: the panic's own declaration says that this is a `&'static Location`: two words and two
    // halves of one.
    let words = unsafe { slice::from_raw_parts(address as *const u64, 3) };
    let (line, column) = (words[2] & 0xFFFF_FFFF, words[2] >> 32);
    let file = text(words[0], words[1])?;
    Some(format!("{}:{line}:{column}", file.trim_end_matches('\0')))
}
