//! Why a request could not be fulfilled.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A refusal, with everything that is known about where and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Which kind of refusal.
    pub kind: Kind,
    /// The words of whoever refused.
    pub message: String,
    /// Where in the input, if the refuser said so.
    pub place: Option<Place>,
    /// The offending IR line and the function that holds it.
    pub instruction: Option<SourceLine>,
    /// The Rust line behind it, if debug info has it.
    pub rust: Option<String>,
    /// Facts that explain it, one sentence each.
    pub notes: Vec<String>,
    /// What to try next, one sentence or command each.
    pub help: Vec<String>,
}

impl Diagnosis {
    /// A diagnosis that knows its kind and message, and nothing else yet.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Diagnosis {
            kind,
            message: message.into(),
            place: None,
            instruction: None,
            rust: None,
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// The same with one more thing to try.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
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
    /// The pipeline does not parse.
    Pipeline,
    /// LLVM does not know an option.
    Option,
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
            Kind::Pipeline => "the pipeline does not parse",
            Kind::Option => "LLVM does not know the option",
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
            Kind::Other => "LLVM reported an error",
        })
    }
}
