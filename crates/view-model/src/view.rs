//! A view: what of a run is shown, and how. It knows no terminal.

use diff_view::{Detail, Show};

use crate::code::{Settings, Shape, Source};
use crate::timeline::Kinds;

/// What stands before the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gutters {
    /// What an instruction of the derivative is there for, and the primal's number.
    pub role: bool,
    /// Enzyme's type of a value of the primal.
    pub types: bool,
    /// Whether a derivative flows through it.
    pub activity: bool,
    /// Whether it is kept for the reverse sweep.
    pub cache: bool,
    /// Its value at one point, with its adjoint or tangent.
    pub values: bool,
}

impl Gutters {
    /// True when one of them takes what Enzyme knows.
    pub fn need_roles(self) -> bool {
        self.role || self.types || self.activity || self.cache || self.values
    }

    /// Those that are on, in words.
    pub fn words(self) -> Vec<&'static str> {
        let all = [
            (self.role, "roles"),
            (self.types, "types"),
            (self.activity, "activity"),
            (self.cache, "cache"),
            (self.values, "values"),
        ];
        all.into_iter()
            .filter_map(|(is_on, word)| is_on.then_some(word))
            .collect()
    }
}

/// A line, by what it is and not by where it stands on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// The state that has it.
    pub state: usize,
    /// The line of its text.
    pub line: usize,
}

/// Two functions side by side: the primal, and a state of the derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// The state beside the one with the cursor.
    pub other: usize,
    /// The one with the cursor is the primal.
    pub on_primal: bool,
    /// Where the view was before.
    pub back_to: usize,
}

/// A run beside the one that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Along {
    /// The run.
    pub run: usize,
    /// The view is to go to where the two part, as soon as that is known.
    pub wants_parting: bool,
}

/// What the colours of code mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colours {
    /// What a token is.
    #[default]
    Syntax,
    /// What an instruction is there for.
    Roles,
}

/// What of a run is shown, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The run.
    pub run: usize,
    /// The state.
    pub at: usize,
    /// The state that it is compared with: a run's, instead of the one before.
    pub pin: Option<(usize, usize)>,
    /// That is of a run that goes along: each state is compared with the one of the same step.
    pub goes_along: Option<Along>,
    /// What of the code is shown.
    pub settings: Settings,
    /// What the colours of code mean.
    pub colours: Colours,
    /// What stands before the lines.
    pub gutters: Gutters,
    /// Which steps are listed.
    pub kinds: Kinds,
    /// A part of the names of those.
    pub filter: String,
    /// The line at the cursor.
    pub home: Home,
    /// That has been chosen, by a person or at the beginning.
    pub is_placed: bool,
    /// Rows between the top of the pane and the cursor.
    pub anchor: usize,
    /// Primal and derivative side by side.
    pub pairing: Option<Pairing>,
    /// What was searched for last.
    pub search: String,
}

impl View {
    /// A view of a run's beginning.
    pub fn of(run: usize) -> Self {
        View {
            run,
            at: 0,
            pin: None,
            goes_along: None,
            colours: Colours::Syntax,
            settings: Settings {
                shape: Shape::Unified,
                show: Show::Real,
                detail: Detail::CODE,
                folds: false,
                source: Source::Hidden,
            },
            gutters: Gutters::default(),
            kinds: Kinds::Real,
            filter: String::new(),
            home: Home::default(),
            is_placed: false,
            anchor: 0,
            pairing: None,
            search: String::new(),
        }
    }

    /// Compares with the step before again; true where it was compared with something else.
    pub fn unpin(&mut self) -> bool {
        self.goes_along = None;
        self.pin.take().is_some()
    }

    /// True when what is shown takes what Enzyme knows.
    pub fn needs_roles(&self) -> bool {
        self.gutters.need_roles()
            || self.pairing.is_some()
            || self.colours == Colours::Roles
            || self.settings.source == Source::Alone
    }

    /// What of the code is shown now.
    pub fn shown(&self) -> Settings {
        match self.pairing {
            Some(_) => Settings {
                shape: Shape::After,
                folds: false,
                ..self.settings
            },
            None => self.settings,
        }
    }
}
