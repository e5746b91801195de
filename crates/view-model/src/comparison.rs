//! Two texts, compared, with what a pane needs to know of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::key::TextKey;
use crate::links::Links;
use crate::story::Change;
use diff_view::{Diff, Function, Prepared, diff_of_itself, diff_prepared, unique_names};

/// Two texts, compared.
#[derive(Debug)]
pub struct Comparison {
    /// The text before.
    pub before: TextKey,
    /// The text after.
    pub after: TextKey,
    /// The two, aligned.
    pub diff: Diff,
    /// What to call symbols.
    pub names: HashMap<String, String>,
    /// Which line of one is which of the other.
    pub links: Links,
    /// The pair that each line before stands in.
    pub pair_of_before: Vec<u32>,
    /// The pair that each line after stands in.
    pub pair_of_after: Vec<u32>,
}

impl Comparison {
    /// Compares two texts. The work grows with them: it belongs on a thread of its own.
    pub fn of(
        (before, old): (TextKey, &Arc<Function>),
        (after, new): (TextKey, &Arc<Function>),
    ) -> Self {
        let diff = match before == after {
            true => diff_of_itself(old),
            false => diff_prepared(&Prepared::of(old), &Prepared::of(new), None),
        };
        let mut pair_of_before = vec![0; diff.before.lines.len()];
        let mut pair_of_after = vec![0; diff.after.lines.len()];
        for (at, pair) in (0_u32..).zip(&diff.pairs) {
            if let Some(line) = pair.before {
                pair_of_before[line] = at;
            }
            if let Some(line) = pair.after {
                pair_of_after[line] = at;
            }
        }
        let sides = if before == after {
            vec![old]
        } else {
            vec![old, new]
        };
        let texts: Vec<&str> = sides
            .into_iter()
            .flat_map(|function| function.lines.iter().map(|line| line.text.as_str()))
            .collect();
        Comparison {
            before,
            after,
            names: unique_names(&texts, &|symbol| ir_load::demangle(symbol)),
            links: Links::of(&diff),
            diff,
            pair_of_before,
            pair_of_after,
        }
    }

    /// What the step between the two did.
    pub fn change(&self) -> Change {
        Change::of(&self.diff)
    }
}
