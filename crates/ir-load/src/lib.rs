//! Finds modules and functions in LLVM IR without LLVM.
//!
//! [`Source`] is what was read and what kind it is; [`Index`] is where its functions lie; [`Name`]
//! is how people call them.

pub mod archive;
mod bitcode;
mod closed;
mod closure;
mod demangle;
mod elsewhere;
mod error;
mod find;
mod foreign;
mod index;
mod lex;
mod lost;
mod map;
mod name;
mod outline;
mod shared;
mod slice;
mod source;

pub use bitcode::{Bitcode, Global, GlobalKind, Uses, llvm_major, producer};
pub use demangle::{demangle, demangle_path, demangle_words, is_library, map_symbols};
pub use elsewhere::elsewhere;
pub use error::{Candidate, LoadError, NameError};
pub use foreign::Foreign;
pub use index::{Function, Index, Summary, global_at, split_top, types_of};
pub use lost::Lost;
pub use name::{Name, is_of_crate, resolve};
pub use slice::{Report, Slice, slice};
pub use source::{Origin, Source, SourceKind, beside};
