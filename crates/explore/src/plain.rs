//! The same story line by line, for who listens to it and for who has no terminal to move about on.

use diff_view::{Detail, Function, PairKind, Show, printable};
use session::history::{History, Known};
use session::load::{Input, load_any};
use session::resolve::resolved;
use session::verdict::{hear_and_check, never};
use session::{mode, remedy, request};
use trace::{AdRole, Trace, Watch};
use view_model::marks::{Mark, of_derivative};

use crate::engines::of_trace;
use crate::start::{ExploreError, Start, Words};
use session::error::Error;

/// Tells the story, each line to `say`. A run that ends early is told as far as it goes, and then why.
pub fn plain(
    start: &Start,
    words: &dyn Words,
    say: &mut dyn FnMut(&str),
) -> Result<(), ExploreError> {
    const WIDTH: usize = 100_000;
    let wanted = start.function.as_deref();
    let (trace, followed, error) = match load_any(&start.path, start.module, wanted, start.limits)?
    {
        Input::Trace(trace, _) => {
            let (_, followed) = of_trace(&trace, wanted);
            (*trace, followed, None)
        }
        Input::Module(module) => {
            let mut module = *module;
            let wanted = wanted.ok_or(ExploreError::NoFunction)?;
            let symbol = module.resolve(wanted)?.symbol;
            let mode = mode::chosen(&module, &symbol, start.mode)?;
            let ad = resolved(&start.ad, mode, &module)?;
            start.slicing.cut(&mut module, &[&symbol])?;
            let request =
                request::differentiate(&module, &symbol, ad, Watch::StepsAndRoles, start.limits);
            let (answer, ended) = hear_and_check(
                &request,
                &module,
                start.checking.as_ref(),
                &mut |_| {},
                &never(),
            )?;
            let error = match &answer.trace.failure {
                Some(diagnosis) => {
                    let signature = answer.trace.signature.as_ref();
                    Some(Error::from(remedy::refused(
                        diagnosis, &request, &module, signature,
                    )))
                }
                None => ended.map(Error::from),
            };
            (answer.trace, None, error)
        }
    };
    for row in words.heading(&trace, WIDTH) {
        say(row.text());
    }
    tell(&trace, followed.as_deref(), say);
    match error {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// Each step that changes what the function does, and each of its lines with a word before it.
fn tell(trace: &Trace, followed: Option<&str>, say: &mut dyn FnMut(&str)) {
    let Some(history) = History::of(trace, followed, Known::new()) else {
        say("This run holds no function.");
        return;
    };
    let changing: Vec<usize> = (1..history.states.len())
        .filter(|&at| {
            let diff = history.states[at].diff.as_ref();
            diff.is_some_and(|diff| diff.differs(Show::Real))
        })
        .collect();
    let first = &history.states[0];
    let name = ir_load::demangle(first.function);
    say(&format!(
        "{} begins with {} instructions. {} steps change what it does.",
        printable(&name),
        first.instructions,
        changing.len()
    ));
    for (number, at) in (1..).zip(&changing) {
        let state = &history.states[*at];
        let Some(diff) = &state.diff else { continue };
        let (added, removed) = diff.shown_lines(Show::Real, Detail::CODE);
        say("");
        say(&format!(
            "Step {number} of {}, {}: {added} lines added, {removed} removed, {} instructions then.",
            changing.len(),
            printable(&history.short_id(state)),
            state.instructions
        ));
        let marks = |function: &Function, state: usize| {
            let parts = history.roles(&history.states[state]);
            parts.and_then(|parts| of_derivative(function, &parts))
        };
        let (marks_before, marks_after) = (marks(&diff.before, at - 1), marks(&diff.after, *at));
        for pair in &diff.pairs {
            if !pair.is_shown(Show::Real, Detail::CODE) {
                continue;
            }
            let before = pair
                .before
                .map(|at| Line::of(&diff.before, at, &marks_before));
            let after = pair.after.map(|at| Line::of(&diff.after, at, &marks_after));
            let is_empty =
                |line: &Option<Line>| line.as_ref().is_none_or(|line| line.text.is_empty());
            if is_empty(&before) && is_empty(&after) {
                continue;
            }
            match (pair.kind, before, after) {
                (PairKind::Moved, _, Some(after)) => say(&after.told("moved")),
                (_, Some(before), Some(mut after)) => {
                    say(&before.told("changed"));
                    // What is the same is not said twice.
                    after.role = after.role.filter(|role| before.role != Some(*role));
                    say(&after.told("into"));
                }
                (_, Some(before), None) => say(&before.told("removed")),
                (_, None, Some(after)) => say(&after.told("added")),
                (_, None, None) => {}
            }
        }
    }
}

/// A line that is told.
struct Line {
    text: String,
    role: Option<AdRole>,
}

impl Line {
    fn of(function: &Function, at: usize, marks: &Option<Vec<Mark>>) -> Self {
        let mark = marks.as_ref().and_then(|marks| marks.get(at));
        Line {
            text: printable(function.lines[at].text.trim()).into_owned(),
            role: mark.and_then(|mark| mark.role),
        }
    }

    /// With a word for what became of it, and one for what it is there for.
    fn told(&self, word: &str) -> String {
        match self.role {
            Some(role) => format!("{word}, {role}: {}", self.text),
            None => format!("{word}: {}", self.text),
        }
    }
}
