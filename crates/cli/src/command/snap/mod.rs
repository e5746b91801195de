//! `irad snap`: derivatives kept as files, and compared with what they are now.

mod accept;
mod args;
mod check;
mod entries;
mod github;
mod junit;
mod pages;
mod paint;
mod progress;
mod report;
mod review;

pub use entries::{Args, run};
