//! Why rustup's component `enzyme` cannot be had.

/// Why rustup did not fetch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFetched {
    /// The compiler is named by its folder, or rustup cannot be run.
    NotRustups,
    /// rustup refused, in these words.
    Refused(String),
    /// rustup says that it is installed, and the library is in none of the folders where rustc looks.
    NotFound,
}
