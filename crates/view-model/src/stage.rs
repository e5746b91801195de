//! A talk on the stage: which screen, how far on it, and what stands there.

use std::collections::HashMap;
use std::sync::Arc;

use diff_view::{Row, Tone};
use trace::Trace;
use unicode_width::UnicodeWidthStr;

use crate::big;
use crate::code::{self, Shape, Source};
use crate::glyphs::Glyphs;
use crate::key::Key;
use crate::lay::Read;
use crate::model::Model;
use crate::overlay::line;
use crate::press::keys::press;
use crate::press::sight::keep_in_sight;
use crate::ready::{fulfil, ready};
use crate::run::{Ask, Run, Status};
use crate::screen::placed::{Placed, Screen, Stands};
use crate::screen::whole::screen;
use crate::story::Story;
use crate::talk::{Slide, Talk};
use crate::view::Colours;

/// A talk on the stage.
pub struct Stage {
    /// The talk.
    pub talk: Talk,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The terminal's signs.
    pub glyphs: Glyphs,
    /// The screen that is shown, from 0.
    pub at: usize,
    /// How far one has gone on on it.
    pub part: usize,
    /// Nothing is shown.
    pub is_blank: bool,
    /// A number that is being typed.
    pub digits: String,
    runs: HashMap<String, Arc<Saved>>,
    model: Option<Model>,
    /// How many numbers are there, on their way down and back up.
    shown: (u32, u32),
}

/// A saved run, and what stands above it.
pub struct Saved {
    /// The run.
    pub trace: Trace,
    /// Its signature, its verdict, and reasons to doubt.
    pub heading: Vec<Row>,
    /// Where its derivative goes wrong, if that was looked for.
    pub located: Vec<Row>,
}

/// What a key on the stage asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// Nothing beyond the stage.
    Stay,
    /// To leave.
    Leave,
}

impl Stage {
    /// A talk at its beginning, with its saved runs by the names of their files.
    pub fn new(
        talk: Talk,
        runs: HashMap<String, Arc<Saved>>,
        size: (u16, u16),
        glyphs: Glyphs,
    ) -> Self {
        let mut stage = Stage {
            talk,
            size,
            glyphs,
            at: 0,
            part: 0,
            is_blank: false,
            digits: String::new(),
            runs,
            model: None,
            shown: (0, 0),
        };
        stage.enter();
        stage
    }

    /// The screen that is shown.
    pub fn slide(&self) -> &Slide {
        &self.talk.screens[self.at]
    }

    /// What a key does.
    pub fn press(&mut self, key: Key) -> Cue {
        if !matches!(key, Key::Char('0'..='9') | Key::Enter) {
            self.digits.clear();
        }
        match key {
            Key::Char('q') | Key::Control('c') => return Cue::Leave,
            Key::Char('.' | 'B') => self.is_blank ^= true,
            Key::Char('b') => self.is_blank ^= true,
            _ if self.is_blank => self.is_blank = false,
            Key::Char(digit @ '0'..='9') => {
                if self.digits.len() < 4 {
                    self.digits.push(digit);
                }
            }
            Key::Enter if !self.digits.is_empty() => {
                let wanted: usize = self.digits.parse().unwrap_or(1);
                self.digits.clear();
                self.go_to(wanted.saturating_sub(1));
            }
            Key::Char(' ' | 'n') | Key::PageDown | Key::Enter => self.on(),
            Key::Char('N') | Key::PageUp | Key::Backspace => self.back(),
            Key::Home => self.go_to(0),
            Key::End => self.go_to(usize::MAX),
            // In the code one can move about as ever.
            other => {
                if let Some(model) = &mut self.model {
                    let effects = press(model, other);
                    fulfil(model, effects);
                    ready(model);
                    keep_in_sight(model);
                }
            }
        }
        Cue::Stay
    }

    fn on(&mut self) {
        if self.part < self.slide().parts() {
            self.finish();
            self.part += 1;
        } else if self.at + 1 < self.talk.screens.len() {
            self.go_to(self.at + 1);
        }
    }

