//! `irad tune`: what makes a derivative cheaper.

mod args;
mod document;
mod found;
mod paint;
mod run;

pub use args::Args;
pub use run::run;
