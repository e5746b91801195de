//! Why LLVM did not do what it was asked.

/// Why a pipeline did not run, or options were not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// LLVM's words.
    #[error("{0}")]
    Pipeline(String),
    /// LLVM's words.
    #[error("{0}")]
    Options(String),
}
