//! The Rust declaration of an emitted derivative, with its contract.

mod checked;
mod contract;
mod declaration;
mod layout;
mod names;
mod types;

pub use declaration::{declaration, text};
