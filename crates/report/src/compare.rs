//! Two runs beside each other: the first step where they part, and what they come to.

use std::sync::Arc;

use diff_view::{Function, Prepared, diff_prepared};
use serde::Serialize;
use view_model::story::Story;

use crate::lines::{Lines, visible};
use crate::steps::{Step, step};

/// Two runs beside each other.
#[derive(Serialize)]
pub struct Compared {
    /// The first step where they part.
    parted: Option<Sides>,
    /// What they come to.
    last: Sides,
    /// Both, in words.
    words: String,
}

#[derive(Serialize)]
struct Sides {
    /// The state of the first run.
    a: usize,
    /// That of the second.
    b: usize,
    d: Step,
}

/// Compares two runs, of which both have states.
pub fn compare(one: &Story, two: &Story, lines: &mut Lines) -> Option<Compared> {
    let read = |story: &Story, at: usize| -> Option<Arc<Function>> {
        let text = story.trace.text(story.states.get(at)?.text)?;
        Some(Arc::new(Function::parse(&text)))
    };
    let numbers = |lines: &mut Lines, function: &Function| -> Vec<u32> {
        let shown = visible(function).into_iter();
        shown.map(|at| lines.number(&function.lines[at])).collect()
    };
    let sides = |a: usize, b: usize, lines: &mut Lines| -> Option<Sides> {
        let (before, after) = (read(one, a)?, read(two, b)?);
        let diff = diff_prepared(&Prepared::of(&before), &Prepared::of(&after), None);
        let d = step(&diff, &visible(&before), &visible(&after), lines);
        Some(Sides { a, b, d })
    };
    let (last_one, last_two) = (
        one.states.len().checked_sub(1)?,
        two.states.len().checked_sub(1)?,
    );
    let mut parted = None;
    for at in 0..=last_one.min(last_two) {
        let is_same = one.states[at].id == two.states[at].id
            && numbers(lines, &*read(one, at)?) == numbers(lines, &*read(two, at)?);
        if !is_same {
            parted = Some(at);
            break;
        }
    }
    let parted = parted.or((last_one != last_two).then_some(last_one.min(last_two) + 1));
    let name = |story: &Story, at: usize| match story.states.get(at) {
        Some(state) => state.short.clone(),
        None => "its end".to_owned(),
    };
    let words = match parted {
        None => "The two runs are alike, step by step.".to_owned(),
        Some(0) => "The two runs begin with different functions.".to_owned(),
        Some(at) => format!(
            "The two runs are alike up to {}; then they part: {} in the first, {} in the second.",
            name(one, at - 1),
            name(one, at),
            name(two, at)
        ),
    };
    Some(Compared {
        parted: parted.and_then(|at| sides(at.min(last_one), at.min(last_two), lines)),
        last: sides(last_one, last_two, lines)?,
        words,
    })
}
