//! Texts of functions, each stored once.

use serde::{Deserialize, Serialize};

use crate::point::Point;

/// Index of a text in a trace's texts. Equal texts have equal ids.
pub type TextId = usize;

/// The text of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The function as LLVM prints it, with attribute groups written out in place.
    pub body: String,
    /// Positions in a trace's definitions of the metadata that it refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<u32>,
}

/// The text of one function at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointText {
    /// Which point.
    pub point: Point,
    /// The symbol of the function that is shown there.
    pub function: String,
    /// Its text.
    pub text: TextId,
}
