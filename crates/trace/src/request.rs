//! What `irad` asks its engine to do.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::emitted::Emission;
use crate::rust_type::RustSignature;

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

/// How a function is differentiated: everything but which one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdOptions {
    /// Forward or reverse.
    pub mode: Mode,
    /// What runs before Enzyme.
    pub prepare: Pipeline,
    /// What runs after it.
    pub cleanup: Pipeline,
    /// Enzyme's options by their own names, without `enzyme-`, and their values.
    #[serde(default)]
    pub enzyme: Vec<(String, String)>,
    /// Functions that no derivative flows through, by symbol: the caller's word for it.
    #[serde(default)]
    pub inactive: Vec<String>,
    /// Functions whose pointer parameters do not overlap, by symbol, or `*` for every one: the
    /// caller's word for it.
    #[serde(default)]
    pub noalias: Vec<String>,
    /// Functions that only read what nobody overwrites afterwards, by symbol, or `*` for every one:
    /// the caller's word for it.
    #[serde(default)]
    pub unchanged: Vec<String>,
    /// The function's parameters and result, if somebody stated them.
    #[serde(default)]
    pub signature: Option<RustSignature>,
    /// Activities that somebody stated, by a parameter's name or position (from 0), or `return`.
    #[serde(default)]
    pub activities: Vec<(String, Activity)>,
    /// The parameters to differentiate with respect to; when any is named, all others are constant.
    #[serde(default)]
    pub wrt: Vec<String>,
    /// How many directions forward mode follows at once; 1 in reverse mode.
    #[serde(default = "one")]
    pub width: u32,
    /// Whether the derivative also returns what the primal returns.
    #[serde(default = "yes")]
    pub return_primal: bool,
    /// Reverse mode as two functions: one that runs the primal and keeps a tape, and one that takes
    /// the tape and gives the gradient.
    #[serde(default)]
    pub split: bool,
    /// What becomes of the primal's panics.
    #[serde(default)]
    pub panics: Panics,
    /// LLVM may go by how the rest of the module uses what the function reaches.
    #[serde(default)]
    pub whole_program: bool,
}

pub(crate) fn one() -> u32 {
    1
}

pub(crate) fn yes() -> bool {
    true
}

impl AdOptions {
    /// More directions than this are refused: Enzyme writes the tangents' code out for each.
    pub const MOST_DIRECTIONS: u32 = 256;

    /// The defaults for a mode.
    pub fn new(mode: Mode) -> Self {
        AdOptions {
            mode,
            prepare: Pipeline::O2,
            cleanup: Pipeline::O2,
            enzyme: Vec::new(),
            inactive: Vec::new(),
            noalias: Vec::new(),
            unchanged: Vec::new(),
            signature: None,
            activities: Vec::new(),
            wrt: Vec::new(),
            width: 1,
            return_primal: true,
            split: false,
            panics: Panics::Drop,
            whole_program: false,
        }
    }
}

/// What becomes of the primal's panics in the derivative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Panics {
    /// Enzyme leaves them and their checks out, and where the primal panics anything may happen.
    #[default]
    Drop,
    /// The derivative panics where the primal does.
    Keep,
}

impl FromStr for Panics {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "drop" => Ok(Panics::Drop),
            "keep" => Ok(Panics::Keep),
            _ => Err("keep or drop".to_owned()),
        }
    }
}

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Panics::Drop => "drop",
            Panics::Keep => "keep",
        })
    }
}

/// How much of a run becomes part of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// The texts at the named points only.
    Points,
    /// Every pass, with the text wherever it changed.
    Steps,
    /// The texts at the named points, and what each instruction is there for. Instructions have their
    /// places in the primal and in the derivative as source locations then.
    Roles,
}

/// The two ways in which a derivative is accumulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Tangents: one directional derivative for each run.
    Forward,
    /// Gradients: the whole gradient of one output in one run.
    Reverse,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Forward => "forward",
            Mode::Reverse => "reverse",
        })
    }
}

/// What a parameter is to the derivative, in the words of `std::autodiff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Activity {
    /// Reverse: a scalar whose adjoint is returned.
    Active,
    /// Reverse: memory with a shadow that adjoints are added to.
    Duplicated,
    /// Reverse: the same, but the primal's result is not needed.
    DuplicatedOnly,
    /// Forward: a value that is followed by its tangent.
    Dual,
    /// Forward: the same, but the primal's result is not needed.
    DualOnly,
    /// Forward: memory whose shadows, one for each direction, lie behind each other in one block.
    Dualv,
    /// Forward: the same, but the primal's result is not needed.
    DualvOnly,
    /// Not differentiated.
    Const,
}

impl Activity {
    /// What a parameter may be in a mode.
    pub fn of_mode(mode: Mode) -> &'static [Activity] {
        match mode {
            Mode::Reverse => &[
                Activity::Active,
                Activity::Duplicated,
                Activity::DuplicatedOnly,
                Activity::Const,
            ],
            Mode::Forward => &[
                Activity::Dual,
                Activity::DualOnly,
                Activity::Dualv,
                Activity::DualvOnly,
                Activity::Const,
            ],
        }
    }
}

impl FromStr for Activity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Mode::Reverse, Mode::Forward]
            .into_iter()
            .flat_map(Activity::of_mode)
            .copied()
            .find(|activity| activity.to_string() == text)
            .ok_or_else(|| {
                format!(
                    "{text} is no activity: Active, Duplicated, DuplicatedOnly or Const in reverse mode; Dual, DualOnly, Dualv, DualvOnly or Const in forward mode"
                )
            })
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A pass pipeline, by one of irad's names or in LLVM's textual syntax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pipeline {
    /// `default<O2>` without vectorising, unrolling or function merging.
    O2,
    /// The full `default<O3>`.
    O3,
    /// What nightly rustc runs around Enzyme. Before it: full link-time optimisation at level 3,
    /// without vectorising, unrolling or function merging, and its settings of Enzyme's options.
    /// After it: the same as at link time, with all of these.
    Rustc,
    /// No pass at all.
    None,
    /// LLVM's textual syntax, run as it stands.
    Text(String),
}

impl FromStr for Pipeline {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "o2" => Pipeline::O2,
            "o3" => Pipeline::O3,
            "rustc" => Pipeline::Rustc,
            "none" => Pipeline::None,
            other => Pipeline::Text(other.to_owned()),
        })
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pipeline::O2 => "o2",
            Pipeline::O3 => "o3",
            Pipeline::Rustc => "rustc",
            Pipeline::None => "none",
            Pipeline::Text(text) => text,
        })
    }
}

/// The named points between the stages of a differentiation, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// The function as rustc emitted it.
    Input,
    /// After the prepare pipeline.
    Prepared,
    /// The clone that Enzyme simplified for itself.
    Preprocessed,
    /// What Enzyme generated, untouched.
    Derivative,
    /// After the cleanup pipeline.
    Final,
}

impl Point {
    /// Every point, in the order in which a differentiation reaches them.
    pub const ALL: [Point; 5] = [
        Point::Input,
        Point::Prepared,
        Point::Preprocessed,
        Point::Derivative,
        Point::Final,
    ];
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Point::Input => "input",
            Point::Prepared => "prepared",
            Point::Preprocessed => "preprocessed",
            Point::Derivative => "derivative",
            Point::Final => "final",
        })
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
