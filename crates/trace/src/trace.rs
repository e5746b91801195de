//! Everything that is known about one run: what an engine's reports add up to.

use serde::{Deserialize, Serialize};

use crate::check::Checked;
use crate::diagnosis::Diagnosis;
use crate::emitted::Emitted;
use crate::explained::{Explained, Part, TextRoles};
use crate::located::Located;
use crate::point::Point;
use crate::profile::Profile;
use crate::remark::Remark;
use crate::request::Request;
use crate::signature::Signature;
use crate::step::Step;
use crate::text::{PointText, Text, TextId};
use crate::toolchain::{Differentiated, Toolchain};
use crate::values::Values;
use crate::verdict::Verdict;

/// The version of the trace format that this crate writes, and the newest that it reads.
pub const TRACE_VERSION: u32 = 2;

/// Everything that is known about one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The format's version.
    pub irad_trace: u32,
    /// What the engine was made of.
    pub toolchain: Toolchain,
    /// What was asked.
    pub request: Request,
    /// What was chosen for each parameter.
    pub signature: Option<Signature>,
    /// The functions that took part.
    pub differentiated: Option<Differentiated>,
    /// What was emitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emitted: Option<Emitted>,
    /// The named points that were reached.
    pub points: Vec<PointText>,
    /// All of the derivative is told: a failure is one of its check.
    #[serde(skip)]
    pub is_derived: bool,
    /// Every pass that ran while steps were watched.
    pub steps: Vec<Step>,
    /// What a check found, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// Where the derivative goes wrong, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located: Option<Located>,
    /// The numbers on the lines, if they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Values>,
    /// What running it took, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What a check beside the run came to, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What each instruction is there for, if that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained: Option<Explained>,
    /// What each instruction of the derivative's texts is there for, if that was asked; in the order of the texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<TextRoles>,
    /// What LLVM and Enzyme said on the way.
    pub remarks: Vec<Remark>,
    /// Function texts, each stored once.
    pub texts: Vec<Text>,
    /// The metadata definitions that texts refer to, a line each, each stored once.
    pub definitions: Vec<String>,
    /// Why the run ended early, if it did.
    pub failure: Option<Diagnosis>,
}

impl Trace {
    /// The text at a named point, if the run got that far. Where a split derivative has two, it is
    /// that of the half that takes the tape.
    pub fn point(&self, point: Point) -> Option<(&PointText, String)> {
        self.at(point).pop()
    }

    /// The texts at a named point: one, or those of both halves of a split derivative, the augmented
    /// primal first.
    pub fn at(&self, point: Point) -> Vec<(&PointText, String)> {
        let found = self.points.iter().filter(|found| found.point == point);
        found
            .filter_map(|found| Some((found, self.text(found.text)?)))
            .collect()
    }

    /// What each instruction of a text is there for, where that is told.
    pub fn roles_of(&self, id: TextId) -> Option<Vec<Part>> {
        let found = self.roles.binary_search_by_key(&id, |roles| roles.text);
        self.roles[found.ok()?].parts()
    }

    /// A whole text: the function, followed by the metadata definitions that it refers to.
    pub fn text(&self, id: TextId) -> Option<String> {
        let text = self.texts.get(id)?;
        let mut whole = text.body.clone();
        for &definition in &text.metadata {
            whole.push_str(self.definitions.get(definition as usize)?);
            whole.push('\n');
        }
        Some(whole)
    }
}
