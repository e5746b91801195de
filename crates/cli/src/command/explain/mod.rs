//! `irad explain`: what Enzyme knew of the primal, and what each line of the derivative is there for.

mod args;
mod explained;
mod paint;
mod run;
mod values;

pub use args::Args;
pub use run::run;
