//! A derivative as code of its own.

pub(crate) mod export;
pub(crate) mod shape;
pub(crate) mod wrapper;
