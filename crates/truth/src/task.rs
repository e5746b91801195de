//! What a worker is told about a batch, and what it answers.

use serde::{Deserialize, Serialize};

use crate::parameter::Parameter;

/// One function of a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Its number in the batch.
    pub at: usize,
    pub parameters: Vec<Parameter>,
    /// The constants in it.
    pub literals: Vec<f64>,
    pub modes: Vec<String>,
    pub seed: u64,
    pub points: usize,
    /// Single precision.
    pub single: bool,
}

/// What the comparison of one derivative came to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Comparison {
    pub at: usize,
    pub mode: String,
    /// Points that were compared.
    pub compared: usize,
    /// Points where the derivative is wrong.
    pub wrong: usize,
    /// Points left out: a kink, something infinite, a panic.
    pub kinks: usize,
    pub infinite: usize,
    pub panics: usize,
    /// Why the process ended early, if it did.
    pub crash: Option<String>,
    /// The first point where it is wrong, and how.
    pub worst: Option<String>,
    /// Whether any derivative that was compared is not zero.
    pub varies: bool,
}
