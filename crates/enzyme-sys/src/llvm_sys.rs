//! The C types of the LLVM that the features choose.

#[cfg(not(feature = "llvm-23"))]
pub use llvm_sys_22::prelude;
#[cfg(feature = "llvm-23")]
pub use llvm_sys_23::prelude;
