//! Enzyme: its C API, its options, its refusals, and calls of it that a module holds.

pub(crate) mod activities;
pub(crate) mod calls;
pub(crate) mod enzyme;
pub(crate) mod messages;
pub(crate) mod options;
pub(crate) mod refusal;
pub(crate) mod text;
pub(crate) mod type_tree;
