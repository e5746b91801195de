//! The text of an LLVM function: tokens, lines and blocks, and the normal form in which two texts are
//! compared.
//!
//! Nothing here knows LLVM or a terminal.

mod attached;
mod attributes;
mod function;
mod lex;
mod location;
mod normal;
mod printable;

pub use attached::{Attached, attached};
pub use attributes::{attributes, without_attributes};
pub use function::{Function, Line, LineKind};
pub use lex::{Token, TokenKind, is_label, lex};
pub use location::Location;
pub use normal::{
    Form, Names, Symbols, forms, joined, normal_form, numbered, resolve_metadata, said,
    without_metadata,
};
pub use printable::printable;
