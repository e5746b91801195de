//! irad's engine: it reads a request and a module, runs LLVM and Enzyme on it, and reports what
//! happens as a stream of events.
//!
//! One process serves one request. Enzyme's options and its error handler are process globals, and
//! neither LLVM nor Enzyme survives every input; the caller in front expects the end at any time.

mod activity;
mod backend;
mod channel;
mod check;
mod diagnose;
mod differentiate;
mod emit;
mod engine;
mod ir;
mod options;
mod pipeline;
mod stack;
mod transform;
mod types;

pub use channel::recorder::Recorder;
pub use differentiate::derive::differentiate;
pub use engine::{program, serve};
pub use ir::load::load;
pub use ir::version::llvm_version;
pub use options::Options;
pub use stack::STACK;
