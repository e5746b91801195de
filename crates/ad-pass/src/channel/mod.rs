//! What goes to the program in front.

pub(crate) mod fault;
pub(crate) mod numbered;
pub(crate) mod outbox;
pub(crate) mod parts;
pub(crate) mod printed;
pub(crate) mod recorder;
