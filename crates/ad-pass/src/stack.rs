//! How deep LLVM and Enzyme may recurse.

/// Stack of a thread that runs LLVM and Enzyme, in bytes. Enzyme's type analysis recurses through
/// calls, and the usual 8 MiB are soon used up.
pub const STACK: usize = 64 << 20;
