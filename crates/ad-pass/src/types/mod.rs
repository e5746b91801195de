//! What a function's parameters are in Rust, and what lies where behind them.

pub(crate) mod aggregate;
pub(crate) mod contents;
pub(crate) mod debug_info;
pub(crate) mod enzyme_type;
pub(crate) mod fit;
pub(crate) mod float_bits;
pub(crate) mod known;
pub(crate) mod loads;
pub(crate) mod object;
pub(crate) mod parameters;
pub(crate) mod places;
pub(crate) mod raw;
pub(crate) mod rust_name;
pub(crate) mod shape;
pub(crate) mod ty;
