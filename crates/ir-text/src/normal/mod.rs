//! The normal form of a function: what its text says apart from how things happen to be numbered, named
//! and laid out.
//!
//! There is one place that knows metadata ([`metadata`]) and one that knows what a line defines
//! ([`definition`]). Diffs hash what lines say for keys ([`keys`]) and look at the lines themselves afterwards;
//! snapshots walk over the lines ([`walk`]) and write the form down ([`text`]), so that nothing in it may depend
//! on the machine.

mod definition;
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
pub use walk::said;
