//! How a function is differentiated.

use serde::{Deserialize, Serialize};

use crate::activity::{Activity, Mode};
use crate::default::{one, yes};
use crate::panics::Panics;
use crate::pipeline::Pipeline;
use crate::rust_type::RustSignature;

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
    /// Functions whose results are kept for the reverse sweep and not computed again, by symbol, or `*` for every one of
    /// the mathematics library that takes long.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Functions that are inlined before Enzyme, by symbol, or `*` for every one.
    #[serde(default)]
    pub inline: Vec<String>,
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
    /// Leave out what irad does so that Enzyme gets functions right.
    #[serde(default)]
    pub faithful: bool,
    /// LLVM may go by how the rest of the module uses what the function reaches.
    #[serde(default)]
    pub whole_program: bool,
}

impl AdOptions {
    /// True when Enzyme gets the function as the prepare pipeline leaves it: nightly's users have nothing else.
    pub fn is_faithful(&self) -> bool {
        self.faithful || self.prepare.is_of_rustc()
    }

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
            keep: Vec::new(),
            inline: Vec::new(),
            signature: None,
            activities: Vec::new(),
            wrt: Vec::new(),
            width: 1,
            return_primal: true,
            split: false,
            panics: Panics::Drop,
            faithful: false,
            whole_program: false,
        }
    }
}
