//! Turns a refusal of Enzyme's, or the reason why the process ends, into a diagnosis.

use inkwell::values::{AnyValue, InstructionValue};
use llvm_shim::End;
use trace::{Diagnosis, Kind, SourceLine};

use crate::backend::refusal::Refusal;
use crate::diagnose::frames;
use crate::diagnose::text::without_groups;
use crate::diagnose::type_tree::{tree, types};
use crate::diagnose::words::{CONSTANT_POINTER, contradiction, words};
use crate::options::Options;

/// What Enzyme refuses.
pub(crate) fn diagnose(refusal: Refusal, options: &Options) -> Diagnosis {
    let mut message = words(&refusal.message);
    // Enzyme checks its own books before it says what is wrong with a callee.
    if message.starts_with("overwritten_args")
        && let Some(callee) = &refusal.global
    {
        message = format!("No derivative found for {callee}");
    }
    let mut diagnosis = Diagnosis::new(refusal.kind, message);
    if let Some((held, found)) = contradiction(&refusal.message) {
        diagnosis.note(format!("what the type was taken for: {}", tree(held)));
        diagnosis.note(format!("what this use makes of it: {}", tree(found)));
    }
    if let Some(instruction) = refusal.instruction {
        diagnosis.instruction = Some(line(instruction));
        diagnosis.frames = frames::frames(instruction, &options.function);
        diagnosis.types = types(instruction, &refusal.types);
    } else if let Some(global) = &refusal.global {
        diagnosis.instruction = Some(SourceLine::alone("", format!("@{global}")));
    }
    match (refusal.kind, refusal.operand) {
        (Kind::MixedActivity, Some(operand)) => {
            let what = if refusal.is_pointer {
                CONSTANT_POINTER
            } else {
                "the constant part"
            };
            diagnosis.note(format!("{what}: {operand}"));
        }
        (Kind::NoDerivative, Some(callee)) if refusal.global.is_some() => {
            diagnosis.note(format!("the function that is called: {callee}"));
        }
        _ => {}
    }
    diagnosis
}

/// Why the process ends.
pub(crate) fn ended(end: End, message: &str, file: &str, line: u32) -> Diagnosis {
    let file = file.rsplit('/').next().unwrap_or(file);
    let (kind, message) = match end {
        // `assert(0 && "words")` has its words in quotes.
        End::Assertion => (
            Kind::Assertion,
            match message.split_once("&& \"") {
                Some((_, words)) => words.trim_end_matches('"').to_owned(),
                None => format!("`{message}` does not hold"),
            },
        ),
        End::Unreachable => (Kind::Assertion, message.to_owned()),
        End::Fatal => (Kind::Fatal, message.to_owned()),
    };
    let message = match end {
        End::Fatal => words(&message),
        _ => message,
    };
    let mut diagnosis = Diagnosis::new(kind, message);
    if !file.is_empty() {
        diagnosis.note(format!("in {file}, line {line}, of Enzyme's sources"));
    }
    diagnosis
}

/// How many neighbours of a line are shown on either side.
const AROUND: usize = 2;

fn line(instruction: InstructionValue<'_>) -> SourceLine {
    let function = instruction
        .get_parent()
        .and_then(|block| block.get_parent())
        .map(|function| function.get_name().to_string_lossy().into_owned());
    let text = |instruction: InstructionValue<'_>| {
        without_groups(&instruction.print_to_string().to_string_lossy())
    };
    let mut before: Vec<String> =
        std::iter::successors(instruction.get_previous_instruction(), |at| {
            at.get_previous_instruction()
        })
        .take(AROUND)
        .map(text)
        .collect();
    before.reverse();
    SourceLine {
        function: function.unwrap_or_default(),
        text: text(instruction),
        before,
        after: std::iter::successors(instruction.get_next_instruction(), |at| {
            at.get_next_instruction()
        })
        .take(AROUND)
        .map(text)
        .collect(),
    }
}
