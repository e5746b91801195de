//! The stage: a talk on a screen, its notes on another one, and a rehearsal without an audience.

mod line;
mod notes;
mod present;
mod rehearse;
mod runs;

pub use notes::notes;
pub use present::{Lights, present};
pub use rehearse::{Fault, rehearse};
pub use runs::StageError;
