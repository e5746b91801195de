//! `irad check`: a derivative that is run, and compared.

mod args;
mod run;
mod table;

pub use args::Args;
pub use run::run;
