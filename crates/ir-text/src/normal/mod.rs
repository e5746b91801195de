//! The normal form of a function: what its text says apart from how things happen to be numbered, named
//! and laid out.
//!
//! There is one walk over the lines ([`walk`]), one place that knows metadata ([`metadata`]) and one that
//! knows what a line defines ([`definition`]). What is kept is an option ([`keep`]). Diffs hash the form
//! for keys ([`keys`]) and look at what the lines themselves say afterwards; snapshots write it down
//! ([`text`]), so that nothing in it may depend on the machine.

mod definition;
mod keep;
mod keys;
mod locals;
mod metadata;
mod text;
mod trim;
mod walk;

pub use keys::{Form, Names, forms, without_metadata};
pub use locals::numbered;
pub use metadata::resolve_metadata;
pub use text::{Symbols, joined, normal_form};
