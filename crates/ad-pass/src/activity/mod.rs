//! What each parameter is to the derivative.

pub(crate) mod assume;
