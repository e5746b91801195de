//! A function's states in a trace, one after each step that changed it, and the names of steps.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use diff_view::{Counts, Diff, Function, Prepared, Show};
use trace::{Part, Point, Step, TextId, Trace};

/// No one state of a history is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Several may be.
    #[error("{wanted} could be any of {} steps", ids.len())]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// Their names.
        ids: Vec<String>,
    },
    /// The input is meant.
    #[error("the input is no step")]
    Input,
    /// None of those that changed the function is.
    #[error("no step that changed the function is called {wanted}")]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// How often a step of that name ran that changed nothing in it.
        ran: usize,
        /// Names of the steps that changed it.
        ids: Vec<String>,
    },
}

/// The states of the watched function, the first one its input.
pub struct History<'t> {
    /// The trace that it is read from.
    pub trace: &'t Trace,
    /// The states, in their order.
    pub states: Vec<State<'t>>,
}

/// The function after one step.
pub struct State<'t> {
    /// The step's name, or the point's for the first.
    pub id: String,
    /// Position in [`Trace::steps`]; none for the input.
    pub step: Option<usize>,
    /// Symbol of the function: the primal, Enzyme's clone of it, or the derivative.
    pub function: &'t str,
    /// Its text.
    pub text: String,
    /// How it differs from the state before; none for the input.
    pub diff: Option<Diff>,
    /// Lines added and removed since the state before.
    pub counts: Counts,
    /// How many instructions it has.
    pub instructions: usize,
}

impl<'t> History<'t> {
    /// Follows the watched function through the trace. A step that only renumbered is none.
    ///
    /// Of a trace of every function, `function` is the symbol of the one to follow. Of a derivative
    /// that was split, it is the half that takes the tape.
    /// Differences that are known already need not be worked out again.
    pub fn of(trace: &'t Trace, function: Option<&str>, known: Known) -> Option<Self> {
        let names = trace.differentiated.as_ref();
        let other = names.and_then(|names| names.augmented.as_deref());
        Self::without(other, trace, function, known)
    }

    /// Follows the primal to the other half of a derivative that was split, the augmented primal.
    pub fn of_augmented(trace: &'t Trace) -> Option<Self> {
        let names = trace.differentiated.as_ref()?;
        names.augmented.as_ref()?;
        Self::without(Some(&names.derivative), trace, None, Known::new())
    }

    /// Follows a function, but never into `other`.
    fn without(
        other: Option<&str>,
        trace: &'t Trace,
        function: Option<&str>,
        known: Known,
    ) -> Option<Self> {
        let input = trace.points.iter().find(|point| {
            point.point == Point::Input && function.is_none_or(|wanted| point.function == wanted)
        })?;
        let text = trace.text(input.text)?;
        let mut states = vec![State {
            id: "input".to_owned(),
            step: None,
            function: &input.function,
            instructions: Function::parse(&text).instructions(),
            text,
            diff: None,
            counts: Counts::default(),
        }];
        let mut found = vec![(None, input.function.as_str(), input.text)];
        for (at, step) in trace.steps.iter().enumerate() {
            let mut changed = step.changed.iter();
            let changed = changed.find(|changed| {
                function.is_none_or(|wanted| changed.function == wanted)
                    && other.is_none_or(|other| changed.function != other)
            });
            let Some(changed) = changed else { continue };
            if found.last().is_some_and(|(.., last)| *last != changed.text) {
                found.push((Some(at), changed.function.as_str(), changed.text));
            }
        }
        let texts: Option<Vec<String>> = found.iter().map(|(.., id)| trace.text(*id)).collect();
        let texts = texts?;
        let ids: Vec<TextId> = found.iter().map(|(.., id)| *id).collect();
        let diffs = diffs(&ids, &texts, known);
        let found = found.into_iter().zip(texts).skip(1);
        for (((at, function, _), text), diff) in found.zip(diffs) {
            let last = states.last_mut()?;
            if !diff.differs(Show::All) && last.function == function {
                last.text = text;
                continue;
            }
            states.push(State {
                id: id_of(&trace.steps[at?]),
                step: at,
                function,
                text,
                counts: diff.counts(),
                instructions: diff.after.instructions(),
                diff: Some(diff),
            });
        }
        Some(History { trace, states })
    }

    /// A state's name for a column: the unit is left out where it is the function itself, and so is what
    /// the names of passes end with.
    pub fn short_id(&self, state: &State<'_>) -> String {
        match state.step {
            Some(step) => short_id_of(&self.trace.steps[step], Some(state.function)),
            None => state.id.clone(),
        }
    }

    /// What each instruction of a state is there for, where that is told.
    pub fn roles(&self, state: &State<'_>) -> Option<Vec<Part>> {
        let changed = &self.trace.steps[state.step?].changed;
        let own = changed
            .iter()
            .find(|changed| changed.function == state.function)?;
        self.trace.roles_of(own.text)
    }

