//! What a nightly rustc makes of `#[autodiff_…]`: the compiler, the Enzyme that it is given, and the modules that it
//! hands to Enzyme.

pub mod compiler;
pub mod component;
pub mod enzyme;
pub mod error;
mod library;
pub mod link;
pub mod made;
pub mod modules;
pub mod not_fetched;
pub mod probe;
mod settings;
pub mod wrapper;
