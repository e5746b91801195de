//! What each parameter is to the derivative.

pub(crate) mod assume;
pub(crate) mod candidate;
pub(crate) mod sensible;
pub(crate) mod stated;
