//! What a check of a derivative came to, in a line.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::check::{Blocks, Checked, Comparison, Judgement, ReferenceBy};
use crate::check_fault::CheckFault;
use crate::check_note::{Uncompared, WhyUncompared};
use crate::problem::Problem;
use crate::suggestion::Try;

/// What is known of a derivative that is shown or written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Verdict {
    /// It agrees wherever it was compared.
    Right {
        /// At how many points.
        points: u32,
        /// How many derivatives.
        derivatives: u64,
        /// The blocks of the primal that ran.
        blocks: Blocks,
        /// The part of what the function gives that was not compared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uncompared: Option<Uncompared>,
    },
    /// It differs, or does what no code may do.
    Wrong {
        /// The comparison that was the worst, where one differs.
        at: Option<Comparison>,
        /// What it did beside that.
        faults: Vec<CheckFault>,
        /// How many derivatives were compared, and at how many points.
        derivatives: u64,
        /// The points.
        points: u32,
        /// Flags with which it is right.
        #[serde(default)]
        remedies: Vec<Remedy>,
        /// What is at fault, where that is known.
        #[serde(default)]
        known: Option<KnownFault>,
        /// The words of the command that finds where it goes wrong; empty where that is not known.
        #[serde(default)]
        locate: Vec<String>,
    },
    /// A check could not tell.
    Undecided {
        /// Why not.
        why: Undecided,
        /// At how many points it was tried.
        points: u32,
    },
    /// Nothing was run.
    NotChecked {
        /// Why not.
        why: NotChecked,
    },
}

/// Flags that make a wrong derivative right, as a check has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    /// The flags, and what they do.
    pub flags: Try,
    /// Instructions of the derivative, by those of the wrong one, where both are known.
    pub size: Option<f64>,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.flags.without.is_empty() {
            true => write!(f, "right with {}", self.flags.name())?,
            false => write!(f, "right {}", self.flags.name())?,
        }
        match self.size {
            Some(size) => write!(f, " ({}; {size:.2} times the instructions)", self.flags.why),
            None => write!(f, " ({})", self.flags.why),
        }
    }
}

/// Faults that docs/limits.md describes, each in a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownFault {
    /// One that irad takes care of, where it may.
    Repaired,
    /// A type that was guessed.
    GuessedType,
    /// A call through a pointer.
    PointerCall,
}

impl KnownFault {
    /// Every fault.
    pub const ALL: [KnownFault; 3] = [
        KnownFault::Repaired,
        KnownFault::GuessedType,
        KnownFault::PointerCall,
    ];

    /// The section of docs/limits.md that describes it.
    pub fn section(self) -> &'static str {
        match self {
            KnownFault::Repaired => "What irad takes care of",
            KnownFault::GuessedType => "Guessed types",
            KnownFault::PointerCall => "Calls through pointers, in forward mode",
        }
    }
}

impl fmt::Display for KnownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            KnownFault::Repaired => {
                "a fault of Enzyme's that irad takes care of without --faithful"
            }
            KnownFault::GuessedType => "Enzyme guessed a type",
            KnownFault::PointerCall => "a function is called through a pointer",
        };
        write!(f, "{words}: docs/limits.md, \"{}\"", self.section())
    }
}

/// Why a check could not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undecided {
    /// Every derivative is zero.
    AllZero,
    /// The result lies in memory that the function allocates, where reverse mode has no seed.
    NoSeed,
    /// The result lies in memory that the check finds no way to.
    NoWay,
    /// The function has a kink wherever it was compared.
    OnlyKinks,
    /// The function, or the chain rule, is not finite wherever it was compared.
    NotFinite,
    /// Neither dual numbers nor differences were to be had, or only rough ones.
    TooRough,
    /// There was no derivative to compare.
    Nothing,
}

/// Why nothing was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotChecked {
    /// The check did not get so far.
    Problem(Problem),
    /// It was not done in time.
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// Its engine ended otherwise.
    Ended(String),
}

