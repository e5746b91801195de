//! The data that `irad` and `irad-engine` exchange, and how it is read and written.
//!
//! [`Request`] goes in, a stream of [`Event`]s comes out, and the events add up to a [`Trace`].
//! Nothing here knows LLVM, so a saved trace can be read on a machine that has none.

#[macro_use]
mod strings;

mod activity;
mod activity_reason;
mod ad_options;
mod caching;
mod check;
mod check_fault;
mod check_note;
mod collector;
mod default;
mod diagnosis;
mod doubt;
mod emitted;
pub mod enzyme;
mod enzyme_options;
mod event;
mod explained;
mod greeting;
mod help;
mod input;
pub mod llvm;
mod located;
mod markers;
mod misfit;
mod not_compared;
mod note;
mod number;
mod panics;
mod pipeline;
mod point;
mod printed;
mod problem;
mod problem_words;
mod profile;
mod remark;
mod remark_kind;
mod request;
mod runner;
mod rust_places;
mod rust_type;
mod saved;
mod signature;
mod step;
mod step_note;
mod suggestion;
mod system_call;
mod takes;
mod text;
mod toolchain;
#[allow(clippy::module_inception)]
mod trace;
mod type_name;
mod unexpected;
mod unmakeable;
mod upgrade;
mod values;
mod verdict;
mod wire;

pub use activity::{Activity, Mode};
pub use activity_reason::ActivityReason;
pub use ad_options::AdOptions;
pub use caching::Caching;
pub use check::{
    Blocks, Check, Checked, Compared, Comparison, Cross, Judgement, Manual, MissedBlock,
    ReferenceBy,
};
pub use check_fault::{Allocator, CheckFault, MemoryFault};
pub use check_note::{CheckNote, Uncompared, WhyUncompared};
pub use collector::Collector;
pub use diagnosis::{Cause, Diagnosis, Frame, Kind, Place, SourceLine};
pub use doubt::Doubt;
pub use emitted::{
    AllocatorEntry, AllocatorSymbol, CParameter, CResult, CType, Emission, Emitted, Interface,
    OutputKind, ResultKind, Role,
};
pub use event::Event;
pub use explained::{AdRole, Explained, Explanation, Known, Part, TextRoles, reasons};
pub use greeting::Greeting;
pub use help::Help;
pub use input::{in_words as input_in_words, not_finite};
pub use located::{Followed, Located, WrongDerivative, WrongOrigin, WrongPlace, WrongWhat};
pub use markers::{Asked, Operand, mode_of_call, read as read_markers};
pub use misfit::Misfit;
pub use not_compared::NotCompared;
pub use note::Note;
pub use panics::Panics;
pub use pipeline::Pipeline;
pub use point::Point;
pub use printed::Printed;
pub use problem::Problem;
pub use profile::{
    Cost, Counted, CountedFunction, CountedInstruction, Heap, Machine, Measure, Profile, Ran, Times,
};
pub use remark::{Remark, RemarkInWords, Severity, in_words};
pub use remark_kind::RemarkKind;
pub use request::{Limits, Request, Task, ThenCheck, Watch};
pub use runner::Runner;
pub use rust_places::Concrete;
pub use rust_type::{Field, RustSignature, RustType, Tag, Variant};
pub use saved::SavedError;
pub use signature::{Parameter, Signature, TypeSource};
pub use step::{Named, Step, Unit, UnitKind};
pub use step_note::StepNote;
pub use suggestion::{Try, TryReason};
pub use system_call::SystemCall;
pub use takes::Takes;
pub use text::{PointText, Text, TextId};
pub use toolchain::{Differentiated, Toolchain};
pub use trace::{TRACE_VERSION, Trace};
pub use type_name::short_type_name;
pub use unexpected::Unexpected;
pub use unmakeable::Unmakeable;
pub use values::{Iteration, LineNumbers, NotFinite, Values};
pub use verdict::{KnownFault, NotChecked, Remedy, Undecided, Verdict};
pub use wire::{
    MAX_FRAME, WireError, read_event, read_frame, read_json, write_event, write_frame, write_json,
};
