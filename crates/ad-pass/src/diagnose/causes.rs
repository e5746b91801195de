//! What irad knows about the cause of a refusal, and what to try.

use inkwell::values::InstructionOpcode;
use trace::{AdOptions, Cause, Diagnosis, Help, Kind, Note, Pipeline, TryReason, enzyme};

use crate::backend::refusal::types_were_too_deep;
use crate::diagnose::cause::{cause, is_thread_local};
use crate::diagnose::evidence::Evidence;
use crate::diagnose::input::Input;
use crate::diagnose::integers::integer;
use crate::ir::instruction::has_float_vectors;

/// Names the cause, says what is known about it, and suggests what may help.
pub(crate) fn add_cause(
    diagnosis: &mut Diagnosis,
    evidence: &Evidence,
    ad: &AdOptions,
    input: Input,
) {
    diagnosis.cause = cause(diagnosis, evidence, input);
    match diagnosis.cause {
        Some(cause) => tell(diagnosis, cause, evidence),
        None => general(diagnosis),
    }
    if sorts(diagnosis) {
        diagnosis.help.push(Help::SortBefore);
    }
    if evidence.is_called_through_pointer && diagnosis.cause != Some(Cause::Printing) {
        diagnosis.note(Note::CalledThroughPointer);
        diagnosis.help.push(Help::MakeCallDirect);
    }
    about_input(diagnosis, evidence, ad, input);
    if types_were_too_deep() {
        diagnosis.note(Note::TypesTooDeep);
        diagnosis.suggest(
            &["--enzyme", &set(enzyme::OPTION_MAX_TYPE_DEPTH, "12")],
            TryReason::DeeperTypes,
        );
    }
}

/// What is known about a cause, and what helps.
fn tell(diagnosis: &mut Diagnosis, cause: Cause, evidence: &Evidence) {
    let called = || evidence.called().unwrap_or_default();
    let (notes, help): (Vec<Note>, Vec<Help>) = match cause {
        Cause::ExternalCall => (
            vec![Note::NoBody(called())],
            vec![Help::GiveBody, Help::GiveDerivative],
        ),
        Cause::MathLibrary => (vec![Note::NoMathRule], vec![Help::WriteInRust]),
        Cause::Printing => (vec![Note::Printing], vec![Help::TakePrintingOut]),
        Cause::Allocation => {
            let what = match grows(diagnosis) {
                true => Note::Growth,
                false => Note::Allocation,
            };
            (
                vec![what, Note::BeyondAllocator],
                vec![match is_of_map(diagnosis) {
                    true => Help::PlainStructs,
                    false => Help::CallerAllocates,
                }],
            )
        }
        Cause::IndirectCall => (vec![Note::IndirectCall], vec![Help::MakeCallDirect]),
        Cause::InlineAssembly => (vec![Note::InlineAssembly], vec![Help::ReplaceAssembly]),
        Cause::MixedActivity if evidence.is_pointer => {
            (vec![Note::MixedPointer], vec![Help::SameMemoryOnBothPaths])
        }
        Cause::MixedActivity if stores_integer(evidence) => (vec![Note::MixedInteger], Vec::new()),
        Cause::MixedActivity => (vec![Note::MixedFloat], vec![Help::KeepFloatOut]),
        Cause::Atomic => (vec![Note::Atomic], vec![Help::KeepLocksOutside]),
        Cause::Volatile => (vec![Note::Volatile], vec![Help::ReadVolatileBefore]),
        Cause::Unwinding => (vec![Note::UnwindingDropped], vec![Help::PanicAbort]),
        Cause::UnknownType => {
            let mut notes = vec![Note::NoUseShowsType];
            notes.extend(diagnosis.types.is_empty().then_some(Note::NothingKnown));
            (notes, vec![Help::ShowType])
        }
        Cause::SharedBytes => (vec![Note::SharedBytes], vec![Help::FieldsOfTheirOwn]),
        Cause::FloatBits => (vec![Note::FloatBits], vec![Help::NoBits]),
        Cause::AddressArithmetic => (vec![Note::AddressArithmetic], Vec::new()),
        Cause::Integers => (vec![Note::Integers], Vec::new()),
        Cause::ProcessorInstruction => (
            vec![Note::ProcessorInstruction(called())],
            vec![Help::PlainArithmetic],
        ),
        Cause::GlobalMemory if is_thread_local(evidence) => {
            (vec![Note::ThreadLocal], vec![Help::PassGlobal])
        }
        Cause::GlobalMemory => (vec![Note::GlobalMemory], vec![Help::PassGlobal]),
        Cause::PointerValue => (vec![Note::AdjointOfPointer], vec![Help::PlainStructs]),
        Cause::Unoptimised | Cause::OverOptimised => (Vec::new(), Vec::new()),
    };
    diagnosis.notes.extend(notes);
    diagnosis.help.extend(help);
    match cause {
        Cause::ExternalCall | Cause::Printing => {
            diagnosis.suggest(&["--inactive", &called()], TryReason::Inactive);
        }
        Cause::MixedActivity | Cause::AddressArithmetic | Cause::Integers => diagnosis.suggest(
            &["--enzyme", "runtime-activity=true"],
            TryReason::RuntimeActivity,
        ),
        Cause::UnknownType => diagnosis.suggest(&["--loose-types"], TryReason::LooseTypes),
        Cause::GlobalMemory => diagnosis.suggest(
            &["--enzyme", &set(enzyme::OPTION_GLOBALS_INACTIVE, "true")],
            TryReason::GlobalsInactive,
        ),
        _ => {}
    }
}

