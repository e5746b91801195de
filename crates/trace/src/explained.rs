//! What each instruction of a derivative is there for, and what Enzyme knew of each of the primal's.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::remark_kind::RemarkKind;
use crate::text::TextId;

/// Explains one differentiation, instruction by instruction. The lists are as long as the functions that
/// the trace has at the points of the same name have instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The parameters of the primal, in their order.
    pub parameters: Vec<Known>,
    /// The primal as Enzyme simplified it (the point `preprocessed`).
    pub primal: Vec<Explanation>,
    /// The derivative as Enzyme generated it.
    pub derivative: Vec<Part>,
    /// The derivative after the cleanup pipeline.
    #[serde(rename = "final")]
    pub last: Vec<Part>,
}

/// What Enzyme knows of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its type tree, in Enzyme's words; empty for no value.
    #[serde(rename = "type")]
    pub ty: String,
    /// It may hold or point to something with a derivative.
    pub active: bool,
}

/// What Enzyme made of an instruction of the primal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Of its value.
    #[serde(flatten)]
    pub known: Known,
    /// A derivative flows through it.
    pub propagates: bool,
    /// Its value is kept in memory for the reverse sweep.
    pub cached: bool,
    /// It is computed again in the reverse sweep.
    pub recomputed: bool,
    /// The reverse sweep uses its value where it stands: in a register, computed once.
    pub used: bool,
    /// What Enzyme said of it on the way to that.
    pub because: Vec<RemarkKind>,
    /// The source file that it comes from, if debug info has it; and the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<(String, u32)>,
}

impl Explanation {
    /// Why its value is kept in memory, each reason once.
    pub fn reasons(&self) -> Vec<String> {
        reasons(&self.because)
    }
}

/// Why a value is kept in memory, each reason once, of what Enzyme said of it.
pub fn reasons(because: &[RemarkKind]) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for said in because {
        let RemarkKind::Cached { why, .. } = said else {
            continue;
        };
        let reason = why.to_string();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// What an instruction of a derivative is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its role.
    pub role: AdRole,
    /// The instruction of the primal that it belongs to, by its place from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u32>,
}

/// What the instructions of one text are there for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRoles {
    /// The text.
    pub text: TextId,
    /// The letter of each instruction's role ([`AdRole::letter`]), in their order.
    pub roles: String,
    /// The instruction of the primal that each one belongs to, by its place from 1; 0 for none.
    pub of: Vec<u32>,
}

impl TextRoles {
    /// What each instruction of a text is there for.
    pub fn new(text: TextId, parts: &[Part]) -> Self {
        TextRoles {
            text,
            roles: parts.iter().map(|part| part.role.letter()).collect(),
            of: parts.iter().map(|part| part.of.unwrap_or(0)).collect(),
        }
    }

    /// What each instruction is there for; none if a letter is no role's.
    pub fn parts(&self) -> Option<Vec<Part>> {
        let letters = self.roles.chars().zip(&self.of);
        letters
            .map(|(letter, &of)| {
                Some(Part {
                    role: AdRole::of_letter(letter)?,
                    of: (of > 0).then_some(of),
                })
            })
            .collect()
    }
}

/// Roles in a derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdRole {
    /// Computes what the primal computes.
    Primal,
    /// Finds or makes memory for derivatives: the counterpart of a pointer.
    Shadow,
    /// Computes or accumulates an adjoint, in reverse mode.
    Adjoint,
    /// Computes a tangent, in forward mode.
    Tangent,
    /// Keeps a value of the primal for the reverse sweep, or takes it back.
    Cache,
    /// Computes a value of the primal again in the reverse sweep.
    Recompute,
    /// Decides what runs next, or how often.
    Control,
}

impl AdRole {
    /// Every role.
    pub const ALL: [AdRole; 7] = [
        AdRole::Primal,
        AdRole::Shadow,
        AdRole::Adjoint,
        AdRole::Tangent,
        AdRole::Cache,
        AdRole::Recompute,
        AdRole::Control,
    ];

    /// A letter that stands for it where there is no room, or no colour, for more.
    pub fn letter(self) -> char {
        match self {
            AdRole::Primal => 'p',
            AdRole::Shadow => 's',
            AdRole::Adjoint => 'a',
            AdRole::Tangent => 't',
            AdRole::Cache => 'c',
            AdRole::Recompute => 'r',
            AdRole::Control => 'b',
        }
    }

    /// The role that a letter stands for.
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.letter() == letter)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            AdRole::Primal => "primal",
            AdRole::Shadow => "shadow",
            AdRole::Adjoint => "adjoint",
            AdRole::Tangent => "tangent",
            AdRole::Cache => "cache",
            AdRole::Recompute => "recompute",
            AdRole::Control => "control",
        }
    }
}

impl fmt::Display for AdRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
