//! What is said of what goes wrong: errors become failures, with their words.

pub mod load;
pub mod nightly;
mod refusal;
mod session;
mod snapshots;
pub mod uncompiled;