/// True where an integer is written to memory.
fn stores_integer(evidence: &Evidence) -> bool {
    evidence
        .instruction
        .is_some_and(|at| at.get_opcode() == InstructionOpcode::Store && integer(at).is_some())
}

/// True where a map of the standard library works.
fn is_of_map(diagnosis: &Diagnosis) -> bool {
    diagnosis.frames.iter().any(|frame| {
        let path = format!("{:#}", rustc_demangle::demangle(&frame.function));
        path.contains("hashbrown::") || path.contains("collections::btree::")
    })
}

/// True where the standard library sorts.
fn sorts(diagnosis: &Diagnosis) -> bool {
    diagnosis.frames.iter().any(|frame| {
        let path = format!("{:#}", rustc_demangle::demangle(&frame.function));
        path.contains("core::slice::sort::")
    })
}

/// True where vectors stand in the source, and rustc did not make them.
fn has_own_vectors(diagnosis: &Diagnosis) -> bool {
    diagnosis.frames.iter().any(|frame| {
        let path = format!("{:#}", rustc_demangle::demangle(&frame.function));
        path.contains("core_arch::") || path.contains("core_simd::")
    })
}

/// True where the standard library grows an allocation.
fn grows(diagnosis: &Diagnosis) -> bool {
    diagnosis.frames.iter().any(|frame| {
        ["finish_grow", "grow_one", "grow_amortized"]
            .iter()
            .any(|name| frame.function.contains(name))
    })
}

fn general(diagnosis: &mut Diagnosis) {
    match diagnosis.kind {
        Kind::Assertion | Kind::Fatal | Kind::InternalError => {
            diagnosis.note(Note::InternalFault);
        }
        Kind::NoDerivative => diagnosis.note(Note::NoRule),
        _ => {}
    }
}

/// What the input and the pipelines have to do with it.
fn about_input(diagnosis: &mut Diagnosis, evidence: &Evidence, ad: &AdOptions, input: Input) {
    let vectors = evidence.instruction.is_some_and(has_float_vectors);
    if input.vectorised && vectors && !has_own_vectors(diagnosis) {
        diagnosis.cause = Some(Cause::OverOptimised);
        diagnosis.note(Note::Vectorised);
        diagnosis.help.push(Help::NoPrepopulatePasses);
    }
    if input.unwinds {
        diagnosis.cause.get_or_insert(Cause::Unwinding);
        diagnosis.note(Note::InputUnwinds);
        diagnosis.help.push(Help::PanicAbort);
    }
    if ad.prepare == Pipeline::None {
        if input.unoptimised {
            diagnosis.cause = Some(Cause::Unoptimised);
            diagnosis.note(Note::Unoptimised);
        }
        diagnosis.suggest(&["--prepare", "o2"], TryReason::Prepare);
    } else {
        diagnosis.suggest(&["--prepare", "none"], TryReason::NoPrepare);
    }
    let given = |option| ad.stated(option).is_some();
    let typed = matches!(diagnosis.kind, Kind::NoType | Kind::IllegalTypeAnalysis);
    if typed && !given(enzyme::OPTION_STRICT_ALIASING) {
        diagnosis.suggest(
            &["--enzyme", &set(enzyme::OPTION_STRICT_ALIASING, "false")],
            TryReason::NoStrictAliasing,
        );
    }
    if typed && !given(enzyme::OPTION_RUST_TYPE) {
        diagnosis.suggest(
            &["--enzyme", &set(enzyme::OPTION_RUST_TYPE, "true")],
            TryReason::RustTypes,
        );
    }
}

/// The value of an option, as `--enzyme` takes it.
fn set(option: &'static str, value: &str) -> String {
    format!("{}={value}", enzyme::key(option))
}
