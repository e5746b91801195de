//! Two runs beside each other: which state of one stands against which of the other, and where they part.

use std::collections::HashMap;

use trace::TextId;

use crate::story::Story;

/// Two runs beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parting {
    /// The first state at which they differ; none if they never do.
    pub first: Option<usize>,
    /// For each state of one, the state of the other that it is compared with.
    pub against: Vec<usize>,
}

impl Parting {
    /// Walks through both runs until they part. Behind that, states of the same step stand against each other, and
    /// the ends do.
    pub fn of(ours: &Story, theirs: &Story) -> Self {
        let mut known = HashMap::new();
        let both = ours.states.len().min(theirs.states.len());
        let differs = |at: &usize| {
            let texts = (ours.states[*at].text, theirs.states[*at].text);
            !*known
                .entry(texts)
                .or_insert_with(|| says_the_same(ours, theirs, texts))
        };
        let first = (0..both).find(differs);
        let is_one_longer = ours.states.len() != theirs.states.len();
        let first = first.or(is_one_longer.then(|| both.min(ours.states.len().saturating_sub(1))));
        let agree = first.unwrap_or(both);
        let mut by_step: HashMap<_, Vec<usize>> = HashMap::new();
        for at in agree..theirs.states.len() {
            by_step.entry(step(theirs, at)).or_default().push(at);
        }
        let last = theirs.states.len().saturating_sub(1);
        let mut reached = agree.saturating_sub(1).min(last);
        let against = (0..ours.states.len())
            .map(|at| {
                if at < agree {
                    return at.min(last);
                }
                if at + 1 == ours.states.len() {
                    return last;
                }
                let same = by_step.get(&step(ours, at)).into_iter().flatten();
                if let Some(&found) = same.into_iter().find(|found| **found >= reached) {
                    reached = found;
                }
                reached
            })
            .collect();
        Parting { first, against }
    }
}

/// The step that led to a state, without the functions' names: a derivative has another one in each mode.
fn step(story: &Story, at: usize) -> Option<(&str, &str, u32)> {
    let step = &story.trace.steps[story.states[at].step?];
    Some((&step.stage, &step.pass, step.nth))
}

/// True where two texts are the same code. What they say of where it comes from does not count.
fn says_the_same(ours: &Story, theirs: &Story, (own, other): (TextId, TextId)) -> bool {
    let (Some(own), Some(other)) = (ours.trace.texts.get(own), theirs.trace.texts.get(other))
    else {
        return false;
    };
    code(&own.body).eq(code(&other.body))
}

fn code(body: &str) -> impl Iterator<Item = &str> {
    body.lines()
        .filter(|line| !line.trim_start().starts_with("#dbg_"))
        .map(|line| line.split(", !").next().unwrap_or(line))
        .map(|line| line.split(" !dbg ").next().unwrap_or(line))
}
