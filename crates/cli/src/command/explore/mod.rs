//! `irad explore`: the explorer on the terminal.

mod args;
mod record;
mod run;
mod stage;
mod words;

pub use args::Args;
pub use run::run;
