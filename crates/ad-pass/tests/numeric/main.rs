//! Derivatives are right: each is compiled in process, run, and compared with the derivative that
//! was worked out by hand.
#![allow(unsafe_code, reason = "calls functions that were compiled at run time")]

mod allocating;
mod derive;
mod directions;
mod doubtful;
mod fixtures;
#[path = "../../src/check/heap.rs"]
#[allow(dead_code, reason = "the engine asks more of it")]
mod heap;
#[path = "../hearing/mod.rs"]
mod hearing;
mod shapes;
