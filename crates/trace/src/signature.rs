//! What was chosen for each of the primal's parameters.

use serde::{Deserialize, Serialize};

use crate::activity::{Activity, Mode};
use crate::activity_reason::ActivityReason;
use crate::default::{one, yes};

/// The primal's parameters with what each is to the derivative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The primal's symbol.
    pub function: String,
    /// Forward or reverse.
    pub mode: Mode,
    /// The parameters as Rust has them: a slice is one.
    pub parameters: Vec<Parameter>,
    /// The return value; `None` when there is none.
    pub returns: Option<Parameter>,
    /// Position of the IR parameter that says where the result is written, where that is too large to
    /// be returned in registers. It is none of the parameters then, but the return value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_at: Option<usize>,
    /// True when irad chose activities that nobody stated.
    pub assumed: bool,
    /// How many directions a forward derivative follows at once.
    #[serde(default = "one")]
    pub width: u32,
    /// Whether the derivative returns what the primal returns, if that returns anything.
    #[serde(default = "yes")]
    pub primal_returned: bool,
    /// Whether the derivative is two functions, with a tape between them.
    #[serde(default)]
    pub split: bool,
}

/// One parameter as Rust has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name; empty for the return value.
    pub name: String,
    /// Position of its first IR parameter.
    pub first: usize,
    /// How many IR parameters it takes.
    pub count: usize,
    /// Its type, as far as the IR shows it.
    pub ty: String,
    /// What it is to the derivative.
    pub activity: Activity,
    /// What each of its IR parameters is to the derivative: of a slice the length is constant, of a
    /// pair each may be something else. Empty for a value that is returned.
    #[serde(default)]
    pub parts: Vec<Activity>,
    /// Why that was chosen, or why nothing else could be.
    pub reason: ActivityReason,
    /// Where the type is known from.
    #[serde(default)]
    pub source: TypeSource,
}

/// Where a type is known from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeSource {
    /// Somebody stated the signature.
    Stated,
    /// An `enzyme_type` attribute of the IR parameter.
    Attributes,
    /// The module's debug info has it.
    DebugInfo,
    /// The IR's own types and the uses in the function.
    #[default]
    Uses,
}
