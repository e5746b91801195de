//! `irad profile`: where a derivative's work goes.

mod args;
mod document;
mod folded;
mod found;
mod growth;
mod lines;
mod numbers;
mod paint;
mod run;
mod tally;

pub use args::Args;
pub use found::median;
pub use numbers::grouped;
pub use run::run;
