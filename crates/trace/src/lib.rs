//! The data that `irad` and `irad-engine` exchange, and how it is read and written.
//!
//! [`Request`] goes in, a stream of [`Event`]s comes out, and the events add up to a [`Trace`].
//! Nothing here knows LLVM, so a saved trace can be read on a machine that has none.

mod activity;
mod ad_options;
mod check;
mod collector;
mod default;
mod diagnosis;
mod emitted;
mod enzyme_options;
mod event;
mod explained;
mod markers;
mod number;
mod panics;
mod pipeline;
mod point;
mod remark;
mod request;
mod rust_type;
mod saved;
mod signature;
mod step;
mod text;
mod toolchain;
#[allow(clippy::module_inception)]
mod trace;
mod wire;

pub use activity::{Activity, Mode};
pub use ad_options::AdOptions;
pub use check::{Check, Checked, Compared, Comparison, Cross, Manual, Verdict};
pub use collector::Collector;
pub use diagnosis::{Cause, Diagnosis, Frame, Kind, Place, SourceLine, Try};
pub use emitted::{
    CParameter, CResult, CType, Emission, Emitted, Interface, OutputKind, ResultKind, Role,
};
pub use event::Event;
pub use explained::{AdRole, Explained, Explanation, Known, Part};
pub use markers::{Asked, Operand, mode_of_call, read as read_markers};
pub use panics::Panics;
pub use pipeline::Pipeline;
pub use point::Point;
pub use remark::{Remark, Severity};
pub use request::{Limits, Request, Task, Watch};
pub use rust_type::{Concrete, RustSignature, RustType};
pub use saved::SavedError;
pub use signature::{Parameter, Signature, TypeSource};
pub use step::{Named, Step, Unit, UnitKind};
pub use text::{PointText, Text, TextId};
pub use toolchain::{Differentiated, Toolchain};
pub use trace::{TRACE_VERSION, Trace};
pub use wire::{
    MAX_FRAME, WireError, read_event, read_frame, read_json, write_event, write_frame, write_json,
};
