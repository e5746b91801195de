//! `irad survey`: every function of a module tried, and the reasons of those that are refused.

mod args;
mod counts;
mod document;
mod map;
mod merge;
mod row;
mod run;
mod table;

pub use args::Args;
pub use run::run;
