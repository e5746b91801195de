//! Measures what running a function and its derivative takes.

pub(crate) mod command;
mod counts;
mod sweep;
mod times;
