//! Runs a function and its derivative, and compares the numbers: with central differences, forward
//! with reverse mode, and with a hand-written backward function.

pub(crate) mod compare;
pub(crate) mod compared_with;
pub(crate) mod coverage;
pub(crate) mod cross;
pub(crate) mod defaults;
pub(crate) mod derivative;
pub(crate) mod differences;
pub(crate) mod door;
pub(crate) mod exact;
pub(crate) mod given;
pub(crate) mod guard;
pub(crate) mod half;
pub(crate) mod heap;
pub(crate) mod image;
pub(crate) mod inputs;
pub(crate) mod jit;
pub(crate) mod library;
pub(crate) mod made;
pub(crate) mod maker;
pub(crate) mod manual;
pub(crate) mod outcome;
pub(crate) mod panic;
pub(crate) mod passed;
pub(crate) mod place;
pub(crate) mod plan;
pub(crate) mod point;
pub(crate) mod random;
pub(crate) mod result;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod settle;
pub(crate) mod spread;
pub(crate) mod stride;
pub(crate) mod variant;
