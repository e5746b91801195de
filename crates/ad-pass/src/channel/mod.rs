//! What goes to the program in front.

pub(crate) mod fault;
pub(crate) mod outbox;
pub(crate) mod recorder;