impl Verdict {
    /// What a check found, in short.
    pub fn of(checked: &Checked) -> Self {
        let derivatives = checked.differences.iter().map(|part| part.compared).sum();
        let points = checked.points;
        if checked.disagrees() {
            let all = checked.differences.iter().chain(&checked.manual);
            let failed = all.filter(|part| part.judgement.is_failure());
            return Verdict::Wrong {
                at: failed.filter_map(|part| part.worst.clone()).next(),
                faults: checked.faults.clone(),
                derivatives,
                points,
                remedies: Vec::new(),
                known: None,
                locate: Vec::new(),
            };
        }
        if checked.passed() {
            return Verdict::Right {
                points,
                derivatives,
                blocks: checked.blocks.clone(),
                uncompared: checked.uncompared().cloned(),
            };
        }
        let parts = &checked.differences;
        let sum = |of: fn(&crate::check::Compared) -> u64| parts.iter().map(of).sum::<u64>();
        let why = if checked.is_never_finite() {
            Undecided::NotFinite
        } else if derivatives == 0 {
            Undecided::Nothing
        } else if parts
            .iter()
            .any(|part| part.judgement == Judgement::Inconclusive)
        {
            Undecided::TooRough
        } else if let Some(uncompared) = checked.uncompared() {
            match uncompared.why {
                WhyUncompared::NoSeed => Undecided::NoSeed,
                WhyUncompared::NoWay => Undecided::NoWay,
            }
        } else if parts.iter().any(|part| part.judgement == Judgement::Agrees) {
            Undecided::AllZero
        } else if sum(|part| part.kinks) >= sum(|part| part.undefined) {
            Undecided::OnlyKinks
        } else {
            Undecided::NotFinite
        };
        Verdict::Undecided { why, points }
    }

    /// True for one that is wrong.
    pub fn is_wrong(&self) -> bool {
        matches!(self, Verdict::Wrong { .. })
    }

    /// True for one that is right.
    pub fn is_right(&self) -> bool {
        matches!(self, Verdict::Right { .. })
    }

    /// What stands before the words: `checked`, `undecided` or `not checked`.
    pub fn label(&self) -> &'static str {
        match self {
            Verdict::Right { .. } | Verdict::Wrong { .. } => "checked",
            Verdict::Undecided { .. } => "undecided",
            Verdict::NotChecked { .. } => "not checked",
        }
    }

    /// A word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Right { .. } => "right",
            Verdict::Wrong { .. } => "wrong",
            Verdict::Undecided { .. } => "undecided",
            Verdict::NotChecked { .. } => "not_checked",
        }
    }

    /// True where something of it is to be warned of.
    pub fn is_doubtful(&self) -> bool {
        match self {
            Verdict::Right {
                blocks, uncompared, ..
            } => blocks.reached < blocks.of || uncompared.is_some(),
            _ => true,
        }
    }
}

fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        several => format!("{several} {what}s"),
    }
}

