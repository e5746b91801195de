//! Engine processes: one is started, given a request, and heard out.

mod channel;
mod ending;
mod process;

pub use ending::{EndCause, Ended};
pub use process::{Answer, Printed, StartError, locate, reap, run, run_until, warm_up};
