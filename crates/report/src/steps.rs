//! A run's states as lists of line numbers: each step is written as what it makes of the state before it.
//!
//! The script goes from a state that stands there whole, one for each block, to the one that is wanted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use diff_view::{Diff, Function, PairKind, Prepared, Row, Tag, Tone, diff_prepared, layout};
use serde::Serialize;
use trace::AdRole;
use view_model::links::Links;
use view_model::marks::{self, Mark, Points, RoleCounts};
use view_model::story::{Change, Story};

use crate::lines::{Lines, length, visible};

/// Steps of a block.
pub const BLOCK: usize = 64;

/// A run, ready to be written down.
#[derive(Default)]
pub struct Encoded {
    /// The states.
    pub states: Vec<Known>,
    /// Their steps, in blocks.
    pub blocks: Vec<Block>,
    /// The comparison that people mean by the difference, where there are two such states.
    pub main: Option<Main>,
}

/// What is told of a state without its lines.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What its step did.
    pub change: Change,
    /// Instructions by role, and how many there are of which it is not known.
    pub roles: RoleCounts,
}

/// States that follow each other: one of them whole, and the steps from it on.
#[derive(Serialize)]
pub struct Block {
    /// Lines of the whole one.
    pub l: Vec<u32>,
    /// Their marks.
    pub m: Vec<u32>,
    /// The states that made them.
    pub a: Vec<usize>,
    /// The last states that changed them, 0 for none.
    pub c: Vec<usize>,
    /// The steps.
    pub s: Vec<Step>,
}

/// What a step makes of the lines before it.
#[derive(Debug, Default, Serialize)]
pub struct Step {
    /// Runs of pairs: kind, first line before, first line after (−1 for none), and how many.
    pub p: Vec<i64>,
    /// The lines after that are not those before.
    pub n: Vec<u32>,
    /// Changed words, by the pair's place: first and length, before and after.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub w: BTreeMap<usize, [Vec<usize>; 2]>,
    /// Pairs that look the same and have an operand that is another value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub o: Vec<usize>,
    /// Marks that are not those of the line before: line and mark.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub m: Vec<u32>,
}

/// The difference between two states that are no neighbours.
#[derive(Serialize)]
pub struct Main {
    /// The state before.
    pub before: usize,
    /// The state after.
    pub after: usize,
    /// What the one makes of the other.
    pub d: Step,
    /// The rows, for those who read without a script.
    #[serde(skip)]
    pub rows: Vec<Row>,
    /// How many lines are new, and how many are gone.
    #[serde(skip)]
    pub count: (usize, usize),
}

/// Kinds of pairs, as the script knows them.
mod kind {
    pub const SAME: i64 = 0;
    pub const RENUMBERED: i64 = 1;
    pub const ATTRIBUTES: i64 = 2;
    pub const MOVED: i64 = 3;
    pub const CHANGED: i64 = 4;
    pub const REMOVED: i64 = 5;
    pub const ADDED: i64 = 6;
}

/// Writes a run down, the one of this number.
pub fn encode(story: &Story, run: usize, lines: &mut Lines) -> Encoded {
    let count = story.states.len();
    if count == 0 {
        return Encoded::default();
    }
    let read = |at: usize| -> Arc<Function> {
        let text = story.trace.text(story.states[at].text);
        Arc::new(Function::parse(&text.unwrap_or_default()))
    };
    let explained = story.trace.explained.as_ref();
    let first = read(0);
    let first_visible = visible(&first);
    lines.now = (run, 0);
    let first_lines: Vec<u32> = numbers(&first, &first_visible, lines);
    // Where the engine told it of every text, that is what counts.
    let told = |at: usize, function: &Function| {
        let parts = story.trace.roles_of(story.states[at].text);
        parts
            .and_then(|parts| marks::of_derivative(function, &parts))
            .unwrap_or_else(|| unmarked(function))
    };
    let mut marked = vec![told(0, &first)];
    let mut shown = vec![first_visible];
    let mut links = Vec::new();
    let mut steps = Vec::with_capacity(count.saturating_sub(1));
    let mut changes = vec![Change::Nothing];
    let mut last = first;
    // So many are compared at once, and no more are kept.
    const AT_ONCE: usize = 32;
    let mut from = 1;
    while from < count {
        let to = (from + AT_ONCE).min(count);
        let mut functions = vec![Arc::clone(&last)];
        functions.extend((from..to).map(read));
        for diff in compared(&functions) {
            let after = visible(&diff.after);
            let before = shown.last().expect("there is one before it");
            lines.now = (run, steps.len() + 1);
            steps.push(step(&diff, before, &after, lines));
            changes.push(Change::of(&diff));
            links.push(if explained.is_some() {
                Links::of(&diff)
            } else {
                Links::default()
            });
            marked.push(told(marked.len(), &diff.after));
            shown.push(after);
        }
        last = functions.pop().expect("there is one at least");
        from = to;
    }
    if let Some(explained) = explained {
        let points = Points {
            primal: story.at_point(trace::Point::Preprocessed),
            derivative: story.at_point(trace::Point::Derivative),
            last: story.at_point(trace::Point::Final),
            explained,
        };
        marks::fill_all(&mut marked, &links, &points);
    }
    let states = changes
        .into_iter()
        .zip(&marked)
        .map(|(change, marks)| Known {
            change,
            roles: marks::count(marks),
        })
        .collect();
    let marks: Vec<Vec<u32>> = marked
        .iter()
        .zip(&shown)
        .map(|(marks, shown)| shown.iter().map(|&line| number_of(marks[line])).collect())
        .collect();
    Encoded {
        states,
        blocks: blocks(first_lines, steps, &marks),
        main: main(story, lines, &read),
    }
}

