//! What an engine reports while it works.

use serde::{Deserialize, Serialize};

use crate::check::Checked;
use crate::diagnosis::Diagnosis;
use crate::emitted::Emitted;
use crate::explained::{Explained, TextRoles};
use crate::located::Located;
use crate::profile::Profile;
use crate::remark::Remark;
use crate::signature::Signature;
use crate::step::Step;
use crate::text::{PointText, Text};
use crate::toolchain::{Differentiated, Toolchain};
use crate::values::Values;

/// One report of a working engine. `Failed` or `Done` is the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// What the engine is made of; always the first.
    Toolchain(Toolchain),
    /// Work on a stage has begun.
    Stage(String),
    /// What was chosen for each parameter.
    Signature(Signature),
    /// A metadata definition that texts refer to by its position among all definitions.
    Definition(String),
    /// A text that later events refer to by its position among all texts.
    Text(Text),
    /// A named point was reached.
    Point(PointText),
    /// A pass has run.
    Step(Step),
    /// LLVM or Enzyme said something that is no error.
    Remark(Remark),
    /// The derivative exists.
    Differentiated(Differentiated),
    /// All of the derivative is told. What follows is about its check.
    Derived,
    /// What a check has found so far; the last one counts.
    Checked(Checked),
    /// Where the derivative goes wrong.
    Located(Box<Located>),
    /// The numbers on the lines.
    Values(Box<Values>),
    /// What running it took.
    Profile(Box<Profile>),
    /// What each instruction is there for.
    Explained(Box<Explained>),
    /// What each instruction of a text is there for.
    Roles(TextRoles),
    /// What the next frame exports and needs.
    Emitted(Emitted),
    /// The next frame holds the module's bytes.
    Module,
    /// The request cannot be fulfilled.
    Failed(Diagnosis),
    /// The request is fulfilled.
    Done,
}
