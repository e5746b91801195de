//! Rust sources that irad has made IR of.

use std::path::PathBuf;

/// What IR was made of, with code for every function that has no type parameters.
#[derive(Debug)]
pub struct MadeOf {
    /// The source files.
    pub sources: Vec<PathBuf>,
    /// The features that are on.
    pub features: Vec<String>,
}
