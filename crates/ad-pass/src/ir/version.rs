//! Which LLVM this is.

/// The version of the LLVM that is loaded, as it states itself.
pub fn llvm_version() -> String {
    let (major, minor, patch) = inkwell::support::get_llvm_version();
    format!("{major}.{minor}.{patch}")
}
