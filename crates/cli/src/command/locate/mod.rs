//! `irad locate`: the value at which a wrong derivative goes wrong.

mod args;
mod document;
mod found;
mod paint;
mod run;
mod words;

pub use args::Args;
pub use run::{rows, run};
