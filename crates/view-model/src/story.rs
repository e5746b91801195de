//! A run as a row of states of the function that it is about, which grows while the engine works.

use std::collections::HashMap;

use diff_view::{Detail, Diff, Show};
use session::history::{id_of, short_id_of};
use trace::{Point, TextId, Trace};

use crate::growth::Growth;

/// A run, as far as it is known.
#[derive(Debug)]
pub struct Story {
    /// The run.
    pub trace: Trace,
    /// Of a run of every function, the symbol of the one that is followed.
    pub followed: Option<String>,
    /// The function before any step, and after each step that changed it.
    pub states: Vec<State>,
    changes: HashMap<(TextId, TextId), Change>,
    looked_at: usize,
    is_split: bool,
}

/// The function after one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The step's name, or `input`.
    pub id: String,
    /// The same for a column.
    pub short: String,
    /// The stage that the step is in; empty for the input.
    pub stage: String,
    /// Position among the trace's steps.
    pub step: Option<usize>,
    /// Symbol of the function: the primal, Enzyme's clone of it, or the derivative.
    pub function: String,
    /// Its text.
    pub text: TextId,
}

/// What a step did to the function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// It has not been compared yet.
    #[default]
    Unknown,
    /// It gave numbers anew, and nothing else.
    Nothing,
    /// It changed attributes or metadata only.
    Attributes,
    /// It changed what the function does.
    Real {
        /// Lines that are new.
        added: usize,
        /// Lines that are gone.
        removed: usize,
    },
}

impl Change {
    /// What stands between two texts.
    pub fn of(diff: &Diff) -> Self {
        if diff.differs(Show::Real) {
            let (added, removed) = diff.shown_lines(Show::Real, Detail::CODE);
            Change::Real { added, removed }
        } else if diff.differs(Show::All) {
            Change::Attributes
        } else {
            Change::Nothing
        }
    }
}

impl Story {
    /// A run; of one of every function, `followed` is the symbol of the one to follow.
    pub fn of(trace: Trace, followed: Option<String>) -> Self {
        let mut story = Story {
            trace,
            followed,
            states: Vec::new(),
            changes: HashMap::new(),
            looked_at: 0,
            is_split: false,
        };
        story.look();
        story
    }

    /// Takes in what the run has grown by.
    pub fn grow(&mut self, growth: Growth) {
        growth.grow(&mut self.trace);
        self.look();
    }

    /// What the step that led to a state did; nothing for the input.
    pub fn change(&self, at: usize) -> Change {
        match at.checked_sub(1).and_then(|before| self.states.get(before)) {
            Some(before) => {
                let key = (before.text, self.states[at].text);
                self.changes.get(&key).copied().unwrap_or_default()
            }
            None => Change::Nothing,
        }
    }

    /// Notes what was found of two texts.
    pub fn learn(&mut self, before: TextId, after: TextId, change: Change) {
        self.changes.insert((before, after), change);
    }

    /// The texts before and after a state's step; of the input, its own twice.
    pub fn texts_of(&self, at: usize) -> (TextId, TextId) {
        let after = self.states[at].text;
        let before = at.checked_sub(1).map_or(after, |at| self.states[at].text);
        (before, after)
    }

    /// The pairs of neighbours that have not been compared.
    pub fn unknown(&self) -> Vec<(TextId, TextId)> {
        let pairs = (1..self.states.len()).filter(|&at| self.change(at) == Change::Unknown);
        pairs.map(|at| self.texts_of(at)).collect()
    }

    /// The last state that has the text of a named point, or what comes closest to it.
    pub fn at_point(&self, point: Point) -> Option<usize> {
        let found = self
            .trace
            .points
            .iter()
            .rfind(|found| found.point == point)?;
        let mut states = self.states.iter();
        let same = states.rposition(|state| state.text == found.text);
        same.or_else(|| {
            // Numbers may have been given anew since.
            let is_last = matches!(point, Point::Final | Point::Prepared | Point::Preprocessed);
            let of_function = |state: &State| state.function == found.function;
            match is_last {
                true => self.states.iter().rposition(of_function),
                false => self.states.iter().position(of_function),
            }
        })
    }

    /// The position of the state that has this name, in full or as a column has it, or the first whose name
    /// begins so; or of the point of this name.
    pub fn find(&self, wanted: &str) -> Option<usize> {
        let is_called = |state: &State| state.id == wanted || state.short == wanted;
        let begins =
            |state: &State| state.id.starts_with(wanted) || state.short.starts_with(wanted);
        let mut found = self.states.iter().position(is_called);
        if found.is_none() && wanted.contains('/') {
            found = self.states.iter().position(begins);
        }
        found.or_else(|| {
            let point = Point::ALL
                .into_iter()
                .find(|point| point.to_string() == wanted)?;
            self.at_point(point)
        })
    }

    /// Looks at the steps that are new. Who is who is known once the derivative is there.
    fn look(&mut self) {
        let augmented = self
            .trace
            .differentiated
            .as_ref()
            .and_then(|names| names.augmented.clone());
        if augmented.is_some() != self.is_split {
            self.is_split = augmented.is_some();
            self.states.clear();
            self.looked_at = 0;
        }
        let is_followed = |symbol: &str| {
            self.followed
                .as_deref()
                .is_none_or(|wanted| wanted == symbol)
        };
        if self.states.is_empty() {
            let mut points = self.trace.points.iter();
            let input = points.find(|p| p.point == Point::Input && is_followed(&p.function));
            let Some(input) = input else { return };
            self.states.push(State {
                id: "input".to_owned(),
                short: "input".to_owned(),
                stage: String::new(),
                step: None,
                function: input.function.clone(),
                text: input.text,
            });
        }
        for (at, step) in self.trace.steps.iter().enumerate().skip(self.looked_at) {
            let mut changed = step.changed.iter();
            let changed = changed.find(|changed| {
                is_followed(&changed.function) && augmented.as_ref() != Some(&changed.function)
            });
            let Some(changed) = changed else { continue };
            if self
                .states
                .last()
                .is_some_and(|last| last.text == changed.text)
            {
                continue;
            }
            self.states.push(State {
                id: id_of(step),
                short: short_id_of(step, Some(&changed.function)),
                stage: step.stage.clone(),
                step: Some(at),
                function: changed.function.clone(),
                text: changed.text,
            });
        }
        self.looked_at = self.trace.steps.len();
    }
}
