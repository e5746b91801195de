//! Turns a refusal of Enzyme's, or the reason why the process ends, into a diagnosis.

use inkwell::values::{AnyValue, InstructionValue};
use llvm_shim::End;
use trace::{Diagnosis, Kind, Note, Problem, SourceLine};

use crate::backend::messages::{
    Complaint, complaint, contradiction, hides_callee, named_in, words,
};
use crate::backend::refusal::Refusal;
use crate::backend::text::without_groups;
use crate::diagnose::evidence::Evidence;
use crate::diagnose::frames;
use crate::diagnose::type_tree::{tree, types};
use crate::options::Options;

/// What Enzyme refuses, and what tells the cause.
pub(crate) fn diagnose(refusal: Refusal, options: &Options) -> (Diagnosis, Evidence) {
    let line = words(&refusal.message);
    let mut evidence = Evidence {
        instruction: refusal.instruction,
        complaint: complaint(&line),
        named: named_in(&line).map(str::to_owned),
        ..Evidence::default()
    };
    let problem = match &refusal.global {
        Some(callee) if hides_callee(&line) => {
            evidence.complaint = Some(Complaint::Call);
            evidence.named = Some(callee.clone());
            Problem::NoDerivativeOf {
                function: callee.clone(),
            }
        }
        _ => Problem::Said(line),
    };
    let mut diagnosis = Diagnosis::new(refusal.kind, problem);
    if let Some((held, found)) = contradiction(&refusal.message) {
        let (held, found) = (tree(held), tree(found));
        diagnosis.note(Note::HeldType(held.clone()));
        diagnosis.note(Note::FoundType(found.clone()));
        evidence.contradiction = Some((held, found));
    }
    if let Some(instruction) = refusal.instruction {
        diagnosis.instruction = Some(source_line(instruction));
        let (found, leads_there) = frames::frames(instruction, &options.function);
        diagnosis.frames = found;
        evidence.is_called_through_pointer = !leads_there;
        diagnosis.types = types(instruction, &refusal.types);
    } else if let Some(global) = &refusal.global {
        diagnosis.instruction = Some(SourceLine::alone("", format!("@{global}")));
        evidence.global = Some(global.clone());
    }
    match (refusal.kind, refusal.operand) {
        (Kind::MixedActivity, Some(operand)) => {
            evidence.is_pointer = refusal.is_pointer;
            diagnosis.note(Note::ConstantPart {
                operand,
                is_pointer: refusal.is_pointer,
            });
        }
        (Kind::NoDerivative, Some(callee)) if refusal.global.is_some() => {
            diagnosis.note(Note::Callee(callee));
        }
        _ => {}
    }
    (diagnosis, evidence)
}

/// Why the process ends.
pub(crate) fn ended(end: End, message: &str, file: &str, line: u32) -> (Diagnosis, Evidence) {
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
    let evidence = Evidence {
        complaint: complaint(&message),
        named: named_in(&message).map(str::to_owned),
        ..Evidence::default()
    };
    let mut diagnosis = Diagnosis::new(kind, message);
    if !file.is_empty() {
        diagnosis.note(Note::EnzymeSource {
            file: file.to_owned(),
            line,
        });
    }
    (diagnosis, evidence)
}

/// How many neighbours of a line are shown on either side.
const AROUND: usize = 2;

/// The instruction and its neighbours.
fn source_line(instruction: InstructionValue<'_>) -> SourceLine {
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
