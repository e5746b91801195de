//! `irad profile`: where a derivative's work goes.

mod args;
mod document;
mod folded;
mod growth;
mod numbers;
mod paint;
mod run;
mod tally;

pub use args::Args;
pub use numbers::grouped;
pub use run::median;
pub use run::run;
