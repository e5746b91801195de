//! irad's engine: it reads a request and a module, runs LLVM and Enzyme on it, and reports what
//! happens as a stream of events.
//!
//! One process serves one request. Enzyme's options and its error handler are process globals, and
//! neither LLVM nor Enzyme survives every input; the caller in front expects the end at any time.

mod activity;
mod allocation;
mod calls;
mod case;
mod cause;
mod chain;
mod check;
mod contents;
mod debug_info;
mod diagnose;
mod differentiate;
mod doubt;
mod emit;
mod engine;
mod enzyme;
mod enzyme_type;
mod explain;
mod extract;
mod fault;
mod fit;
mod mixed_return;
mod module;
mod object;
mod outbox;
mod pipeline;
mod promise;
mod record;
mod shared;
mod signature;
mod stack;

pub use differentiate::{Options, differentiate};
pub use engine::{STACK, serve};
pub use module::load;
pub use record::Recorder;

/// The version of the LLVM that is loaded, as it states itself.
pub fn llvm_version() -> String {
    let (major, minor, patch) = inkwell::support::get_llvm_version();
    format!("{major}.{minor}.{patch}")
}
