//! Two texts, compared, with what a pane needs to know of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;

use crate::key::TextKey;
use crate::links::Links;
use crate::story::Change;
use diff_view::{Diff, Prepared, diff_of_itself, diff_prepared, unique_names};

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
    pub links: Arc<Links>,
    /// What the step between the two did.
    pub change: Change,
    /// The pair that each line before stands in.
    pub pair_of_before: Vec<u32>,
    /// The pair that each line after stands in.
    pub pair_of_after: Vec<u32>,
}

impl Comparison {
    /// Compares two texts. The work grows with them: it belongs on a thread of its own.
    pub fn of((before, old): (TextKey, &Prepared), (after, new): (TextKey, &Prepared)) -> Self {
        let sides = match before == after {
            true => vec![old],
            false => vec![old, new],
        };
        let texts: Vec<&str> = sides
            .into_iter()
            .flat_map(|side| &side.function().lines)
            .map(|line| line.text.as_str())
            .collect();
        // Neither needs the other.
        let (diff, names) = thread::scope(|scope| {
            let names = (texts.len() >= MANY).then(|| scope.spawn(|| names(&texts)));
            let diff = match before == after {
                true => diff_of_itself(old.function()),
                false => diff_prepared(old, new, None),
            };
            let names = names.and_then(|names| names.join().ok());
            (diff, names.unwrap_or_else(|| self::names(&texts)))
        });
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
        Comparison {
            before,
            after,
            names,
            links: Arc::new(Links::of(&diff)),
            change: Change::of(&diff),
            diff,
            pair_of_before,
            pair_of_after,
        }
    }
}

/// From so many lines on, another thread is worth its while.
const MANY: usize = 4000;

fn names(texts: &[&str]) -> HashMap<String, String> {
    unique_names(texts, &|symbol| ir_load::demangle(symbol))
}
