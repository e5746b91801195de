//! The forms of output of a run.

use diff_view::{Detail, Paint, Show, Theme, Tone, hunks, layout};
use regex::Regex;
use serde_json::json;
use session::history::{History, State, StepError};
use session::sides::Side;

use super::args::Args;
use super::run::{Run, one_document};
use super::timeline::Timeline;
use super::{blame, timeline};
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::output::{Canvas, Global, print_json};
use crate::view::{self, Format, ShowName, Shown, renamer};

/// Everything that the forms of output need.
pub(super) struct Viewer<'a> {
    pub(super) args: &'a Args,
    pub(super) run: &'a Run,
    pub(super) history: &'a History<'a>,
    /// The steps of the augmented primal, where the derivative was split.
    pub(super) augmented: Option<&'a History<'a>>,
    pub(super) global: &'a Global,
}

impl Viewer<'_> {
    /// Shows what was asked for.
    pub(super) fn show(&self) -> Result<u8, Failure> {
        let args = self.args;
        if args.from.is_some() || args.to.is_some() {
            return self.in_either(|history| {
                let from = match &args.from {
                    Some(id) => history.find(id)?,
                    None => 0,
                };
                let to = match &args.to {
                    Some(id) => history.find(id)?,
                    None => history.states.len() - 1,
                };
                Ok((from, to))
            });
        }
        if let Some(id) = &args.step {
            return self.in_either(|history| match history.find(id)? {
                0 => Err(StepError::Input),
                at => Ok((at - 1, at)),
            });
        }
        if args.blame {
            return self.blame();
        }
        let mut matching = match &args.grep {
            Some(pattern) => grep(self.history, pattern),
            None if args.all => (1..self.history.states.len()).collect(),
            None => return self.timeline(),
        };
        let mut steps: Vec<(&History<'_>, usize)> =
            matching.drain(..).map(|at| (self.history, at)).collect();
        // The way up to Enzyme is the same for both halves.
        if let (Some(augmented), Some(names)) = (self.augmented, &self.run.trace.differentiated) {
            let matching = match &args.grep {
                Some(pattern) => grep(augmented, pattern),
                None => (1..augmented.states.len()).collect(),
            };
            let own = matching
                .into_iter()
                .filter(|&at| Some(augmented.states[at].function) == names.augmented.as_deref());
            steps.extend(own.map(|at| (augmented, at)));
        }
        self.several(&steps)
    }

    fn timeline(&self) -> Result<u8, Failure> {
        if self.args.wants_json() {
            let mut document = timeline::document(self.history);
            if let Some(augmented) = self.augmented {
                document["augmented"] = timeline::document(augmented);
            }
            return one_document(document, None);
        }
        let mut canvas = self.global.canvas(None);
        let width = self.global.width().max(40);
        if self.run.trace.signature.is_none() {
            canvas.line(
                &ir_load::demangle(self.history.states[0].function),
                Tone::Title.style(),
            );
        }
        heading::paint(&self.run.trace, width, &mut canvas);
        if let Some(augmented) = self.augmented {
            self.title(augmented, &mut canvas);
            self.steps_of(augmented, width).paint(&mut canvas);
            canvas.line("", Tone::Plain.style());
            self.title(self.history, &mut canvas);
        }
        self.steps_of(self.history, width).paint(&mut canvas);
        self.global.print(&canvas.finish())?;
        Ok(exit::DONE)
    }

    fn steps_of<'h>(&self, history: &'h History<'h>, width: usize) -> Timeline<'h> {
        Timeline::of(history, self.args.every, &self.args.view, width)
    }

    /// Which half of a split derivative follows.
    fn title(&self, history: &History<'_>, canvas: &mut Canvas) {
        let last = history.states.last().expect("there is always the input");
        canvas.line(
            &format!("to {}", ir_load::demangle(last.function)),
            Tone::Hunk.style(),
        );
    }

    /// Shows the difference of two states on the way to the derivative, or to the augmented primal where
    /// that has the step in question.
    fn in_either(
        &self,
        find: impl Fn(&History<'_>) -> Result<(usize, usize), StepError>,
    ) -> Result<u8, Failure> {
        let error = match find(self.history) {
            Ok((from, to)) => return self.between(from, to),
            Err(error) => error,
        };
        let is_elsewhere = matches!(error, StepError::Unknown { .. } | StepError::Input);
        match self.augmented.filter(|_| is_elsewhere) {
            Some(history) => match find(history) {
                Ok((from, to)) => Viewer { history, ..*self }.between(from, to),
                Err(_) => Err(error.into()),
            },
            None => Err(error.into()),
        }
    }

    fn side(&self, state: &State<'_>) -> Side {
        Side {
            roles: self.history.roles(state),
            file: self.run.file.clone(),
            symbol: state.function.to_owned(),
            point: state.id.clone(),
            text: state.text.clone(),
        }
    }

    fn between(&self, from: usize, to: usize) -> Result<u8, Failure> {
        let theme = self.theme()?;
        let (before, after) = (&self.history.states[from], &self.history.states[to]);
        let shown = Shown {
            before: &self.side(before),
            after: &self.side(after),
            trace: Some(&self.run.trace),
            other: None,
            diff: None,
        };
        let mut view = self.args.view.clone();
        let diff = after.diff.as_ref().filter(|_| from + 1 == to);
        if view.show.is_none() && diff.is_some_and(|diff| !diff.differs(Show::Real)) {
            // There is nothing else to show of this step.
            view.show = Some(ShowName::All);
        }
        view::show(&shown, &view, theme.as_ref(), self.global)
    }

    fn blame(&self) -> Result<u8, Failure> {
        if self.args.wants_json() {
            let mut document = blame::document(self.history);
            if let Some(augmented) = self.augmented {
                document["augmented"] = blame::document(augmented);
            }
            print_json("blame", document)?;
            return Ok(exit::DONE);
        }
        let theme = self.theme()?;
        let mut canvas = self.global.canvas(theme.as_ref());
        for history in self.augmented.into_iter().chain([self.history]) {
            let last = history.states.last().expect("there is always the input");
            let rename = renamer(self.args.view.raw_names, &[&last.text]);
            let options = layout::Options {
                width: self.global.width().max(40),
                rename: &rename,
                show: Show::All,
                detail: self.args.view.detail.into(),
                source: None,
            };
            blame::paint(history, &options, &mut canvas);
        }
        self.global.print(&canvas.finish())?;
        Ok(exit::DONE)
    }

    /// Each step as a diff, in turn.
    fn several(&self, steps: &[(&History<'_>, usize)]) -> Result<u8, Failure> {
        let show = self.args.view.counted();
        if self.args.wants_json() {
            let documents: Vec<_> = steps
                .iter()
                .filter_map(|&(history, at)| {
                    let (state, before) = (&history.states[at], &history.states[at - 1]);
                    let diff = state.diff.as_ref()?;
                    let shown = Shown {
                        before: &self.side(before),
                        after: &self.side(state),
                        trace: None,
                        other: None,
                        diff: None,
                    };
                    let found = hunks(diff, self.args.view.context, show, Detail::ALL);
                    Some(view::document(&shown, diff, &found))
                })
                .collect();
            print_json("steps", json!({ "steps": documents }))?;
            return Ok(exit::DONE);
        }
        let theme = self.theme()?;
        let mut canvas = self.global.canvas(theme.as_ref());
        let mut folded = 0;
        let mut view = self.args.view.clone();
        if self.args.grep.is_some() {
            // What matches is shown, whatever it is.
            view.show = view.show.or(Some(ShowName::All));
        }
        for &(history, at) in steps {
            let (state, before) = (&history.states[at], &history.states[at - 1]);
            let Some(diff) = &state.diff else { continue };
            if !self.args.every && !diff.differs(view.shown()) {
                folded += 1;
                continue;
            }
            let shown = Shown {
                before: &self.side(before),
                after: &self.side(state),
                trace: None,
                other: None,
                diff: None,
            };
            view::text(&shown, &view, diff, self.global, &mut canvas);
            canvas.newline();
        }
        if steps.is_empty() {
            canvas.line("no step", Tone::Muted.style());
        } else if folded > 0 {
            let words = format!("{folded} more changed attributes or metadata only (--show all)");
            canvas.line(&words, Tone::Muted.style());
        }
        self.global.print(&canvas.finish())?;
        Ok(exit::DONE)
    }

    /// The first step at which this run and another part.
    pub(super) fn against(&self, mut other: Run) -> Result<u8, Failure> {
        let known = std::mem::take(&mut other.known);
        let Some(theirs) = History::of(&other.trace, None, known) else {
            return Err(other.failure.unwrap_or_else(|| {
                Failure::usage("trace", "the second pipeline's run shows no function")
            }));
        };
        let ours = &self.history.states;
        let agree = ours
            .iter()
            .zip(&theirs.states)
            .take_while(|(a, b)| !diff_view::diff(&a.text, &b.text, None).differs(Show::All))
            .count();
        if agree == ours.len() && agree == theirs.states.len() {
            if self.args.wants_json() {
                print_json("parting", json!({ "parts": false, "agreed": agree - 1 }))?;
            } else {
                let words = format!(
                    "the two pipelines never part: {} steps, the same function after each",
                    agree - 1
                );
                let mut canvas = self.global.canvas(None);
                canvas.line(&words, Tone::Plain.style());
                self.global.print(&canvas.finish())?;
            }
            return Ok(exit::DONE);
        }
        // Where one has ended, its last state stands against what the other went on to.
        let (a, b) = (
            &ours[agree.min(ours.len() - 1)],
            &theirs.states[agree.min(theirs.states.len() - 1)],
        );
        let mut before = self.side(a);
        let mut after = Side {
            file: self.run.file.clone(),
            symbol: b.function.to_owned(),
            point: b.id.clone(),
            text: b.text.clone(),
            roles: None,
        };
        if agree >= ours.len() {
            before.point = format!("the end, after {}", before.point);
        }
        if agree >= theirs.states.len() {
            after.point = format!("the end, after {}", after.point);
        }
        let theme = self.theme()?;
        let mut canvas = self.global.canvas(theme.as_ref());
        let last = &ours[agree.saturating_sub(1)].id;
        canvas.line(
            &format!("the two pipelines part after {agree} equal states, the last of them {last}"),
            Tone::Title.style(),
        );
        let shown = Shown {
            before: &before,
            after: &after,
            trace: None,
            other: None,
            diff: None,
        };
        let code = view::show_below(canvas, &shown, &self.args.view, self.global)?;
        match other.failure {
            Some(failure) => Err(failure),
            None => Ok(code),
        }
    }

    fn theme(&self) -> Result<Option<Theme>, Failure> {
        if self.args.wants_json() || self.args.view.format == Format::Patch {
            return Ok(None);
        }
        self.global.theme()
    }
}

/// The states whose step added, removed or changed a line that matches.
fn grep(history: &History<'_>, pattern: &Regex) -> Vec<usize> {
    let touches = |state: &State<'_>| {
        let Some(diff) = &state.diff else {
            return false;
        };
        diff.pairs.iter().any(|pair| {
            let is_difference = !matches!(
                pair.kind,
                diff_view::PairKind::Same | diff_view::PairKind::Renamed
            );
            let matches = |line: Option<usize>, lines: &[diff_view::Line]| {
                line.is_some_and(|line| pattern.is_match(&lines[line].text))
            };
            is_difference
                && (matches(pair.before, &diff.before.lines)
                    || matches(pair.after, &diff.after.lines))
        })
    };
    (1..history.states.len())
        .filter(|&at| touches(&history.states[at]))
        .collect()
}
