//! `irad profile`: where a derivative's work goes.

mod args;
mod document;
mod folded;
mod found;
mod functions;
mod growth;
mod kept;
mod lines;
mod numbers;
mod paint;
mod run;
mod tally;

pub use args::Args;
pub use found::median;
pub use kept::{KeptLine, kept_lines};
pub use numbers::{counted, grouped};
pub use run::run;