/// The difference from the prepared function to the end, or what comes closest to that.
fn main(story: &Story, lines: &mut Lines, read: &dyn Fn(usize) -> Arc<Function>) -> Option<Main> {
    let after = story.states.len() - 1;
    let before = story
        .at_point(trace::Point::Prepared)
        .filter(|&before| before < after);
    let before = before.unwrap_or(0);
    let diff = compared(&[read(before), read(after)]).pop()?;
    let rows = lines.with_options(|options| {
        let hunks = diff_view::hunks(&diff, 3, options.show, options.detail);
        layout::unified(&diff, &hunks, options)
    });
    let shown = (visible(&diff.before), visible(&diff.after));
    Some(Main {
        before,
        after,
        d: step(&diff, &shown.0, &shown.1, lines),
        rows,
        count: diff.shown_lines(diff_view::Show::Real, diff_view::Detail::CODE),
    })
}

/// Compares each function with the next one, on as many threads as there are cores.
fn compared(functions: &[Arc<Function>]) -> Vec<Diff> {
    let pairs: Vec<&[Arc<Function>]> = functions.windows(2).collect();
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
    let each = pairs.len().div_ceil(cores).max(1);
    let compare = |pairs: &[&[Arc<Function>]]| -> Vec<Diff> {
        let of = |pair: &&[Arc<Function>]| {
            diff_prepared(&Prepared::of(&pair[0]), &Prepared::of(&pair[1]), None)
        };
        pairs.iter().map(of).collect()
    };
    if pairs.len() < 4 {
        return compare(&pairs);
    }
    thread::scope(|scope| {
        let parts: Vec<_> = pairs
            .chunks(each)
            .map(|part| scope.spawn(move || compare(part)))
            .collect();
        let done = parts.into_iter().flat_map(|part| match part.join() {
            Ok(diffs) => diffs,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    })
}

fn unmarked(function: &Function) -> Vec<Mark> {
    marks::unmarked(function)
}

fn numbers(function: &Function, shown: &[usize], lines: &mut Lines) -> Vec<u32> {
    shown
        .iter()
        .map(|&line| lines.number(&function.lines[line]))
        .collect()
}

/// A mark as one number: the instruction of the primal, the role, and whether an instruction begins.
fn number_of(mark: Mark) -> u32 {
    let role = mark.role.map_or(0, |role| {
        let place = AdRole::ALL.iter().position(|other| *other == role);
        place.map_or(0, |place| place as u32 + 1)
    });
    mark.of.unwrap_or(0) << 4 | role << 1 | u32::from(mark.begins)
}

/// One step. `before` and `after` are the lines that are shown.
pub fn step(diff: &Diff, before: &[usize], after: &[usize], lines: &mut Lines) -> Step {
    let place = |shown: &[usize], count: usize| {
        let mut places = vec![None; count];
        for (place, &line) in shown.iter().enumerate() {
            places[line] = Some(place);
        }
        places
    };
    let places_before = place(before, diff.before.lines.len());
    let places_after = place(after, diff.after.lines.len());
    let mut step = Step::default();
    let mut runs: Vec<[i64; 4]> = Vec::new();
    let mut count = 0;
    for pair in &diff.pairs {
        let at_before = pair.before.and_then(|line| places_before[line]);
        let at_after = pair.after.and_then(|line| places_after[line]);
        let kind = match (at_before, at_after, pair.kind) {
            (None, None, _) => continue,
            (Some(_), None, _) => kind::REMOVED,
            (None, Some(_), _) => kind::ADDED,
            (_, _, PairKind::Same) => kind::SAME,
            (_, _, PairKind::Renamed) => kind::RENUMBERED,
            (_, _, PairKind::Moved) => kind::MOVED,
            _ => match pair.tag {
                Tag::Real | Tag::Renaming => kind::CHANGED,
                Tag::Attributes => kind::ATTRIBUTES,
                Tag::Metadata | Tag::DebugInfo => kind::SAME,
            },
        };
        // What looks otherwise is not taken from the line before.
        let kind = match (pair.before, pair.after) {
            (Some(before), Some(after))
                if kind == kind::SAME
                    && lines.number(&diff.before.lines[before])
                        != lines.number(&diff.after.lines[after]) =>
            {
                kind::ATTRIBUTES
            }
            _ => kind,
        };
        if kind == kind::CHANGED {
            emphasis(diff, pair, count, lines, &mut step);
        }
        let number = |place: Option<usize>| place.map_or(-1, |place| place as i64);
        let (first, second) = (number(at_before), number(at_after));
        match runs.last_mut() {
            Some([last, before, after, length])
                if *last == kind
                    && (first < 0 || *before + *length == first)
                    && (second < 0 || *after + *length == second) =>
            {
                *length += 1;
            }
            _ => runs.push([kind, first, second, 1]),
        }
        count += 1;
    }
    let mut named = vec![false; after.len()];
    for [kind, _, after, length] in &runs {
        if *after >= 0 && *kind != kind::SAME {
            named[*after as usize..(*after + *length) as usize].fill(true);
        }
    }
    for (at, &line) in after.iter().enumerate() {
        if named[at] {
            step.n.push(lines.number(&diff.after.lines[line]));
        }
    }
    step.p = runs.into_iter().flatten().collect();
    step
}

/// Which words of a changed pair have changed.
fn emphasis(diff: &Diff, pair: &diff_view::Pair, at: usize, lines: &Lines, step: &mut Step) {
    let rows = lines.with_options(|options| layout::unified_pair(diff, pair, options));
    let words = |row: &Row| -> Vec<usize> {
        let mut found = Vec::new();
        let mut start = 0;
        // The sign stands first.
        for (text, span) in row.pieces().skip(1) {
            let length = length(text);
            if span.style.emphasis {
                match found.as_mut_slice() {
                    [.., first, count] if *first + *count == start => *count += length,
                    _ => found.extend([start, length]),
                }
            }
            start += length;
        }
        found
    };
    if let [before, after] = rows.as_slice() {
        let found = [words(before), words(after)];
        if found.iter().any(|words| !words.is_empty()) {
            step.w.insert(at, found);
        }
        let ends = after.pieces().last();
        if ends
            .is_some_and(|(_, span)| span.style.tone == Tone::Muted && span.style.syntax.is_none())
            && before.text().len() < after.text().len()
            && after
                .text()
                .get(1..)
                .is_some_and(|text| text.starts_with(&before.text()[1..]))
        {
            step.o.push(at);
        }
    }
}

/// Puts steps into blocks, with what a state needs that stands whole, and with the marks that cannot be told from
/// the state before.
fn blocks(first: Vec<u32>, steps: Vec<Step>, marks: &[Vec<u32>]) -> Vec<Block> {
    let mut state = State {
        lines: first,
        marks: marks[0].clone(),
        made: vec![0; marks[0].len()],
        changed: vec![0; marks[0].len()],
    };
    let mut blocks = vec![state.block()];
    for (at, mut step) in (1..).zip(steps) {
        if blocks.last().is_some_and(|block| block.s.len() == BLOCK) {
            blocks.push(state.block());
        }
        state.apply(&mut step, at, &marks[at]);
        if let Some(block) = blocks.last_mut() {
            block.s.push(step);
        }
    }
    blocks
}

struct State {
    lines: Vec<u32>,
    marks: Vec<u32>,
    made: Vec<usize>,
    changed: Vec<usize>,
}

impl State {
    fn block(&self) -> Block {
        Block {
            l: self.lines.clone(),
            m: self.marks.clone(),
            a: self.made.clone(),
            c: self.changed.clone(),
            s: Vec::new(),
        }
    }

    /// Does what the script does, and notes the marks that the script would get wrong.
    fn apply(&mut self, step: &mut Step, at: usize, marks: &[u32]) {
        let count = marks.len();
        let mut next = State {
            lines: vec![0; count],
            // A line that is new begins an instruction.
            marks: vec![1; count],
            made: vec![at; count],
            changed: vec![0; count],
        };
        let mut is_named = vec![false; count];
        for run in step.p.chunks_exact(4) {
            let [kind, before, after, length] = *run else {
                continue;
            };
            if after < 0 {
                continue;
            }
            for place in 0..length {
                let to = (after + place) as usize;
                is_named[to] = kind != kind::SAME;
                if before < 0 {
                    continue;
                }
                let from = (before + place) as usize;
                next.lines[to] = self.lines[from];
                next.marks[to] = self.marks[from];
                next.made[to] = self.made[from];
                next.changed[to] = match kind {
                    kind::CHANGED | kind::ATTRIBUTES => at,
                    _ => self.changed[from],
                };
            }
        }
        let mut named = step.n.iter();
        for (to, _) in is_named.iter().enumerate().filter(|(_, named)| **named) {
            if let Some(&line) = named.next() {
                next.lines[to] = line;
            }
        }
        for (line, (own, &wanted)) in next.marks.iter_mut().zip(marks).enumerate() {
            if *own != wanted {
                step.m
                    .extend([u32::try_from(line).unwrap_or(u32::MAX), wanted]);
                *own = wanted;
            }
        }
        *self = next;
    }
}
