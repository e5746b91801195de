//! The kinds of snapshot.

use serde::{Deserialize, Serialize};
use trace::{Point, Watch};

/// What a snapshot holds of a derivative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// The function's normal form at each stage.
    #[default]
    Ir,
    /// What is different between two stages.
    Diff,
    /// The steps that changed the function, with lines added and removed.
    Passes,
    /// Counts of instructions, blocks, loads, stores, calls, allocations and cached values.
    Summary,
}

impl Content {
    /// How much of a run is needed for it.
    pub fn watch(self) -> Watch {
        match self {
            Content::Passes => Watch::Steps,
            _ => Watch::Points,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Content::Ir => "ir",
            Content::Diff => "diff",
            Content::Passes => "passes",
            Content::Summary => "summary",
        }
    }

    /// The stages that are looked at when none is named: the last one, and for a diff the first as well.
    pub fn stages(self, named: Vec<Point>) -> Vec<Point> {
        match (self, named.is_empty()) {
            (_, false) => named,
            (Content::Diff, true) => vec![Point::Prepared, Point::Final],
            (Content::Passes, true) => Vec::new(),
            (_, true) => vec![Point::Final],
        }
    }
}
