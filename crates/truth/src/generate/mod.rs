//! Random functions: each production is a function from what is in scope to a node.

mod buffer;
mod condition;
mod difficult;
mod enumeration;
mod expression;
mod function;
mod guard;
mod helper;
mod iterator;
mod local;
mod loops;
mod maker;
mod statement;

pub use function::{Style, StyleArgs, program};
