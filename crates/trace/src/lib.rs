//! The data that `irad` and `irad-engine` exchange, and how it is read and written.
//!
//! [`Request`] goes in, a stream of [`Event`]s comes out, and the events add up to a [`Trace`].
//! Nothing here knows LLVM, so a saved trace can be read on a machine that has none.

mod check;
mod diagnosis;
mod emitted;
mod explained;
mod markers;
mod request;
mod rust_type;
mod saved;
#[allow(clippy::module_inception)]
mod trace;
mod wire;

pub use check::{Check, Checked, Compared, Comparison, Cross, Manual, Verdict};
pub use diagnosis::{Cause, Diagnosis, Frame, Kind, Place, SourceLine, Try};
pub use emitted::{
    CParameter, CResult, CType, Emission, Emitted, Interface, OutputKind, ResultKind, Role,
};
pub use explained::{AdRole, Explained, Explanation, Known, Part};
pub use markers::{Asked, Operand, mode_of_call, read as read_markers};
pub use request::{
    Activity, AdOptions, Limits, Mode, Panics, Pipeline, Point, Request, Task, Watch,
};
pub use rust_type::{Concrete, RustSignature, RustType};
pub use saved::SavedError;
pub use trace::{
    Collector, Differentiated, Event, Named, Parameter, PointText, Remark, Severity, Signature,
    Step, TRACE_VERSION, Text, TextId, Toolchain, Trace, TypeSource, Unit, UnitKind,
};
pub use wire::{
    MAX_FRAME, WireError, read_event, read_frame, read_json, write_event, write_frame, write_json,
};
