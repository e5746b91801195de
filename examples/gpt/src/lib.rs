//! A small language model whose gradient comes from irad, or from the hand that wrote it.
//!
//! `translated` and `idiomatic` are the models. Both are compiled here, with their backward passes by
//! hand, and once more as IR, from which irad makes the derivatives that `derivative` declares.

pub mod adamw;
pub mod bench;
pub mod bigram;
pub mod by_hand;
pub mod check;
pub mod checkpoint;
pub mod derivative;
pub mod error;
#[allow(missing_docs)]
pub mod idiomatic;
pub mod model;
pub mod nightly;
pub mod options;
pub mod plot;
pub mod random;
pub mod sample;
pub mod terminal;
pub mod text;
pub mod train;
#[rustfmt::skip]
pub mod translated;
