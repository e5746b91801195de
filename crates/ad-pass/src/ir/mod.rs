//! Modules and functions of LLVM: reading them, finding things in them, and the targets they are for.

pub(crate) mod address;
pub(crate) mod call_graph;
pub(crate) mod extract;
pub(crate) mod instruction;
pub(crate) mod llvm_words;
pub(crate) mod load;
pub(crate) mod lookup;
pub(crate) mod target;
pub(crate) mod version;
