//! `irad report`: a run as one HTML page.

mod args;
mod extract;
mod made;
mod material;
mod redact;
mod run;
mod second;
mod sources;
mod words;

pub use args::Args;
pub use run::run;
