//! Tells the cause of a refusal: from the instruction, from the kind of refusal, from what Enzyme says, and
//! from what the input was like.

use inkwell::values::{InstructionOpcode, InstructionValue};
use trace::{Cause, Diagnosis, Kind, enzyme};

use crate::backend::messages::Complaint;
use crate::diagnose::evidence::Evidence;
use crate::diagnose::input::Input;
use crate::diagnose::integers::{Integer, integer};
use crate::ir::instruction::{Callee, callee, is_atomic, is_volatile};
use crate::transform::allocator;

/// The cause, as far as it can be told.
pub(crate) fn cause(diagnosis: &Diagnosis, evidence: &Evidence, input: Input) -> Option<Cause> {
    let in_allocator = !matches!(diagnosis.kind, Kind::NoDerivative | Kind::MixedActivity)
        && is_in_allocator(diagnosis);
    let broke_on_atomics = diagnosis.kind == Kind::Assertion && input.atomic;
    evidence
        .instruction
        .and_then(by_instruction)
        .or_else(|| evidence.instruction.and_then(before))
        .or(in_allocator.then_some(Cause::Allocation))
        .or(broke_on_atomics.then_some(Cause::Atomic))
        .or_else(|| by_complaint(diagnosis.kind, evidence))
        .or_else(|| by_kind(diagnosis.kind, evidence))
}

/// What the instruction itself shows.
fn by_instruction(instruction: InstructionValue<'_>) -> Option<Cause> {
    if callee(instruction) == Some(Callee::Assembly) {
        Some(Cause::InlineAssembly)
    } else if is_atomic(instruction) {
        Some(Cause::Atomic)
    } else if is_volatile(instruction) {
        Some(Cause::Volatile)
    } else if is_processors(&callee(instruction)) {
        Some(Cause::ProcessorInstruction)
    } else {
        None
    }
}

/// True for an instruction of the processor that is called by its name.
fn is_processors(callee: &Option<Callee>) -> bool {
    let Some(Callee::Function(symbol)) = callee else {
        return false;
    };
    ["llvm.x86.", "llvm.aarch64.", "llvm.arm."]
        .iter()
        .any(|prefix| symbol.starts_with(prefix))
}

/// What the instructions show that an `extractvalue` takes a part of.
fn before(instruction: InstructionValue<'_>) -> Option<Cause> {
    /// How many instructions before it are looked at.
    const AROUND: usize = 2;
    if instruction.get_opcode() != InstructionOpcode::ExtractValue {
        return None;
    }
    let before = std::iter::successors(instruction.get_previous_instruction(), |at| {
        at.get_previous_instruction()
    });
    let found: Vec<Cause> = before.take(AROUND).filter_map(by_instruction).collect();
    found.last().copied()
}

/// True where the standard library manages memory, if in functions of `core` that are inlined there.
fn is_in_allocator(diagnosis: &Diagnosis) -> bool {
    let paths = diagnosis.frames.iter().map(|frame| {
        let path = format!("{:#}", rustc_demangle::demangle(&frame.function));
        path.trim_start_matches('<').to_owned()
    });
    let mut beyond_core = paths.skip_while(|path| path.starts_with("core::"));
    beyond_core.next().is_some_and(|path| {
        // Maps make room for keys, values and links in one piece, and tell them apart by where they lie.
        [
            "alloc::raw_vec::",
            "alloc::alloc::",
            "alloc::boxed::",
            "alloc::collections::btree::",
            "hashbrown::",
        ]
        .iter()
        .any(|module| path.starts_with(module))
    })
}

/// What an integer is that Enzyme takes for something that a derivative may flow through.
fn of_integer(evidence: &Evidence) -> Option<Cause> {
    Some(match evidence.instruction.and_then(integer)? {
        Integer::FloatBits => Cause::FloatBits,
        Integer::Address => Cause::AddressArithmetic,
        Integer::Plain => Cause::Integers,
    })
}

