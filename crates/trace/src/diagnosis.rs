//! Why a request could not be fulfilled.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::help::Help;
use crate::note::Note;
use crate::problem::Problem;
use crate::suggestion::{Try, TryReason};

/// A refusal, with everything that is known about where and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Which kind of refusal.
    pub kind: Kind,
    /// What is wrong.
    pub message: Problem,
    /// Where in the input, if the refuser said so.
    pub place: Option<Place>,
    /// The offending IR line and the function that holds it.
    pub instruction: Option<SourceLine>,
    /// Where that is in the source, innermost first, up to the function that was chosen. Inlined
    /// calls have a frame each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
    /// What irad takes the cause to be, if it knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What type analysis knows about the values at hand, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Facts that explain it.
    pub notes: Vec<Note>,
    /// What to try next.
    pub help: Vec<Help>,
    /// Flags that may help, each to be added to the command as it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<Try>,
}

/// A function on the path from the chosen one to the offending line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Its symbol, or its name where debug info has nothing else.
    pub function: String,
    /// `file:line:column`; empty without debug info.
    pub place: String,
}

impl Diagnosis {
    /// A diagnosis that knows its kind and message, and nothing else yet.
    pub fn new(kind: Kind, message: impl Into<Problem>) -> Self {
        Diagnosis {
            kind,
            message: message.into(),
            place: None,
            instruction: None,
            frames: Vec::new(),
            cause: None,
            types: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            tries: Vec::new(),
        }
    }

    /// The same with one more thing to try.
    #[must_use]
    pub fn with_help(mut self, help: Help) -> Self {
        self.help.push(help);
        self
    }

    /// Adds one thing that irad knows about the cause.
    pub fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Adds flags that may help.
    pub fn suggest(&mut self, flags: &[&str], why: TryReason) {
        self.tries.push(Try::new(flags, why));
    }
}

/// A line and column of the input, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line of the input.
    pub line: usize,
    /// Column of that line.
    pub column: usize,
}

/// One line of IR and the function that it stands in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLine {
    /// The symbol of the function.
    pub function: String,
    /// The line, as LLVM prints it.
    pub text: String,
    /// The lines before it in its block, the last few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// The lines after it in its block, the first few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

impl SourceLine {
    /// A line without its neighbours.
    pub fn alone(function: impl Into<String>, text: impl Into<String>) -> Self {
        SourceLine {
            function: function.into(),
            text: text.into(),
            before: Vec::new(),
            after: Vec::new(),
        }
    }
}

/// Causes that irad can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A function of another module, without a body here.
    ExternalCall,
    /// A function of the mathematical library that Enzyme has no rule for.
    MathLibrary,
    /// Printing.
    Printing,
    /// The allocator, or memory that is used in a way that Enzyme does not follow.
    Allocation,
    /// A call through a pointer.
    IndirectCall,
    /// Inline assembly, `black_box` among it.
    InlineAssembly,
    /// A value that comes from differentiated and from constant memory.
    MixedActivity,
    /// An atomic access.
    Atomic,
    /// A volatile access.
    Volatile,
    /// Unwinding through the function.
    Unwinding,
    /// IR that was not optimised at all.
    Unoptimised,
    /// IR that rustc has vectorised or unrolled already.
    OverOptimised,
    /// A type that neither types nor uses show.
    UnknownType,
    /// The same bytes hold values of different types: enums, unions, results.
    SharedBytes,
    /// Bits of a float are computed with as an integer.
    FloatBits,
    /// Addresses are computed with: a length, an offset.
    AddressArithmetic,
    /// Integers are computed with or moved, and taken for what a derivative may flow through.
    Integers,
    /// An instruction of the processor, by its name (`core::arch`).
    ProcessorInstruction,
    /// A global that the derivative would have to flow through.
    GlobalMemory,
    /// A pointer is used as the differentiated value itself.
    PointerValue,
}

/// The kinds of refusal. Enzyme's own are named as its `ErrorType` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The input is not IR that LLVM 22 reads.
    Parse,
    /// The input is IR, but not valid.
    Verify,
    /// The chosen function is not there or has no body.
    Function,
    /// The mode makes no sense for this function.
    Mode,
    /// The stated signature or an activity does not fit the function.
    Signature,
    /// No inputs can be made up for a parameter, or stated ones do not fit.
    Inputs,
    /// The function panicked on its inputs.
    Panic,
    /// The function calls what has no body anywhere.
    Unresolved,
    /// The function does more than to compute, or nothing could keep it from that.
    Guard,
    /// The pipeline does not parse.
    Pipeline,
    /// LLVM does not know an option.
    Option,
    /// A symbol cannot be exported.
    Symbol,
    /// The derivative cannot stand by itself.
    Emit,
    /// No derivative is known for an operation or call.
    NoDerivative,
    /// A value has no shadow.
    NoShadow,
    /// Type analysis found a contradiction.
    IllegalTypeAnalysis,
    /// A type could not be deduced.
    NoType,
    /// A pointer was used before its shadow existed.
    IllegalFirstPointer,
    /// Enzyme contradicted itself.
    InternalError,
    /// A type nests deeper than Enzyme follows.
    TypeDepthExceeded,
    /// A value mixes active and inactive memory.
    MixedActivity,
    /// A placeholder could not be replaced.
    IllegalReplaceFicticiousPhis,
    /// An index could not be computed.
    GetIndexError,
    /// A truncation is not supported.
    NoTruncate,
    /// A rewrite for garbage collection failed.
    GcRewrite,
    /// A derivative was not a number.
    Nan,
    /// An assertion of Enzyme's failed, or it reached what it takes for impossible.
    Assertion,
    /// LLVM or Enzyme gave up.
    Fatal,
    /// Anything else that LLVM or Enzyme reported as an error.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Parse => "LLVM cannot read the input",
            Kind::Verify => "the input is not valid IR",
            Kind::Function => "the function cannot be differentiated",
            Kind::Mode => "nothing to differentiate",
            Kind::Signature => "the signature does not fit",
            Kind::Inputs => "the function has no inputs to run on",
            Kind::Panic => "the function panicked",
            Kind::Unresolved => "the function cannot be run",
            Kind::Guard => "not checked",
            Kind::Pipeline => "the pipeline does not parse",
            Kind::Option => "LLVM does not know the option",
            Kind::Symbol => "the symbol cannot be exported",
            Kind::Emit => "the derivative cannot be emitted",
            Kind::NoDerivative => "Enzyme knows no derivative",
            Kind::NoShadow => "Enzyme has no shadow for a value",
            Kind::IllegalTypeAnalysis => "Enzyme's type analysis met a contradiction",
            Kind::NoType => "Enzyme cannot deduce a type",
            Kind::IllegalFirstPointer => "Enzyme used a pointer before its shadow",
            Kind::InternalError => "Enzyme contradicted itself",
            Kind::TypeDepthExceeded => "a type nests deeper than Enzyme follows",
            Kind::MixedActivity => "a value mixes active and inactive memory",
            Kind::IllegalReplaceFicticiousPhis => "Enzyme could not replace a placeholder",
            Kind::GetIndexError => "Enzyme could not compute an index",
            Kind::NoTruncate => "Enzyme cannot truncate this",
            Kind::GcRewrite => "Enzyme's garbage-collection rewrite failed",
            Kind::Nan => "a derivative is not a number",
            Kind::Assertion => "Enzyme broke off",
            Kind::Fatal => "LLVM gave up",
            Kind::Other => "LLVM reported an error",
        })
    }
}
