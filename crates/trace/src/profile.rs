//! What running a function and its derivative once takes.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check_note::CheckNote;
use crate::explained::AdRole;
use crate::remark_kind::RemarkKind;

/// What a profile measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How often everything runs, and what it does.
    Counts,
    /// How long both take.
    Times,
    /// How many machine instructions both run.
    Machine,
}

/// What one run of a function and of its derivative took, at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// What both were run on.
    pub inputs: Map<String, Value>,
    /// The function, as Enzyme simplified it and as the cleanup pipeline left it; empty if only times were measured.
    pub primal: Counted,
    /// Its derivative, after the cleanup pipeline; empty if only times were measured.
    pub derivative: Counted,
    /// How long both took, if that was measured.
    pub times: Option<Times>,
    /// The machine instructions that both ran, if they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// What else is to be known about it.
    pub notes: Vec<CheckNote>,
}

/// What a function did, and the functions that it called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// The function itself first.
    pub functions: Vec<CountedFunction>,
    /// What it did to the heap.
    pub heap: Heap,
}

/// A function, instruction by instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountedFunction {
    /// Its symbol.
    pub symbol: String,
    /// In their order.
    pub instructions: Vec<CountedInstruction>,
}

/// What an instruction did in all of its executions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountedInstruction {
    /// How often it ran.
    pub executions: u64,
    /// What it did.
    #[serde(flatten)]
    pub cost: Cost,
    /// What it is there for in a derivative; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<AdRole>,
    /// The instruction of the primal that it belongs to, by its place from 1, as in `Explained`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
    /// The source file and line that it comes from, where debug info has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<(String, u32)>,
    /// Of what keeps a value in a function that is called: what Enzyme said of that value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<RemarkKind>,
    /// Of the same, the source lines of what uses the value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needed_by: Vec<(String, u32)>,
}

/// Work, as it is counted: the same on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Instructions of LLVM IR, but for `phi` and for what only tells the compiler something.
    pub instructions: u64,
    /// Floating-point operations: arithmetic, and functions of mathematics, which count as one each.
    pub operations: u64,
    /// Bytes.
    pub loaded: u64,
    /// Bytes.
    pub stored: u64,
    /// Calls of functions.
    pub calls: u64,
    /// Bytes of the heap.
    pub allocated: u64,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        self.instructions += other.instructions;
        self.operations += other.operations;
        self.loaded += other.loaded;
        self.stored += other.stored;
        self.calls += other.calls;
        self.allocated += other.allocated;
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(all: I) -> Cost {
        let mut sum = Cost::default();
        for one in all {
            sum += one;
        }
        sum
    }
}

/// What a run did to the heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heap {
    /// How many blocks were allocated.
    pub blocks: u64,
    /// How many bytes they had.
    pub bytes: u64,
    /// The most bytes that were allocated at a time.
    pub peak: u64,
}

/// How long runs took, in nanoseconds. One of each was measured in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// How many calls each of the numbers is divided by.
    pub calls: u64,
    /// The function, in each turn, for all of the calls.
    pub primal: Vec<u64>,
    /// Its derivative.
    pub derivative: Vec<u64>,
    /// A hand-written backward function, if one was named; the primal went before it and is not in this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<u64>,
}

/// Machine instructions that one run took, as `irad emit` would make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Of the function; none where there were too many, or where the processor does not count.
    pub primal: Option<Ran>,
    /// Of its derivative.
    pub derivative: Option<Ran>,
}

/// Machine instructions that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// Of the module's code.
    pub own: u64,
    /// Of what that called: functions of the C library, and the allocator.
    pub others: u64,
}

impl CountedInstruction {
    /// Bytes that it stored for the reverse sweep.
    pub fn kept(&self) -> u64 {
        match self.role {
            Some(AdRole::Cache) => self.cost.stored,
            _ => 0,
        }
    }
}

impl Counted {
    /// All that was done.
    pub fn total(&self) -> Cost {
        self.instructions().map(|one| one.cost).sum()
    }

    /// Bytes of the primal's values that were stored for the reverse sweep.
    pub fn tape(&self) -> u64 {
        self.instructions().map(CountedInstruction::kept).sum()
    }

    /// The instructions of all functions.
    pub fn instructions(&self) -> impl Iterator<Item = &CountedInstruction> {
        self.functions.iter().flat_map(|one| &one.instructions)
    }
}
