//! Random functions: each production is a function from what is in scope to a node.

mod expression;
mod function;
mod maker;
mod statement;

pub use function::program;
