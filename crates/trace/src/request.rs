//! What `irad` asks its engine to do.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::ad_options::AdOptions;
use crate::check::Check;
use crate::emitted::Emission;
use crate::pipeline::Pipeline;
use crate::profile::Measure;
use crate::values::Iteration;

/// One job for one engine process. The module's bytes travel beside it, in a frame of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The name that LLVM's messages call the input by.
    pub source: String,
    /// What to do with the module.
    pub task: Task,
    /// Command-line options for LLVM itself, Enzyme's among them, without the leading dash.
    pub llvm_options: Vec<String>,
    /// What the engine may use.
    pub limits: Limits,
}

/// The jobs that an engine knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Print the module as LLVM's text form.
    Disassemble,
    /// Print of a module of bitcode what these functions need, as text that a slice can be cut from.
    Extract {
        /// Their symbols.
        functions: Vec<String>,
        /// The file that the module is in, if it is in one. None of its bytes travel beside the request
        /// then.
        file: Option<PathBuf>,
    },
    /// Differentiate one function.
    Differentiate {
        /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
        function: String,
        /// How.
        #[serde(rename = "how")]
        ad: AdOptions,
        /// What of it to write down.
        watch: Watch,
        /// Run the function and what came of it then, and compare.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        then_check: Option<Box<ThenCheck>>,
    },
    /// Prepare a function and add a call of Enzyme's pass on it, and give the module back: a case
    /// that LLVM's `opt` can run with Enzyme's plugin.
    Case {
        /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
        function: String,
        /// How it would be differentiated.
        #[serde(rename = "how")]
        ad: AdOptions,
    },
    /// Differentiate one function, run it and its derivative, and compare.
    Check {
        /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
        function: String,
        /// How.
        #[serde(rename = "how")]
        ad: AdOptions,
        /// On what, and with what it is compared.
        check: Check,
    },
    /// Differentiate one function and give back code that exports the derivative and nothing else.
    Emit {
        /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
        function: String,
        /// How; its cleanup pipeline runs on all that is emitted.
        #[serde(rename = "how")]
        ad: AdOptions,
        /// As what, under which symbol.
        emission: Emission,
    },
    /// Differentiate one function, and find the value at which its derivative goes wrong.
    Locate {
        /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
        function: String,
        /// How. No cleanup runs.
        #[serde(rename = "how")]
        ad: AdOptions,
        /// On what it is run.
        check: Check,
    },
    /// Differentiate one function, run both at one point, and tell the numbers on the way.
    Values {
        /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
        function: String,
        /// How. No cleanup runs.
        #[serde(rename = "how")]
        ad: AdOptions,
        /// On what it is run.
        check: Check,
        /// Which execution of each line.
        iteration: Iteration,
    },
    /// Differentiate one function, run both at one point, and measure what that takes.
    Profile {
        /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
        function: String,
        /// How.
        #[serde(rename = "how")]
        ad: AdOptions,
        /// On what it is run.
        check: Check,
        /// What is measured.
        measure: Measure,
    },
    /// See whether this kernel can keep code from doing more than to compute.
    TryGuard,
    /// Run a pipeline and watch one function, without differentiation.
    Run {
        /// The symbol of the watched function, or `*` for every one.
        function: String,
        /// What runs.
        pipeline: Pipeline,
        /// LLVM may go by how the rest of the module uses what the function reaches.
        #[serde(default)]
        whole_program: bool,
        /// What of it to write down.
        watch: Watch,
    },
    /// Run a pipeline over the module and give the module back.
    Optimise {
        /// The pipeline, in LLVM's textual syntax.
        passes: String,
        /// Give bitcode back instead of text.
        bitcode: bool,
    },
}

impl Task {
    /// The function that it differentiates first of all, and how.
    pub fn differentiated(&self) -> Option<(&String, &AdOptions)> {
        match self {
            Task::Differentiate { function, ad, .. }
            | Task::Check { function, ad, .. }
            | Task::Emit { function, ad, .. }
            | Task::Locate { function, ad, .. }
            | Task::Values { function, ad, .. }
            | Task::Profile { function, ad, .. } => Some((function, ad)),
            _ => None,
        }
    }

    /// How it differentiates, to be changed.
    pub fn options_mut(&mut self) -> Option<&mut AdOptions> {
        match self {
            Task::Differentiate { ad, .. }
            | Task::Check { ad, .. }
            | Task::Emit { ad, .. }
            | Task::Locate { ad, .. }
            | Task::Values { ad, .. }
            | Task::Profile { ad, .. } => Some(ad),
            _ => None,
        }
    }
}

/// The check of a derivative by the process that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThenCheck {
    /// On what, and with what it is compared.
    pub check: Check,
    /// How long that may take, in seconds.
    pub seconds: u64,
}

/// How much of a run becomes part of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// The texts at the named points only.
    Points,
    /// Every pass, with the text wherever it changed.
    Steps,
    /// The same, and what each instruction of the derivative is there for, where Enzyme tells that.
    StepsAndRoles,
    /// The texts at the named points, and what each instruction is there for. Instructions have their
    /// places in the primal and in the derivative as source locations then.
    Roles,
    /// The same, and what Enzyme differentiated stays in the module.
    Values,
    /// The same, and of the functions that are called, too.
    Counts,
}

impl Watch {
    /// True where every pass is told of.
    pub fn has_steps(self) -> bool {
        matches!(self, Watch::Steps | Watch::StepsAndRoles)
    }
}

/// What one engine process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall-clock time, in seconds.
    pub seconds: u64,
    /// Address space, in MiB.
    pub memory_mib: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            seconds: 60,
            memory_mib: 4096,
        }
    }
}
