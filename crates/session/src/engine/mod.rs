//! Engine processes: one is started, given a request, and heard out.

mod channel;
mod ending;
mod installed;
mod process;
mod start_error;

pub use ending::{EndCause, Ended};
pub use installed::{Installed, Needs, installed, locate, of_rustc};
pub use process::{Answer, Printed, reap, run, run_until, warm_up};
pub use start_error::StartError;
