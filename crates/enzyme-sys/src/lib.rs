//! Enzyme's C API, as raw declarations and little else: `ask` has what that API does not tell.
//!
//! `build.rs` builds `libEnzymeStatic-22.a` (or `-23`) and links it statically; its first lines say which
//! environment variables choose another Enzyme. While it builds from source it also compiles
//! `cpp/signatures.cpp`, which compares what is declared here with Enzyme's own header.
//!
//! The functions are safe to call only as Enzyme expects: with values of one live LLVM context,
//! and from one thread.

pub mod ask;
pub mod error;
mod llvm_sys;
pub mod logic;
pub mod type_tree;

use std::ffi::c_void;

/// Enzyme's version as its sources state it, or `unknown` for a library that was built elsewhere.
pub const VERSION: &str = env!("ENZYME_VERSION");

/// Where these sources come from, and at which commit.
pub const ORIGIN: &str = env!("ENZYME_ORIGIN");

/// Where the linked archive lies. Tests link a plugin for LLVM's `opt` from the same objects.
pub const LIB_DIR: &str = env!("ENZYME_LIB_DIR");

/// Where the sources lie that are built, or those that a library was built from elsewhere. A test looks for
/// what irad depends on in their wording.
pub const SOURCES: &str = env!("ENZYME_SOURCES");

unsafe extern "C" {
    /// Registers Enzyme's passes with an `llvm::PassBuilder`. With `augment` they also become part
    /// of the default pipelines.
    pub fn registerEnzymeAndPassPipeline(pass_builder: *mut c_void, augment: bool);
}