    /// Runs of states after which the function is what it was before them: what one pass wants, and another
    /// takes back.
    pub fn round_trips(&self) -> Vec<Range<usize>> {
        /// How many steps a run has at most.
        const LONGEST: usize = 12;
        let mut found = Vec::new();
        let mut at = 1;
        while at < self.states.len() {
            let before = &self.states[at - 1];
            let last = (at + LONGEST).min(self.states.len());
            let end = (at + 1..last).rev().find(|&end| {
                let after = &self.states[end];
                // Equal ones are as long, which is seen at once.
                after.function == before.function
                    && after.instructions == before.instructions
                    && after.instructions <= 2000
                    && !diff_view::diff(&before.text, &after.text, None).differs(Show::Real)
            });
            match end {
                Some(end) => {
                    found.push(at..end + 1);
                    at = end + 1;
                }
                None => at += 1,
            }
        }
        found
    }

    /// True for a step on something that the function is in, and for one that changed something
    /// around it. What passes do to other functions is not counted: it says nothing about this one,
    /// and how much of it there is depends on how much of the module LLVM was given.
    pub fn concerns(&self, step: &Step) -> bool {
        let functions = &step.unit.functions;
        functions.is_empty()
            || !step.changed.is_empty()
            || !step.notes.is_empty()
            || functions
                .iter()
                .any(|name| self.states.iter().any(|state| state.function == name))
    }

    /// Position of the one state that `wanted` names: a point, a whole id, or parts of one in
    /// their order (`sroa`, `cleanup/SROAPass`, `SROAPass/loss/2`).
    pub fn find(&self, wanted: &str) -> Result<usize, StepError> {
        if let Some(at) = self.at_point(wanted) {
            return Ok(at);
        }
        let is_called = |state: &State<'_>| state.id == wanted || self.short_id(state) == wanted;
        if let Some(at) = self.states.iter().position(is_called) {
            return Ok(at);
        }
        let found: Vec<usize> = (0..self.states.len())
            .filter(|&at| self.matches(at, wanted))
            .collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(self.unknown(wanted)),
            several => Err(StepError::Ambiguous {
                wanted: wanted.to_owned(),
                ids: several
                    .iter()
                    .map(|&at| self.states[at].id.clone())
                    .collect(),
            }),
        }
    }

    /// The last state that belongs to a named point.
    fn at_point(&self, wanted: &str) -> Option<usize> {
        let point = Point::ALL
            .into_iter()
            .find(|point| point.to_string() == wanted)?;
        let found = self.trace.points.iter().find(|found| {
            found.point == point
                && self
                    .states
                    .iter()
                    .any(|state| state.function == found.function)
        })?;
        let text = self.trace.text(found.text)?;
        self.states
            .iter()
            .rposition(|state| state.text == text && state.function == found.function)
            .or_else(|| {
                // The point's text may be numbered otherwise than the step's.
                self.states.iter().rposition(|state| {
                    state.function == found.function
                        && !diff_view::diff(&state.text, &text, None).differs(Show::All)
                })
            })
    }

    fn matches(&self, at: usize, wanted: &str) -> bool {
        let Some(step) = self.states[at].step.map(|step| &self.trace.steps[step]) else {
            return false;
        };
        let unit = unit_name(&step.unit.name);
        let pass = short_pass(&step.pass);
        let nth = step.nth.to_string();
        // Each part with every name that it goes by.
        let mut parts = [
            [step.stage.as_str(), "", ""],
            [step.pass.as_str(), step.pipeline_name.as_str(), pass],
            [step.unit.name.as_str(), unit.as_str(), ""],
            [nth.as_str(), "", ""],
        ]
        .into_iter();
        wanted.split('/').all(|word| {
            parts.by_ref().any(|names| {
                names.iter().any(|name| {
                    *name == word
                        || name.ends_with(&format!("::{word}"))
                        || name.ends_with(&format!("::{word}>"))
                })
            })
        })
    }

    fn unknown(&self, wanted: &str) -> StepError {
        let is_meant = |step: &&Step| {
            id_of(step) == wanted || step.pass == wanted || step.pipeline_name == wanted
        };
        let states = self.states.iter().skip(1);
        StepError::Unknown {
            wanted: wanted.to_owned(),
            ran: self.trace.steps.iter().filter(is_meant).count(),
            ids: states.map(|state| state.id.clone()).collect(),
        }
    }
}

/// Differences by the ids of the texts that they are between.
pub type Known = HashMap<(TextId, TextId), Diff>;

/// The difference between each text and the one before it; what is not known is worked out on
/// every core.
fn diffs(ids: &[TextId], texts: &[String], mut known: Known) -> Vec<Diff> {
    let known: Vec<Option<Diff>> = ids
        .windows(2)
        .map(|ids| known.remove(&(ids[0], ids[1])))
        .collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = known.len().div_ceil(cores).max(1);
    let mut known = known.into_iter();
    thread::scope(|scope| {
        let mut workers = Vec::new();
        // A text stands in the share that ends with it and in the one that begins with it.
        for texts in texts.windows(2).collect::<Vec<_>>().chunks(share) {
            let known: Vec<Option<Diff>> = known.by_ref().take(share).collect();
            let texts = texts.to_vec();
            workers.push(scope.spawn(move || chain(&texts, known)));
        }
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("comparing texts does not panic"))
            .collect()
    })
}

