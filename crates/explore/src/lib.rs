//! The terminal explorer: engines, keys and a screen around the view model.
//!
//! [`run`] shows a file's functions and what becomes of them until somebody leaves. Engines work on threads of
//! their own and send what they find, so that no key waits for one.

mod clipboard;
mod compare;
mod compared;
mod engines;
mod event_loop;
mod input;
mod looks;
mod news;
mod paint;
mod plain;
mod sources;
pub mod stage;
mod start;
mod take;
mod terminal;
mod watch;

pub use event_loop::run;
pub use plain::plain;
pub use sources::Sources;
pub use start::{ExploreError, Start, Words};
