//! `irad passes`: every rewrite between source and derivative.

mod args;
mod blame;
mod command;
mod run;
mod timeline;
mod viewer;

pub use args::Args;
pub use command::run;