fn by_complaint(kind: Kind, evidence: &Evidence) -> Option<Cause> {
    let asserts = kind == Kind::Assertion;
    match evidence.complaint {
        Some(Complaint::Assembly) => return Some(Cause::InlineAssembly),
        Some(Complaint::Global) => return Some(Cause::GlobalMemory),
        Some(Complaint::UnknownCall) => return Some(Cause::IndirectCall),
        Some(Complaint::IntegerOperation) => return of_integer(evidence),
        Some(Complaint::PointerValue) if asserts => return Some(Cause::PointerValue),
        Some(Complaint::SharedBytes) if asserts => return Some(Cause::SharedBytes),
        Some(Complaint::RuleOfAnotherType) if asserts => return Some(Cause::MathLibrary),
        _ => {}
    }
    let is_call = kind == Kind::NoDerivative
        && (evidence.complaint == Some(Complaint::Call) || evidence.global.is_some());
    is_call
        .then(|| evidence.called().map(|symbol| of_callee(&symbol)))
        .flatten()
}

fn by_kind(kind: Kind, evidence: &Evidence) -> Option<Cause> {
    match kind {
        Kind::MixedActivity => Some(Cause::MixedActivity),
        Kind::NoType => Some(Cause::UnknownType),
        Kind::IllegalTypeAnalysis => {
            let is_of_bits = evidence
                .contradiction
                .as_ref()
                .is_some_and(|(held, found)| {
                    let has = |ty| held.contains(ty) || found.contains(ty);
                    let count = |ty| held.matches(ty).count() + found.matches(ty).count();
                    // A struct of floats and integers, or a place in memory.
                    let is_of_several = [held, found]
                        .iter()
                        .any(|ty| ty.contains(enzyme::FLOAT) && ty.contains(enzyme::INTEGER));
                    has(enzyme::FLOAT)
                        && has(enzyme::INTEGER)
                        && count(enzyme::POINTER) <= 2
                        && !is_of_several
                        && !evidence.instruction.is_some_and(loads_float)
                });
            // Of an operation that takes no such operands Enzyme tells nothing but these.
            let computes_with_bits = evidence.contradiction.is_none()
                && evidence.instruction.and_then(integer) == Some(Integer::FloatBits);
            Some(match is_of_bits || computes_with_bits {
                true => Cause::FloatBits,
                false => Cause::SharedBytes,
            })
        }
        Kind::NoShadow | Kind::NoDerivative if evidence.callee() == Some(Callee::Pointer) => {
            Some(Cause::IndirectCall)
        }
        Kind::NoShadow if is_thread_local(evidence) => Some(Cause::GlobalMemory),
        Kind::NoShadow => of_integer(evidence),
        _ => None,
    }
}

/// True for an instruction that takes a float out of memory, and no bits of one.
fn loads_float(instruction: InstructionValue<'_>) -> bool {
    instruction.get_opcode() == InstructionOpcode::Load && instruction.get_type().is_float_type()
}

/// True for the address of a variable of which each thread has its own.
pub(crate) fn is_thread_local(evidence: &Evidence) -> bool {
    matches!(evidence.callee(), Some(Callee::Function(symbol)) if symbol.starts_with("llvm.threadlocal.address"))
}

fn of_callee(symbol: &str) -> Cause {
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    if allocator::entry_point(symbol).is_some() || path.contains("raw_vec") {
        Cause::Allocation
    } else if MATH.contains(&symbol.trim_end_matches(['f', 'l'])) || MATH.contains(&symbol) {
        Cause::MathLibrary
    } else if path.contains("_print") || path.contains("core::fmt") || path.contains("as core::fmt")
    {
        Cause::Printing
    } else {
        Cause::ExternalCall
    }
}

/// Functions of C's mathematical library, without the suffixes of their types.
const MATH: [&str; 49] = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "fabs",
    "fdim",
    "floor",
    "fma",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "hypot",
    "ilogb",
    "j0",
    "j1",
    "jn",
    "ldexp",
    "lgamma",
    "lgamma_r",
    "log",
    "log10",
    "log1p",
    "log2",
    "logb",
    "modf",
    "nextafter",
    "pow",
    "remainder",
    "remquo",
    "scalbn",
    "sin",
    "tan",
    "tgamma",
    "trunc",
];

#[cfg(test)]
mod tests {
    use super::{Cause, of_callee};

    #[test]
    fn callees_are_told_apart() {
        assert_eq!(of_callee("nextafterf"), Cause::MathLibrary);
        assert_eq!(
            of_callee("_RNvCsfLfy6EI15iL_7___rustc14___rust_realloc"),
            Cause::Allocation
        );
        assert_eq!(of_callee("lookup"), Cause::ExternalCall);
    }
}