    fn back(&mut self) {
        if self.part > 0 {
            self.part = 0;
            self.shown = (0, 0);
            self.reveal();
        } else if self.at > 0 {
            self.go_to(self.at - 1);
        }
    }

    fn go_to(&mut self, at: usize) {
        self.at = at.min(self.talk.screens.len() - 1);
        self.part = 0;
        self.enter();
    }

    /// The screen has another size.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
        self.enter();
    }

    /// One more number appears; false when all that should be there are.
    pub fn tick(&mut self) -> bool {
        let (down, up) = self.slide().numbers(self.part);
        let count = self.numbers();
        if down && self.shown.0 < count {
            self.shown.0 += 1;
        } else if up && self.shown.1 < count {
            self.shown.1 += 1;
        } else {
            return false;
        }
        self.reveal();
        true
    }

    /// All numbers of the part appear.
    fn finish(&mut self) {
        while self.tick() {}
    }

    fn numbers(&self) -> u32 {
        let run = self.model.as_ref().and_then(Model::run);
        let explained = run.and_then(|run| run.story.trace.explained.as_ref());
        explained.map_or(0, |explained| {
            u32::try_from(explained.primal.len()).unwrap_or(u32::MAX)
        })
    }

    fn reveal(&mut self) {
        let count = self.numbers();
        let is_run = self.slide().run;
        if let Some(model) = &mut self.model {
            let (down, up) = self.shown;
            model.reveal = is_run.then_some((down, count.saturating_sub(up)));
        }
    }

    /// Makes the view that the screen names.
    fn enter(&mut self) {
        self.shown = (0, 0);
        self.model = self.view().ok().flatten();
        self.reveal();
        if !self.slide().run {
            self.finish();
        }
    }

    /// The view that the screen names; none where it names none, and words where something is not there.
    fn view(&self) -> Result<Option<Model>, String> {
        let slide = self.slide();
        let Some(file) = &slide.file else {
            return Ok(None);
        };
        let saved = self
            .runs
            .get(file)
            .ok_or_else(|| format!("{file} was not read"))?;
        let mut model = Model::new(file, self.glyphs);
        model.is_stage = true;
        let symbol = saved
            .trace
            .differentiated
            .as_ref()
            .map(|names| names.primal.clone());
        let ad = match &saved.trace.request.task {
            trace::Task::Differentiate { ad, .. } => Some(ad.clone()),
            _ => None,
        };
        let ask = Ask {
            file: file.clone(),
            symbol: symbol.unwrap_or_default(),
            ad,
            is_saved: true,
        };
        let mut run = Run::new(ask, Story::of(saved.trace.clone(), None));
        run.status = Status::Done;
        model.show_run(run);
        let (_, code) = self.areas();
        // The model's own title and footer stand outside of what is shown of it.
        model.size = (self.size.0, code.1.saturating_add(3));
        ready(&mut model);
        let states = |model: &Model, wanted: &str| {
            model.runs[0]
                .story
                .find(wanted)
                .ok_or_else(|| format!("{file} has no step {wanted}"))
        };
        model.view.at = match &slide.at {
            Some(wanted) => states(&model, wanted)?,
            None => model.runs[0].story.states.len().saturating_sub(1),
        };
        if let Some(wanted) = &slide.against {
            model.view.pin = Some((0, states(&model, wanted)?));
        }
        model.view.settings.shape = match slide.layout.as_deref() {
            None if slide.against.is_some() => Shape::Unified,
            None | Some("after") => Shape::After,
            Some("unified") => Shape::Unified,
            Some("split") => Shape::Split,
            Some("before") => Shape::Before,
            Some(other) => {
                return Err(format!(
                    "{other} is no layout: unified, split, after or before"
                ));
            }
        };
        model.view.settings.folds = slide.fold;
        model.view.settings.source = match slide.source {
            true => Source::Above,
            false => Source::Hidden,
        };
        for gutter in &slide.gutters {
            let gutters = &mut model.view.gutters;
            match gutter.as_str() {
                "roles" => gutters.role = true,
                "types" => gutters.types = true,
                "activity" => gutters.activity = true,
                "cache" => gutters.cache = true,
                "values" => gutters.values = true,
                other => {
                    return Err(format!(
                        "{other} is no gutter: roles, types, activity, cache or values"
                    ));
                }
            }
        }
        model.view.colours = match slide.colour_by.as_deref() {
            None | Some("syntax") => Colours::Syntax,
            Some("roles") => Colours::Roles,
            Some(other) => return Err(format!("colours say nothing of {other}: syntax or roles")),
        };
        // A letter says it where there is no colour.
        model.view.gutters.role |= model.view.colours == Colours::Roles;
        let trace = &model.runs[0].story.trace;
        if (model.view.gutters.need_roles() || slide.pair) && trace.explained.is_none() {
            return Err(format!(
                "{file} was saved without what each line is there for"
            ));
        }
        if model.view.gutters.values && trace.values.is_none() {
            return Err(format!("{file} was saved without numbers"));
        }
        ready(&mut model);
        if let Some(wanted) = &slide.line {
            let Some(of) = model.code.comparison.clone() else {
                return Err(format!("{file} shows nothing"));
            };
            let entries = Arc::clone(&model.code.entries);
            let shape = model.laid_out().shape;
            let found = entries
                .iter()
                .position(|entry| {
                    code::text_of(&of, entry, shape).any(|text| text.contains(wanted))
                })
                .ok_or_else(|| format!("no line of {file} there has {wanted}"))?;
            model.go_to_entry(found, usize::from(code.1 / 2));
        }
        if slide.pair {
            let effects = press(&mut model, Key::Char('p'));
            fulfil(&mut model, effects);
            ready(&mut model);
            if model.view.pairing.is_none() {
                return Err(format!("{file} has no derivative to pair"));
            }
        }
        model.message = None;
        keep_in_sight(&mut model);
        Ok(Some(model))
    }

    /// The rows above the code, and how many columns and rows that has.
    fn areas(&self) -> (Vec<Row>, (u16, u16)) {
        let mut above = self.heading();
        let below = self.below().len();
        let room = usize::from(self.size.1).saturating_sub(above.len() + below + 1);
        above.push(Row::default());
        let height = room.saturating_sub(1);
        (
            above,
            (self.size.0, u16::try_from(height).unwrap_or(u16::MAX)),
        )
    }

    fn heading(&self) -> Vec<Row> {
        let slide = self.slide();
        let width = usize::from(self.size.0);
        let mut rows = big::heading(&slide.title, width, usize::from(self.size.1), self.glyphs);
        if !slide.text.is_empty() {
            rows.push(Row::default());
            rows.extend(paragraphs(&slide.text, width, Tone::Plain));
        }
        if let Some(saved) = self.saved() {
            // A wrong gradient is never shown without saying so.
            let verdict = saved.trace.verdict.as_ref();
            if let Some(verdict) = verdict {
                let tone = match verdict {
                    trace::Verdict::Wrong { .. } => Tone::Removed,
                    _ if verdict.is_doubtful() => Tone::Warning,
                    _ => Tone::Added,
                };
                let words = format!("{} {verdict}", verdict.label());
                rows.extend(paragraphs(&words, width, tone));
            }
        }
        rows
    }

    fn saved(&self) -> Option<&Arc<Saved>> {
        self.runs.get(self.slide().file.as_ref()?)
    }

    /// What stands in the code's place.
    fn instead(&self) -> Option<&[Row]> {
        let saved = self.saved()?;
        match (self.slide().verdict, self.slide().locate) {
            (true, _) => Some(&saved.heading),
            (_, true) => Some(&saved.located),
            _ => None,
        }
    }

    /// The question, its answer, and which screen it is.
    fn below(&self) -> Vec<Row> {
        let slide = self.slide();
        let width = usize::from(self.size.0);
        let mut rows = Vec::new();
        if !slide.question.is_empty() {
            rows.push(Row::default());
            rows.extend(paragraphs(&slide.question, width, Tone::Warning));
        }
        // Room is kept for the answer, so that nothing moves when it comes.
        for row in paragraphs(&slide.answer, width, Tone::Added) {
            rows.push(if slide.is_answered(self.part) {
                row
            } else {
                Row::default()
            });
        }
        let mut place = format!("{} of {}", self.at + 1, self.talk.screens.len());
        if !self.digits.is_empty() {
            place = format!("go to {}", self.digits);
        }
        rows.push(line(&place, Tone::Muted));
        rows
    }

    /// What is wrong with the screen that is shown, in words: names that mean nothing, and what does not fit.
    pub fn faults(&self) -> Vec<String> {
        /// Fewer rows of code than this show nothing.
        const CODE: u16 = 5;
        let mut faults = Vec::new();
        let slide = self.slide();
        if let Err(words) = self.view() {
            faults.push(words);
        }
        let (above, (_, height)) = self.areas();
        let needed = above.len() + self.below().len();
        let has_code = slide.file.is_some();
        if needed > usize::from(self.size.1) {
            let words = format!("it takes {needed} rows, and there are {}", self.size.1);
            faults.push(words);
        } else if has_code && height < CODE {
            faults.push(format!(
                "{height} rows are left for the code, and {CODE} are needed"
            ));
        }
        if slide.locate && self.instead().is_none_or(<[Row]>::is_empty) {
            faults.push("nobody has looked for where this goes wrong".to_owned());
        }
        if slide.title.is_empty() {
            faults.push("it has no title".to_owned());
        }
        if slide.question.is_empty() != slide.answer.is_empty() {
            faults.push("a question and its answer go together".to_owned());
        }
        faults
    }

    /// The screen.
    pub fn screen(&self, read: &Read<'_>) -> Screen {
        let mut out = Screen::default();
        if self.is_blank {
            return out;
        }
        let (width, height) = self.size;
        let place = |out: &mut Screen, y: usize, row: Row| {
            if let Ok(y) = u16::try_from(y)
                && y < height
            {
                out.rows.push(Placed {
                    x: 0,
                    y,
                    width,
                    row,
                    mark: Stands::Plain,
                });
            }
        };
        let (above, (_, room)) = self.areas();
        let top = above.len();
        for (y, row) in above.into_iter().enumerate() {
            place(&mut out, y, row);
        }
        if let Some(rows) = self.instead() {
            for (y, row) in (top..top + usize::from(room)).zip(rows) {
                place(&mut out, y, row.clone());
            }
        } else if let Some(model) = &self.model {
            // Of the model's own screen only what lies between its title and its footer.
            let shown = screen(model, read);
            let first = crate::geometry::geometry(model).title.height;
            for placed in shown.rows {
                let Some(y) = placed.y.checked_sub(first).filter(|y| *y < room) else {
                    continue;
                };
                out.rows.push(Placed {
                    y: y + u16::try_from(top).unwrap_or(0),
                    ..placed
                });
            }
        }
        let below = self.below();
        let from = usize::from(height).saturating_sub(below.len());
        for (y, row) in (from..).zip(below) {
            place(&mut out, y, row);
        }
        out
    }
}

/// Text on as many rows as it takes; its own lines stay lines.
pub fn paragraphs(text: &str, width: usize, tone: Tone) -> Vec<Row> {
    let mut rows = Vec::new();
    for own in text.trim_end().lines() {
        let mut row = String::new();
        for word in own.split(' ') {
            if !row.is_empty() && row.width() + 1 + word.width() > width {
                rows.push(line(&row, tone));
                row.clear();
            } else if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        }
        rows.push(line(&row, tone));
    }
    rows
}