/// All digits that tell, and no more than seven.
fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return value.to_string();
    }
    let text = match value.abs() {
        1e-4..1e7 => format!("{value:.7}"),
        _ => return format!("{value:.4e}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Right {
                points,
                derivatives,
                blocks,
                uncompared,
            } => {
                let points = counted(u64::from(*points), "point");
                let derivatives = counted(*derivatives, "derivative");
                if blocks.reached == blocks.of {
                    write!(
                        f,
                        "right at {points}: {derivatives}, {} of {} of the primal reached",
                        blocks.reached,
                        counted(blocks.of, "block")
                    )?;
                } else {
                    let missed = blocks.of - blocks.reached;
                    write!(
                        f,
                        "right at {points}: {derivatives}; but {missed} of {} {} never reached ({}); --inputs and --range choose points",
                        counted(blocks.of, "block"),
                        if missed == 1 { "was" } else { "were" },
                        blocks.places().join(", ")
                    )?;
                }
                match uncompared {
                    Some(uncompared) => write!(f, "; but {uncompared}"),
                    None => Ok(()),
                }
            }
            Verdict::Wrong { at, faults, .. } => {
                f.write_str("WRONG")?;
                if let Some(at) = at {
                    let by = match at.by {
                        ReferenceBy::Both => "dual numbers and differences agree",
                        ReferenceBy::Dual => "dual numbers",
                        ReferenceBy::Differences => "differences",
                        ReferenceBy::Other => "another derivative",
                    };
                    write!(
                        f,
                        " at {}: {}, should be {} ({by})",
                        at.place,
                        short(at.derivative),
                        short(at.reference)
                    )?;
                }
                // One line has room for one: the others are mostly the same at other points.
                if let Some(fault) = faults.first() {
                    let separator = if at.is_none() { ": " } else { "; " };
                    write!(f, "{separator}{fault}")?;
                }
                match faults.len() {
                    0 | 1 => Ok(()),
                    more => write!(f, " (and {})", counted(more as u64 - 1, "other fault")),
                }
            }
            Verdict::Undecided { why, points } => {
                let points = counted(u64::from(*points), "point");
                match why {
                    Undecided::NoSeed => f.write_str(
                        "what the function gives lies in memory that it allocates, which has no seed in reverse mode: have it write to a slice, or take forward mode",
                    ),
                    Undecided::NoWay => f.write_str(
                        "what the function gives lies in memory that it allocates, to which irad knows no way",
                    ),
                    Undecided::AllZero => write!(
                        f,
                        "every derivative is zero at {points}; --inputs and --range choose others"
                    ),
                    Undecided::OnlyKinks => write!(
                        f,
                        "the function has a kink at each of {points}; --inputs and --range choose others"
                    ),
                    Undecided::NotFinite => write!(
                        f,
                        "the function or its derivative is not finite at {points}; --inputs and --range choose others"
                    ),
                    Undecided::TooRough => write!(
                        f,
                        "rounding hides what the derivative should be at {points}; --inputs and --range choose others"
                    ),
                    Undecided::Nothing => f.write_str("there is no derivative to compare"),
                }
            }
            Verdict::NotChecked { why } => match why {
                NotChecked::Problem(problem) => write!(f, "{problem}"),
                NotChecked::TimedOut { seconds } => write!(
                    f,
                    "it takes longer than {}; --check-limit allows more",
                    counted(*seconds, "second")
                ),
                NotChecked::Ended(how) => f.write_str(how),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(reached: u64) -> Verdict {
        Verdict::Right {
            points: 6,
            derivatives: 42,
            blocks: Blocks {
                of: 17,
                reached,
                missed: vec![crate::check::MissedBlock {
                    function: "f".to_owned(),
                    line: Some(("src/lib.rs".to_owned(), 12)),
                }],
            },
            uncompared: None,
        }
    }

    #[test]
    fn a_verdict_says_how_far_it_reaches() {
        let words = right(17).to_string();
        assert_eq!(
            words,
            "right at 6 points: 42 derivatives, 17 of 17 blocks of the primal reached"
        );
        assert!(!right(17).is_doubtful());
        assert!(right(16).is_doubtful());
        assert!(right(16).to_string().contains("src/lib.rs:12"));
    }

    #[test]
    fn a_wrong_one_says_where() {
        let wrong = Verdict::Wrong {
            at: Some(Comparison {
                place: "x[1]".to_owned(),
                derivative: 0.0873,
                reference: 0.0,
                by: ReferenceBy::Both,
                point: 3,
                step: None,
                estimated: None,
            }),
            faults: Vec::new(),
            derivatives: 42,
            points: 6,
            remedies: Vec::new(),
            known: None,
            locate: Vec::new(),
        };
        assert_eq!(
            wrong.to_string(),
            "WRONG at x[1]: 0.0873, should be 0 (dual numbers and differences agree)"
        );
        let json = serde_json::to_string(&wrong).unwrap();
        assert_eq!(serde_json::from_str::<Verdict>(&json).unwrap(), wrong);
    }
}