/// Works out what is not known of a row of texts, each of which is parsed once.
fn chain(pairs: &[&[String]], known: Vec<Option<Diff>>) -> Vec<Diff> {
    let parse = |text: &String| Prepared::of(&Arc::new(Function::parse(text)));
    let mut last: Option<Prepared> = None;
    pairs
        .iter()
        .zip(known)
        .map(|(texts, known)| {
            let before = last.take();
            if let Some(known) = known {
                return known;
            }
            let before = before.unwrap_or_else(|| parse(&texts[0]));
            let after = parse(&texts[1]);
            let diff = diff_view::diff_prepared(&before, &after, None);
            last = Some(after);
            diff
        })
        .collect()
}

/// Works differences out while the engine is still running its passes.
pub struct Ahead {
    sender: mpsc::Sender<(TextId, String)>,
    /// One keeps up with the engine; what is left when that ends, every core helps with.
    worker: thread::JoinHandle<Known>,
    stop: Arc<AtomicBool>,
    last: Option<TextId>,
    steps: usize,
}

impl Default for Ahead {
    fn default() -> Self {
        Ahead::new()
    }
}

impl Ahead {
    /// Begins with nothing.
    pub fn new() -> Self {
        let (sender, receiver) = mpsc::channel::<(TextId, String)>();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let worker = thread::spawn(move || {
            let mut known = Known::new();
            let mut last: Option<(TextId, Prepared)> = None;
            for (id, text) in receiver {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let after = Prepared::of(&Arc::new(Function::parse(&text)));
                if let Some((before_id, before)) = &last {
                    let diff = diff_view::diff_prepared(before, &after, None);
                    known.insert((*before_id, id), diff);
                }
                last = Some((id, after));
            }
            known
        });
        Ahead {
            sender,
            worker,
            stop,
            last: None,
            steps: 0,
        }
    }

    /// Looks at what a trace has grown by.
    pub fn look(&mut self, trace: &Trace) {
        if self.last.is_none()
            && let Some(first) = trace.points.first()
        {
            self.send(first.text, trace);
        }
        // A request that is made again is prepared as it was the first time.
        for step in trace.steps.get(self.steps..).unwrap_or_default() {
            if let Some(changed) = step.changed.first()
                && self.last != Some(changed.text)
            {
                self.send(changed.text, trace);
            }
        }
        self.steps = self.steps.max(trace.steps.len());
    }

    fn send(&mut self, id: TextId, trace: &Trace) {
        self.last = Some(id);
        if let Some(text) = trace.text(id) {
            // A worker that is gone leaves the work for later.
            let _ = self.sender.send((id, text));
        }
    }

    /// What was worked out so far.
    pub fn finish(self) -> Known {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.sender);
        self.worker.join().unwrap_or_default()
    }
}

/// A step's name with the unit's names demangled.
pub fn id_of(step: &Step) -> String {
    format!(
        "{}/{}/{}/{}",
        step.stage,
        step.pass,
        unit_name(&step.unit.name),
        step.nth
    )
}

/// The same for a column. The unit is left out where it is `function`, and of its loop the loop is left.
pub fn short_id_of(step: &Step, function: Option<&str>) -> String {
    let own = |unit: &str| function.is_some_and(|function| unit == function);
    let unit = match step.unit.name.split_once(':') {
        Some((of, block)) if own(of) => Some(block.to_owned()),
        _ if own(&step.unit.name) => None,
        _ => Some(unit_name(&step.unit.name)),
    };
    let mut parts = vec![step.stage.clone(), short_pass(&step.pass).to_owned()];
    parts.extend(unit);
    parts.push(step.nth.to_string());
    parts.join("/")
}

/// A pass's name without what every pass's ends with.
fn short_pass(pass: &str) -> &str {
    match pass {
        "PostOrderFunctionAttrsPass" => "FnAttrs",
        "ReversePostOrderFunctionAttrsPass" => "ReverseFnAttrs",
        "InferFunctionAttrsPass" => "InferFnAttrs",
        _ => pass.strip_suffix("Pass").unwrap_or(pass),
    }
}

/// A unit's name with the symbols in it demangled: `f`, `f:loop`, `f,g`.
fn unit_name(unit: &str) -> String {
    let names: Vec<String> = unit
        .split(',')
        .map(|name| match name.split_once(':') {
            Some((function, block)) => format!("{}:{block}", ir_load::demangle(function)),
            None => ir_load::demangle(name).into_owned(),
        })
        .collect();
    names.join(",")
}
