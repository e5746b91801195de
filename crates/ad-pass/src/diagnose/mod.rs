//! Why something failed or is in doubt, and what is known about that.

pub(crate) mod cause;
pub(crate) mod causes;
pub(crate) mod doubt;
pub(crate) mod evidence;
pub(crate) mod frames;
pub(crate) mod input;
pub(crate) mod integers;
pub(crate) mod listen;
pub(crate) mod moves;
pub(crate) mod refusal;
pub(crate) mod type_tree;
