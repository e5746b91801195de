//! A run that is shown: what was asked, how far it is, and what is known of it beside its states.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use diff_view::{Function, Row};
use trace::{AdOptions, Mode, Point, TextId};

use crate::links::{Linked, Links};
use crate::marks::{self, Mark};
use crate::story::Story;

/// What a run is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// The file, as it stands on a command line.
    pub file: String,
    /// The function's symbol; empty in a saved run until that is read.
    pub symbol: String,
    /// How it is differentiated; none for a function as it stands in its file.
    pub ad: Option<AdOptions>,
    /// It was saved: there is nothing to run again.
    pub is_saved: bool,
}

impl Ask {
    /// The mode, if it is differentiated.
    pub fn mode(&self) -> Option<Mode> {
        self.ad.as_ref().map(|ad| ad.mode)
    }
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// The engine is at work.
    Working,
    /// It came to its end.
    Done,
    /// It ended early; why, in words.
    Failed(Vec<Row>),
    /// Somebody stopped it.
    Stopped,
}

/// What was asked for beside a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// Nobody has asked.
    #[default]
    No,
    /// It is being worked out.
    Waiting,
    /// It is there.
    Here,
    /// It cannot be had.
    Failed,
}

/// A run that is shown.
#[derive(Debug)]
pub struct Run {
    /// What it is of.
    pub ask: Ask,
    /// Its states.
    pub story: Story,
    /// How far it is.
    pub status: Status,
    /// Whether the roles of instructions were asked for.
    pub roles: Asked,
    /// Whether numbers on lines were asked for.
    pub values: Asked,
    /// Whether somebody looks for the place where it goes wrong.
    pub locating: Asked,
    /// What was found of that, in words.
    pub located: Vec<Row>,
    /// The signature, the verdict and reasons to doubt, in words.
    pub heading: Vec<Row>,
    /// Functions that were read, for their marks.
    pub functions: HashMap<TextId, Arc<Function>>,
    links: HashMap<(TextId, TextId), Arc<Links>>,
    links_size: usize,
    marks: RefCell<HashMap<usize, Arc<Vec<Mark>>>>,
}

/// More than this, in bytes, is not kept of which line is which.
const MOST_LINKS: usize = 64 << 20;

/// What became of a line on the way to another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// It is this line there.
    Line(usize),
    /// It is not there: the last state on the way that has it, which of its lines it is, and the state that has
    /// it no more.
    Gone {
        /// The last state that has it.
        last: usize,
        /// Its line there.
        line: usize,
        /// The state that has it no more.
        at: usize,
    },
    /// Not all on the way has been compared yet.
    Unknown,
}

impl Run {
    /// A run of which nothing is known yet.
    pub fn new(ask: Ask, story: Story) -> Self {
        let roles = match story.trace.explained {
            Some(_) => Asked::Here,
            None => Asked::No,
        };
        let values = match story.trace.values {
            Some(_) => Asked::Here,
            None => Asked::No,
        };
        Run {
            ask,
            story,
            status: Status::Working,
            roles,
            values,
            locating: Asked::No,
            located: Vec::new(),
            heading: Vec::new(),
            functions: HashMap::new(),
            links: HashMap::new(),
            links_size: 0,
            marks: RefCell::default(),
        }
    }

    /// Keeps which line is which between two texts.
    pub fn link(&mut self, before: TextId, after: TextId, links: &Arc<Links>) {
        let size = links.size();
        if self.links_size + size <= MOST_LINKS && !self.links.contains_key(&(before, after)) {
            self.links_size += size;
            self.links.insert((before, after), Arc::clone(links));
            self.forget_marks();
        }
    }

    /// Marks are made anew: there is more to know.
    pub fn forget_marks(&self) {
        self.marks.borrow_mut().clear();
    }

    fn links_to(&self, at: usize) -> Option<&Links> {
        let (before, after) = self.story.texts_of(at);
        self.links.get(&(before, after)).map(Arc::as_ref)
    }

    /// Follows a line from one state to another.
    pub fn follow(&self, from: usize, line: usize, to: usize) -> Followed {
        let mut line = line;
        let mut at = from;
        while at != to {
            let (next, found): (usize, Option<Option<Linked>>) = if at < to {
                (at + 1, self.links_to(at + 1).map(|links| links.forth(line)))
            } else {
                (at - 1, self.links_to(at).map(|links| links.back(line)))
            };
            match found {
                None => return Followed::Unknown,
                Some(None) => {
                    return Followed::Gone {
                        last: at,
                        line,
                        at: next,
                    };
                }
                Some(Some(linked)) => line = linked.line,
            }
            at = next;
        }
        Followed::Line(line)
    }

