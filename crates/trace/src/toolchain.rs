//! What took part in a run: programs and functions.

use serde::{Deserialize, Serialize};

/// Versions of what took part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// irad's own.
    pub irad: String,
    /// The LLVM that the engine runs.
    pub llvm: String,
    /// The Enzyme that is linked into the engine.
    pub enzyme: String,
    /// Where that comes from, and at which commit; empty in what was saved before this was noted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub enzyme_origin: String,
    /// Who made the input, from its `!llvm.ident`.
    pub producer: Option<String>,
}

/// The functions that one differentiation connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differentiated {
    /// The function that was differentiated.
    pub primal: String,
    /// The function that Enzyme generated. In split mode, the one that takes the tape.
    pub derivative: String,
    /// In split mode, the function that runs the primal and gives the tape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmented: Option<String>,
}
