//! Aligns the lines of two functions: blocks first, then lines, then what each difference is.

mod blocks;
mod classify;
mod compare;
mod functions;
mod lines;
mod matched;
mod words;

pub use functions::{Prepared, diff, diff_anew, diff_of_itself, diff_prepared};
