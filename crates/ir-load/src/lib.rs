//! Finds modules and functions in LLVM IR without LLVM.
//!
//! [`Source`] is what was read and what kind it is; [`Index`] is where its functions lie; [`Name`]
//! is how people call them.

mod bitcode;
mod calls;
mod error;
mod find;
mod index;
mod lex;
mod lost;
mod map;
mod name;
mod outline;
mod shared;
mod slice;
mod source;

pub use bitcode::{Bitcode, Global, GlobalKind, Uses, producer};
pub use calls::{Call, calls};
pub use error::{LoadError, NameError};
pub use index::{Function, Index, Summary};
pub use lost::Lost;
pub use name::{Name, demangle, demangle_path, demangle_words, resolve};
pub use slice::{Report, Slice, slice};
pub use source::{Kind, Origin, Source, beside};
