//! A pass that ran.

use serde::{Deserialize, Serialize};

use crate::step_note::StepNote;
use crate::text::TextId;

/// A pass that ran on one IR unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The stage that it belongs to: `prepare`, `enzyme`, `cleanup` or `run`.
    pub stage: String,
    /// The pass's class, as LLVM names it (`SROAPass`).
    pub pass: String,
    /// The pass's name in pipelines (`sroa`), empty if it has none.
    pub pipeline_name: String,
    /// What it ran on.
    pub unit: Unit,
    /// The how manieth time that this pass ran on this unit in this stage, from 1.
    pub nth: u32,
    /// Wall-clock time in nanoseconds, printing left out.
    pub nanos: u64,
    /// True when the pass said that every analysis is still valid.
    pub preserved_all: bool,
    /// True when the pass deleted or replaced its unit.
    pub invalidated: bool,
    /// The watched functions that it changed.
    pub changed: Vec<Named>,
    /// What else it changed that the watched functions refer to.
    pub notes: Vec<StepNote>,
}

impl Step {
    /// The step's name: what it is, not where it stands.
    pub fn id(&self) -> String {
        format!(
            "{}/{}/{}/{}",
            self.stage, self.pass, self.unit.name, self.nth
        )
    }
}

/// A watched function with the text that a step left it with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The function's symbol.
    pub function: String,
    /// Its text after the step.
    pub text: TextId,
}

/// What a pass ran on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// Its kind.
    pub kind: UnitKind,
    /// Its name: a function's symbol, a loop's function and header, `module`.
    pub name: String,
    /// The functions in it; empty for a module, where it means all.
    pub functions: Vec<String>,
}

/// The kinds of IR unit that passes run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A whole module.
    Module,
    /// Functions that call each other.
    Scc,
    /// One function.
    Function,
    /// One loop.
    Loop,
}