    /// The states that made a line, changed it last, and removed it.
    pub fn blame(&self, at: usize, line: usize) -> Blame {
        let mut blame = Blame {
            made: 0,
            changed: None,
            removed: None,
            is_whole: true,
        };
        let (mut here, mut own) = (at, line);
        while here > 0 {
            let Some(links) = self.links_to(here) else {
                blame.is_whole = false;
                break;
            };
            match links.back(own) {
                None => {
                    blame.made = here;
                    break;
                }
                Some(linked) => {
                    if linked.changed && blame.changed.is_none() {
                        blame.changed = Some(here);
                    }
                    own = linked.line;
                }
            }
            here -= 1;
        }
        let last = self.story.states.len().saturating_sub(1);
        match self.follow(at, line, last) {
            Followed::Gone { at, .. } => blame.removed = Some(at),
            Followed::Unknown => blame.is_whole = false,
            Followed::Line(_) => {}
        }
        blame
    }

    /// The function that a text is, where it has been read.
    pub fn function(&self, at: usize) -> Option<&Arc<Function>> {
        self.functions.get(&self.story.states.get(at)?.text)
    }

    /// What each line of a state is there for.
    pub fn marks(&self, at: usize) -> Option<Arc<Vec<Mark>>> {
        if let Some(known) = self.marks.borrow().get(&at) {
            return Some(Arc::clone(known));
        }
        let found = Arc::new(self.marked(at)?);
        self.marks.borrow_mut().insert(at, Arc::clone(&found));
        Some(found)
    }

    fn marked(&self, at: usize) -> Option<Vec<Mark>> {
        let function = self.function(at)?;
        let told = self
            .story
            .states
            .get(at)
            .and_then(|state| self.story.trace.roles_of(state.text));
        if let Some(marks) = told.and_then(|parts| marks::of_derivative(function, &parts)) {
            return Some(marks);
        }
        let Some(explained) = &self.story.trace.explained else {
            return Some(marks::unmarked(function));
        };
        let story = &self.story;
        let primal = story.at_point(Point::Preprocessed);
        let derivative = story.at_point(Point::Derivative);
        let last = story.at_point(Point::Final);
        let of_state = |state: usize| self.function(state);
        if primal.is_some_and(|primal| at <= primal) {
            let primal = primal?;
            let mut known =
                of_state(primal).and_then(|f| marks::of_primal(f, explained.primal.len()))?;
            // Back from where instructions are counted.
            for state in (at..primal).rev() {
                let mut own = marks::unmarked(of_state(state)?);
                marks::from_after(&mut own, self.links_to(state + 1)?, &known);
                known = own;
            }
            return Some(known);
        }
        let mut own = marks::unmarked(function);
        if derivative.is_none_or(|derivative| at < derivative) {
            return Some(own);
        }
        let derivative = derivative?;
        let made = of_state(derivative)
            .and_then(|function| marks::of_derivative(function, &explained.derivative));
        if let Some(mut known) = made {
            for state in derivative + 1..=at {
                let (Some(function), Some(links)) = (of_state(state), self.links_to(state)) else {
                    break;
                };
                let mut next = marks::unmarked(function);
                marks::from_before(&mut next, links, &known);
                known = next;
                if state == at {
                    own.clone_from(&known);
                }
            }
            if at == derivative {
                own = known;
            }
        }
        let end = last.and_then(|last| {
            let function = of_state(last)?;
            Some((last, marks::of_derivative(function, &explained.last)?))
        });
        if let Some((last, known)) = end.filter(|(last, _)| at <= *last) {
            if at == last {
                return Some(known);
            }
            let mut known = known;
            for state in (at..last).rev() {
                let (Some(function), Some(links)) = (of_state(state), self.links_to(state + 1))
                else {
                    return Some(own);
                };
                let mut before = match state == at {
                    true => own.clone(),
                    false => marks::unmarked(function),
                };
                marks::from_after(&mut before, links, &known);
                known = before;
            }
            own = known;
        }
        Some(own)
    }
}

/// A line's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blame {
    /// The state that has it first.
    pub made: usize,
    /// The last state, up to the one that was looked at, in which it says something else than before.
    pub changed: Option<usize>,
    /// The first state that has it no more.
    pub removed: Option<usize>,
    /// All that this takes has been compared.
    pub is_whole: bool,
}
