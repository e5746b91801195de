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

#[cfg(test)]
mod tests {
    use trace::{
        Collector, Event, Limits, Named, Point, PointText, Request, Step, Task, Text, Unit,
        UnitKind,
    };

    use super::*;

    fn story(texts: &[(&str, &str)]) -> Story {
        let mut collector = Collector::new(Request {
            source: String::new(),
            task: Task::Disassemble,
            llvm_options: Vec::new(),
            limits: Limits::default(),
        });
        let function = || "f".to_owned();
        for (at, (pass, body)) in texts.iter().enumerate() {
            collector.take(Event::Text(Text {
                body: (*body).to_owned(),
                metadata: Vec::new(),
            }));
            if at == 0 {
                collector.take(Event::Point(PointText {
                    point: Point::Input,
                    function: function(),
                    text: 0,
                }));
                continue;
            }
            collector.take(Event::Step(Step {
                stage: "prepare".to_owned(),
                pass: (*pass).to_owned(),
                pipeline_name: String::new(),
                unit: Unit {
                    kind: UnitKind::Function,
                    name: function(),
                    functions: vec![function()],
                },
                nth: 1,
                nanos: 0,
                preserved_all: false,
                invalidated: false,
                changed: vec![Named {
                    function: function(),
                    text: at,
                }],
                notes: Vec::new(),
            }));
        }
        Story::of(collector.finish(), None)
    }

    #[test]
    fn the_first_state_that_differs_is_found_and_the_rest_goes_by_steps() {
        let ours = story(&[
            ("", "one, !dbg !1"),
            ("A", "two"),
            ("B", "three"),
            ("C", "four"),
            ("D", "five"),
        ]);
        let theirs = story(&[
            ("", "one, !dbg !7"),
            ("A", "two"),
            ("X", "other"),
            ("C", "fourth"),
            ("E", "sixth"),
        ]);
        let found = Parting::of(&ours, &theirs);
        assert_eq!(found.first, Some(2));
        assert_eq!(found.against, [0, 1, 1, 3, 4]);
        let same = Parting::of(&ours, &ours);
        assert_eq!(same.first, None);
        assert_eq!(same.against, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_run_that_goes_on_parts_from_one_that_ends() {
        let long = story(&[("", "one"), ("A", "two"), ("B", "three")]);
        let short = story(&[("", "one"), ("A", "two")]);
        assert_eq!(Parting::of(&long, &short).first, Some(2));
        assert_eq!(Parting::of(&long, &short).against, [0, 1, 1]);
        assert_eq!(Parting::of(&short, &long).first, Some(1));
    }
}
