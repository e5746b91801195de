//! Facts that explain a refusal.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::activity::Activity;
use crate::activity_reason::ActivityReason;
use crate::input::in_words;
use crate::printed::Printed;

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Words of somebody else, or of an older irad.
    Said(String),
    /// What the function printed.
    Printed(Printed),
    /// A value's type as it was known.
    HeldType(String),
    /// A value's type as a use has it.
    FoundType(String),
    /// The constant part of a value that is active otherwise.
    ConstantPart {
        /// The operand, as LLVM prints it.
        operand: String,
        /// It is a pointer.
        is_pointer: bool,
    },
    /// The function that is called.
    Callee(String),
    /// Where in Enzyme's sources something broke.
    EnzymeSource {
        /// The file.
        file: String,
        /// The line.
        line: u32,
    },
    /// A type nests too deep.
    TypesTooDeep,
    /// A function has no body, and Enzyme has no rule for it.
    NoBody(String),
    /// A function of the mathematical library without a rule that works.
    NoMathRule,
    /// Printing has no derivative.
    Printing,
    /// The standard library grows an allocation.
    Growth,
    /// The standard library allocates.
    Allocation,
    /// What irad does about allocations is not enough.
    BeyondAllocator,
    /// A call through a pointer.
    IndirectCall,
    /// Enzyme reads no assembly.
    InlineAssembly,
    /// A pointer to active memory on one path, and to constant memory on another.
    MixedPointer,
    /// A float beside something of unknown type.
    MixedFloat,
    /// Adjoints are not accumulated atomically.
    Atomic,
    /// A volatile access.
    Volatile,
    /// Enzyme drops unwinding.
    UnwindingDropped,
    /// No use shows what bytes are.
    NoUseShowsType,
    /// Nothing is known about the values at hand.
    NothingKnown,
    /// Bytes are shared by values of different types.
    SharedBytes,
    /// Bits of a float are computed with.
    FloatBits,
    /// Addresses are computed with.
    AddressArithmetic,
    /// Integers are computed with.
    Integers,
    /// An integer is written to memory that is differentiated.
    MixedInteger,
    /// No chain of calls leads to the instruction.
    CalledThroughPointer,
    /// An instruction of the processor has no rule.
    ProcessorInstruction(String),
    /// A variable of each thread has no shadow.
    ThreadLocal,
    /// The function returns where its derivative does not.
    FunctionReturns,
    /// A global has no shadow.
    GlobalMemory,
    /// An adjoint was added to a pointer.
    AdjointOfPointer,
    /// Enzyme or LLVM is at fault.
    InternalFault,
    /// Enzyme has no rule for an operation.
    NoRule,
    /// rustc has vectorised the input.
    Vectorised,
    /// The input unwinds.
    InputUnwinds,
    /// The input was not optimised.
    Unoptimised,
    /// The signature that is stated.
    Stated(String),
    /// The signature that the IR has.
    InIr(String),
    /// A value has no shadow.
    ValueHasNoShadow,
    /// Bits of floats have no adjoint.
    BitsHaveNoAdjoint,
    /// Only of a slice are the shadows behind each other.
    DualvIsForSlices,
    /// Memory has a shadow.
    MemoryHasShadow,
    /// No derivative flows through it.
    NoDerivativeFlows,
    /// What a parameter is to the derivative.
    Parameter {
        /// Its name; empty for the result.
        name: String,
        /// Its activity.
        activity: Activity,
        /// Its type.
        ty: String,
        /// Why.
        reason: ActivityReason,
    },
    /// The function has no parameters.
    NoParameters,
    /// The function returns nothing.
    NoResult,
    /// Only Enzyme makes shadows of tables of methods.
    MethodTable,
    /// The inputs that the function ran on.
    RanOn(Vec<(String, Value)>),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Note::Said(text) => text,
            Note::Printed(printed) => return write!(f, "the function printed {printed}"),
            Note::HeldType(tree) => return write!(f, "what the type was taken for: {tree}"),
            Note::FoundType(tree) => return write!(f, "what this use makes of it: {tree}"),
            Note::ConstantPart {
                operand,
                is_pointer: true,
            } => return write!(f, "the constant part, a pointer: {operand}"),
            Note::ConstantPart { operand, .. } => {
                return write!(f, "the constant part: {operand}");
            }
            Note::Callee(callee) => return write!(f, "the function that is called: {callee}"),
            Note::EnzymeSource { file, line } => {
                return write!(f, "in {file}, line {line}, of Enzyme's sources");
            }
            Note::TypesTooDeep => {
                "a type nests deeper than Enzyme follows; what lies deeper has no type"
            }
            Note::NoBody(function) => {
                return write!(
                    f,
                    "{function} has no body in this module, and Enzyme has no rule for it"
                );
            }
            Note::NoMathRule => {
                "Enzyme has rules for most of C's mathematical library, but none that works for this function"
            }
            Note::Printing => {
                "printing formats its arguments through function pointers, and no derivative flows through it"
            }
            Note::Growth => {
                "this is growth (push, extend, reserve): the standard library returns an enum in memory there, whose bytes are pointers in one variant and sizes in another"
            }
            Note::Allocation => {
                "this is the standard library's allocation, which makes pointers of sizes and keeps both in the same bytes"
            }
            Note::BeyondAllocator => {
                "irad tells Enzyme which functions are Rust's allocator, and has growth inlined; this use of memory is beyond that"
            }
            Note::IndirectCall => {
                "which function is called is known only at run time, and a derivative would have to be looked up there too"
            }
            Note::InlineAssembly => {
                "Enzyme does not read assembly; core::hint::black_box is an empty piece of it"
            }
            Note::MixedPointer => {
                "one value is a pointer to differentiated memory on one path and to constant memory on another, so that its shadow would be the constant memory itself"
            }
            Note::MixedFloat => {
                "one value holds a float that is differentiated beside something of unknown type that is not (the tag of an Option, a count); Enzyme cannot tell whether that is a pointer"
            }
            Note::Atomic => {
                "adjoints are not accumulated through atomic accesses, which locks (Mutex, RwLock) and counters (Arc) are made of"
            }
            Note::Volatile => {
                "a volatile access must stay as it is, and Enzyme would have to repeat or leave it out"
            }
            Note::UnwindingDropped => "Enzyme drops the edges that unwinding takes",
            Note::NoUseShowsType => {
                "Enzyme looks for a use that shows whether this is a float, an integer or a pointer, and found none"
            }
            Note::NothingKnown => "nothing is known about the values at hand",
            Note::SharedBytes => {
                "the same bytes are used as values of different types: the variants of an enum share them, as do unions and results"
            }
            Note::FloatBits => {
                "the bits of a float are computed with as an integer (to_bits, or floats that rustc packs into an integer), which has no derivative"
            }
            Note::AddressArithmetic => {
                "this computes with addresses (a length, an offset between two pointers), which has no derivative; Enzyme takes it for something that one may flow through, because it did not find out what the memory holds"
            }
            Note::Integers => {
                "this computes with integers (a count, an index, a hash), which has no derivative; Enzyme takes it for something that one may flow through, because it did not find out what the memory holds"
            }
            Note::MixedInteger => {
                "an integer is written to memory that Enzyme takes for differentiated; it did not find out that this is an integer and no pointer, which would need a shadow"
            }
            Note::CalledThroughPointer => {
                "no chain of calls leads here from the chosen function: it is called through a pointer (a method of a dyn, a fn), and Enzyme differentiates whatever the pointer may lead to"
            }
            Note::ProcessorInstruction(symbol) => {
                return write!(
                    f,
                    "{symbol} is an instruction of the processor (core::arch), and Enzyme has no rule for it"
                );
            }
            Note::ThreadLocal => {
                "each thread has its own of this variable (thread_local!), and it has no shadow"
            }
            Note::FunctionReturns => {
                "the function itself returns on these inputs, so that its derivative is at fault"
            }
            Note::GlobalMemory => {
                "a derivative would have to flow through this global, which has no shadow"
            }
            Note::AdjointOfPointer => {
                "Enzyme came to add an adjoint to a pointer: it took an address for the value that is differentiated"
            }
            Note::InternalFault => {
                "this is a fault of Enzyme's or LLVM's, not of the way it was called"
            }
            Note::NoRule => "Enzyme has no rule for this operation",
            Note::Vectorised => "rustc has vectorised this already",
            Note::InputUnwinds => {
                "the input unwinds, and Enzyme drops the edges that unwinding takes"
            }
            Note::Unoptimised => {
                "the input was not optimised at all (-C opt-level=0): every local is in memory"
            }
            Note::Stated(signature) => return write!(f, "stated: {signature}"),
            Note::InIr(signature) => return write!(f, "the IR has: {signature}"),
            Note::ValueHasNoShadow => "a value has its adjoint returned, and no shadow in memory",
            Note::BitsHaveNoAdjoint => "floats packed into an integer have no adjoint",
            Note::DualvIsForSlices => {
                "Dualv has the shadows of all directions behind each other, and where each begins only a slice's length says"
            }
            Note::MemoryHasShadow => "memory has a shadow, which adjoints are added to",
            Note::NoDerivativeFlows => "no derivative flows through it",
            Note::Parameter {
                name,
                activity,
                ty,
                reason,
            } => {
                return match name.as_str() {
                    "" => write!(f, "what it returns is {activity} ({ty}): {reason}"),
                    name => write!(f, "{name} is {activity} ({ty}): {reason}"),
                };
            }
            Note::NoParameters => "it has no parameters",
            Note::NoResult => "it returns nothing",
            Note::MethodTable => {
                "Enzyme finds the derivative of a method in a shadow of the table of methods, which only Enzyme makes"
            }
            Note::RanOn(inputs) => {
                let words: Vec<String> = inputs
                    .iter()
                    .map(|(name, value)| format!("{name}: {}", in_words(value)))
                    .collect();
                return write!(f, "it ran on {}", words.join("; "));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn facts_become_words() {
        let part = Note::ConstantPart {
            operand: "ptr @k".to_owned(),
            is_pointer: true,
        };
        assert_eq!(part.to_string(), "the constant part, a pointer: ptr @k");
        let ran = Note::RanOn(vec![("n".to_owned(), json!(2))]);
        assert_eq!(ran.to_string(), "it ran on n: 2");
    }
}
