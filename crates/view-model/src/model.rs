//! All that an explorer shows: runs, a view of one of them, and what stands above it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use diff_view::{Row, Tone};
use trace::Point;

use crate::code::{self, Entry, Settings};
use crate::comparison::Comparison;
use crate::effect::Effect;
use crate::functions::Functions;
use crate::glyphs::Glyphs;
use crate::key::TextKey;
use crate::marks::Mark;
use crate::overlay::{Overlay, Prompt};
use crate::parting::Parting;
use crate::run::{Followed, Run, Status};
use crate::timeline::{self, Item};
use crate::view::{Along, Home, View};

/// All that an explorer shows.
#[derive(Debug)]
pub struct Model {
    /// What the file is called.
    pub file: String,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// Its signs.
    pub glyphs: Glyphs,
    /// The functions of the file.
    pub functions: Functions,
    /// The runs, the first one first.
    pub runs: Vec<Run>,
    /// What is shown.
    pub view: View,
    /// Views that were left to descend into a call.
    pub back: Vec<View>,
    /// Something to read above it.
    pub overlay: Option<Overlay>,
    /// A line to type on.
    pub prompt: Option<Prompt>,
    /// Something that was said.
    pub message: Option<(String, Tone)>,
    /// What is being done, for the footer.
    pub work: Option<String>,
    /// On a narrow screen: the list of steps stands where the code does.
    pub shows_steps: bool,
    /// The lines of the list of steps.
    pub items: Vec<Item>,
    /// The largest number of lines that a step changed.
    pub most: usize,
    /// The code.
    pub code: Pane,
    /// The code beside it, of a pair.
    pub other: Pane,
    /// At which step the line went that the cursor was on.
    pub gone: Option<String>,
    /// True while there is no run yet.
    pub is_empty: bool,
    /// Numbers appear line by line: those of the primal up to this instruction, and those of the way back from
    /// this one on.
    pub reveal: Option<(u32, u32)>,
    /// On a stage there is the code and nothing beside it.
    pub is_stage: bool,
    items_of: Option<ItemsKey>,
    parting: Option<(PartingKey, Arc<Parting>)>,
    place: Option<Place>,
    /// What is kept no longer: to be taken apart where nobody waits for that.
    pub let_go: Vec<Arc<Comparison>>,
    comparisons: HashMap<(TextKey, TextKey), Arc<Comparison>>,
    used: VecDeque<(TextKey, TextKey)>,
    /// What is on its way.
    asked: HashSet<(TextKey, TextKey)>,
}

/// A pane of code, laid out for a comparison and settings.
#[derive(Debug, Default)]
pub struct Pane {
    /// What is compared in it.
    pub comparison: Option<Arc<Comparison>>,
    /// What of it is shown.
    pub entries: Arc<Vec<Entry>>,
    /// The entry at the cursor.
    pub cursor: usize,
    key: Option<(TextKey, TextKey, Settings)>,
}

/// Where a view was before its run was made anew.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    run: usize,
    id: String,
    text: Option<String>,
}

/// What two runs were when they were walked through: their numbers and how many states each had.
type PartingKey = [(usize, usize); 2];

/// What the list of steps was made of.
#[derive(Clone, Debug, PartialEq)]
struct ItemsKey {
    run: usize,
    kinds: timeline::Kinds,
    filter: String,
    version: usize,
}

/// More lines than this are not kept compared.
const MOST_COMPARED: usize = 1_000_000;
/// No more lines of texts than this are kept read for a run's roles.
const MOST_LINES: usize = 400_000;

impl Model {
    /// Nothing yet, of a file.
    pub fn new(file: &str, glyphs: Glyphs) -> Self {
        Model {
            file: file.to_owned(),
            size: (80, 24),
            glyphs,
            functions: Functions::default(),
            runs: Vec::new(),
            view: View::of(0),
            back: Vec::new(),
            overlay: None,
            prompt: None,
            message: None,
            work: None,
            shows_steps: false,
            items: Vec::new(),
            most: 0,
            code: Pane::default(),
            other: Pane::default(),
            gone: None,
            is_empty: true,
            reveal: None,
            is_stage: false,
            items_of: None,
            parting: None,
            place: None,
            let_go: Vec::new(),
            comparisons: HashMap::new(),
            used: VecDeque::new(),
            asked: HashSet::new(),
        }
    }

    /// The run that is shown.
    pub fn run(&self) -> Option<&Run> {
        self.runs.get(self.view.run)
    }

    /// Says something in the footer.
    pub fn say(&mut self, words: impl Into<String>) {
        self.message = Some((words.into(), Tone::Plain));
    }

    /// Warns in the footer.
    pub fn warn(&mut self, words: impl Into<String>) {
        self.message = Some((words.into(), Tone::Warning));
    }

    /// Adds a run and shows it.
    pub fn show_run(&mut self, run: Run) -> usize {
        self.runs.push(run);
        self.is_empty = false;
        self.runs.len() - 1
    }

    /// The texts that are compared now.
    pub fn texts(&self) -> Option<(TextKey, TextKey)> {
        let run = self.run()?;
        let after = run.story.states.get(self.view.at)?.text;
        let after = TextKey {
            run: self.view.run,
            text: after,
        };
        if self.view.pairing.is_some() {
            return Some((after, after));
        }
        let before = match self.view.pin {
            Some((run, state)) => TextKey {
                run,
                text: self.runs.get(run)?.story.states.get(state)?.text,
            },
            None => TextKey {
                run: self.view.run,
                text: run.story.texts_of(self.view.at).0,
            },
        };
        Some((before, after))
    }

    /// Takes a comparison in.
    pub fn compared(&mut self, found: Comparison) {
        let key = (found.before, found.after);
        let found = Arc::new(found);
        if key.0.run == key.1.run
            && let Some(run) = self.runs.get_mut(key.0.run)
        {
            if key.0 != key.1 {
                run.story.learn(key.0.text, key.1.text, found.change);
                run.link(key.0.text, key.1.text, &found.links);
            }
            let kept: usize = run.functions.values().map(|f| f.lines.len()).sum();
            if kept < MOST_LINES {
                run.functions
                    .insert(key.0.text, Arc::clone(&found.diff.before));
                run.functions
                    .insert(key.1.text, Arc::clone(&found.diff.after));
                run.forget_marks();
            }
            self.items_of = None;
        }
        self.asked.remove(&key);
        // The oldest go first; what is on the screen is held by its pane.
        let lines = |of: &Comparison| of.diff.pairs.len();
        let mut all: usize = self.comparisons.values().map(|of| lines(of)).sum();
        while all + lines(&found) > MOST_COMPARED && self.used.len() > 1 {
            let Some(oldest) = self.used.pop_front() else {
                break;
            };
            if let Some(gone) = self.comparisons.remove(&oldest) {
                all -= lines(&gone);
                self.let_go.push(gone);
            }
        }
        self.let_go.extend(self.comparisons.insert(key, found));
        self.use_now(key);
    }

    /// What was used last is kept longest.
    fn use_now(&mut self, key: (TextKey, TextKey)) {
        if self.used.back() != Some(&key) {
            self.used.retain(|other| *other != key);
            self.used.push_back(key);
        }
    }

    /// True while the code that is wanted is not there yet.
    pub fn is_waiting(&self) -> bool {
        match self.texts() {
            Some(key) => self
                .code
                .key
                .is_none_or(|(before, after, _)| (before, after) != key),
            None => false,
        }
    }

    /// True while the text that is wanted stands there alone, from something else that it was compared with.
    pub fn stands_in(&self) -> bool {
        self.is_waiting()
            && match (self.texts(), self.code.key) {
                (Some((_, wanted)), Some((_, shown, _))) => wanted == shown,
                _ => false,
            }
    }

    /// How the code is laid out: as it is wanted, or what stands in for it.
    pub fn laid_out(&self) -> Settings {
        match self.code.key {
            Some((.., settings)) if self.stands_in() => settings,
            _ => self.view.shown(),
        }
    }

    /// What of the runs has to be compared when there is nothing else to do.
    pub fn measure(&self, run: usize) -> Vec<Effect> {
        let unknown = self
            .runs
            .get(run)
            .map(|run| run.story.unknown())
            .unwrap_or_default();
        match unknown.is_empty() {
            true => Vec::new(),
            false => vec![Effect::Measure(run, unknown)],
        }
    }

    /// Makes everything fit together after something has changed, and says what is missing.
    pub fn settle(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.settle_place();
        self.settle_along();
        self.settle_items();
        let settings = self.view.shown();
        if let Some(key) = self.texts() {
            effects.extend(self.settle_pane(key, settings));
        }
        if let Some(pairing) = self.view.pairing
            && let Some(state) = self
                .run()
                .and_then(|run| run.story.states.get(pairing.other))
        {
            let text = TextKey {
                run: self.view.run,
                text: state.text,
            };
            if let Some(found) = self.comparisons.get(&(text, text)) {
                let found = Arc::clone(found);
                fill(&mut self.other, (text, text), found, settings);
                self.settle_other();
            } else {
                effects.extend(self.ask((text, text)));
            }
        } else {
            self.other = Pane::default();
        }
        effects
    }

    /// Goes back to where the view was before its run was made anew, as soon as that is there.
    fn settle_place(&mut self) {
        let Some(place) = self.place.clone() else {
            return;
        };
        let Some(run) = self
            .runs
            .get(self.view.run)
            .filter(|_| self.view.run == place.run)
        else {
            return;
        };
        let Some(at) = run.story.find(&place.id) else {
            return;
        };
        self.view.at = at;
        let Some(function) = run.function(at) else {
            return;
        };
        let wanted = place.text.as_deref();
        let line = function
            .lines
            .iter()
            .position(|line| Some(line.text.as_str()) == wanted);
        if let Some(line) = line {
            self.view.home = Home { state: at, line };
        }
        self.place = None;
    }

    /// Where the run that is shown and the one that goes along part, as far as both are there.
    pub fn parting(&mut self) -> Option<Arc<Parting>> {
        let along = self.view.goes_along?;
        let (ours, theirs) = (self.run()?, self.runs.get(along.run)?);
        let key = [
            (self.view.run, ours.story.states.len()),
            (along.run, theirs.story.states.len()),
        ];
        if let Some((known, parting)) = &self.parting
            && *known == key
        {
            return Some(Arc::clone(parting));
        }
        let parting = Arc::new(Parting::of(&ours.story, &theirs.story));
        self.parting = Some((key, Arc::clone(&parting)));
        Some(parting)
    }

    /// Keeps the run that goes along at the step that is shown, and goes to where the two part once that is known.
    fn settle_along(&mut self) {
        let Some(along) = self.view.goes_along else {
            return;
        };
        let is_whole = |run: Option<&Run>| run.is_some_and(|run| run.status != Status::Working);
        if !is_whole(self.run()) || !is_whole(self.runs.get(along.run)) {
            return;
        }
        let Some(parting) = self.parting() else {
            return;
        };
        if along.wants_parting {
            self.view.goes_along = Some(Along {
                wants_parting: false,
                ..along
            });
            if let Some(first) = parting.first {
                self.view.at = first;
            }
            self.say_parting(&parting);
        }
        if let Some(&state) = parting.against.get(self.view.at) {
            self.view.pin = Some((along.run, state));
        }
    }

    /// Says where two runs part.
    pub fn say_parting(&mut self, parting: &Parting) {
        let states = self.run().map_or(&[][..], |run| &run.story.states);
        let words = match parting.first.and_then(|first| states.get(first)) {
            Some(state) => format!("the two runs part at {} (= comes back here)", state.short),
            None => format!("the two runs never part: {} equal states", states.len()),
        };
        self.say(words);
    }

    /// Begins a run again, and remembers where its view is.
    pub fn restart(&mut self, number: usize, run: Run) {
        if self.view.run == number
            && let Some(state) = self
                .run()
                .and_then(|run| run.story.states.get(self.view.at))
        {
            let id = state.id.clone();
            let text = self.text_at_cursor();
            self.place = Some(Place {
                run: number,
                id,
                text,
            });
            self.view.at = 0;
            self.view.home = Home::default();
            if self.view.goes_along.is_none() {
                self.view.pin = None;
            }
            self.view.pairing = None;
        }
        if self.view.run == number {
            // What it lists is gone until it is there again.
            self.items.clear();
        }
        self.parting = None;
        self.forget_run(number);
        self.runs[number] = run;
    }

    fn settle_items(&mut self) {
        let Some(run) = self.runs.get(self.view.run) else {
            return;
        };
        let key = ItemsKey {
            run: self.view.run,
            kinds: self.view.kinds,
            filter: self.view.filter.clone(),
            version: run.story.trace.steps.len(),
        };
        if self.items_of.as_ref() != Some(&key) {
            self.items = timeline::items(&run.story, key.kinds, &key.filter);
            self.most = timeline::most(&run.story);
            self.items_of = Some(key);
        }
    }

    fn settle_pane(&mut self, key: (TextKey, TextKey), settings: Settings) -> Vec<Effect> {
        let Some(found) = self.comparisons.get(&key) else {
            self.stand_in(key.1, settings);
            return self.ask(key);
        };
        let found = Arc::clone(found);
        self.use_now(key);
        fill(&mut self.code, key, found, settings);
        if !self.view.is_placed {
            // Code begins below a function's parameters and attributes.
            let lines = self
                .code
                .comparison
                .iter()
                .flat_map(|of| &of.diff.after.lines);
            let mut kinds = lines.map(|line| line.kind);
            let first = kinds.position(|kind| kind == diff_view::LineKind::Label);
            self.view.home = Home {
                state: self.view.at,
                line: first.unwrap_or(0),
            };
            self.view.is_placed = true;
        }
        self.resolve();
        Vec::new()
    }

    /// Has two texts compared, unless that is on its way.
    fn ask(&mut self, key: (TextKey, TextKey)) -> Vec<Effect> {
        match self.asked.insert(key) {
            true => vec![Effect::Compare(key.0, key.1)],
            false => Vec::new(),
        }
    }

    /// Until two texts are compared, the one that is shown stands there alone, where it is known.
    fn stand_in(&mut self, text: TextKey, settings: Settings) {
        let settings = Settings {
            shape: code::Shape::After,
            folds: false,
            ..settings
        };
        let own = self.code.comparison.as_ref();
        let found = own.filter(|of| of.after == text).or_else(|| {
            let mut all = self.used.iter().rev();
            let known = all.find(|(_, after)| *after == text)?;
            self.comparisons.get(known)
        });
        if let Some(found) = found.cloned() {
            fill(&mut self.code, (found.before, found.after), found, settings);
            self.resolve();
        }
    }

    /// Puts the cursor on the line that it is at home on, or as close to it as there is something.
    fn resolve(&mut self) {
        self.gone = None;
        let Some(found) = self.code.comparison.clone() else {
            return;
        };
        let Some(run) = self.runs.get(self.view.run) else {
            return;
        };
        let Home { state, line } = self.view.home;
        let at = self.view.at;
        let pair_after = |line: usize| found.pair_of_after.get(line).map(|&pair| pair as usize);
        let pair_before = |line: usize| found.pair_of_before.get(line).map(|&pair| pair as usize);
        let pair = match run.follow(state, line, at) {
            Followed::Line(line) => pair_after(line),
            Followed::Gone {
                last,
                line,
                at: gone,
            } => {
                // Forwards it stands among what this step removes, if this is the step.
                let shows_before = last + 1 == at
                    && self.view.pin.is_none()
                    && self.view.pairing.is_none()
                    && !self.is_waiting();
                let id = run
                    .story
                    .states
                    .get(gone.max(last))
                    .map_or("", |state| state.short.as_str());
                self.gone = Some(match gone > last {
                    true => format!("the line went at {id}"),
                    false => format!("the line is there from {id} on"),
                });
                let on_removed = if shows_before {
                    pair_before(line)
                } else {
                    None
                };
                on_removed.or_else(|| self.nearest(run, last, line, at).and_then(pair_after))
            }
            Followed::Unknown => pair_after(line.min(found.pair_of_after.len().saturating_sub(1))),
        };
        let entries = &self.code.entries;
        let place = pair.and_then(|pair| code::entry_of(entries, pair));
        self.code.cursor = place
            .unwrap_or(self.code.cursor)
            .min(entries.len().saturating_sub(1));
    }

    /// The line of another state that the closest line above a lost one is.
    fn nearest(&self, run: &Run, state: usize, line: usize, at: usize) -> Option<usize> {
        /// So many lines above are tried.
        const TRIES: usize = 200;
        let above = (0..=line).rev().take(TRIES);
        above
            .filter_map(|line| match run.follow(state, line, at) {
                Followed::Line(line) => Some(line),
                _ => None,
            })
            .next()
    }

    /// Of a pair, the other side goes to the first line that belongs to the one at the cursor.
    fn settle_other(&mut self) {
        let Some(number) = self.number_at_cursor() else {
            return;
        };
        let Some(marks) = self.other_marks() else {
            return;
        };
        let Some(found) = self.other.comparison.clone() else {
            return;
        };
        let line = marks
            .iter()
            .position(|mark| mark.of == Some(number) && belongs(mark));
        let pair = line.and_then(|line| found.pair_of_after.get(line));
        if let Some(entry) =
            pair.and_then(|&pair| code::entry_of(&self.other.entries, pair as usize))
        {
            self.other.cursor = entry;
        }
    }

    /// The marks of the lines of the state that is shown.
    pub fn marks(&self) -> Option<Arc<Vec<Mark>>> {
        self.run()?.marks(self.view.at)
    }

    /// The marks of the other side of a pair, or of the side before.
    pub fn other_marks(&self) -> Option<Arc<Vec<Mark>>> {
        let run = self.run()?;
        match (self.view.pairing, self.view.pin) {
            (Some(pairing), _) => run.marks(pairing.other),
            (None, None) => run.marks(self.view.at.checked_sub(1)?),
            (None, Some((own, state))) => self.runs.get(own)?.marks(state),
        }
    }

    /// The line at the cursor: true for one of the state that is shown, false for one of the side before.
    pub fn line_at_cursor(&self) -> Option<(bool, usize)> {
        let found = self.code.comparison.as_ref()?;
        let pair = code::first_pair(self.code.entries.get(self.code.cursor)?)?;
        let pair = &found.diff.pairs[pair];
        match (pair.after, pair.before) {
            (_, Some(line)) if self.laid_out().shape == code::Shape::Before => Some((false, line)),
            (Some(line), _) => Some((true, line)),
            (None, Some(line)) => Some((false, line)),
            (None, None) => None,
        }
    }

    /// The text of the line at the cursor.
    pub fn text_at_cursor(&self) -> Option<String> {
        let found = self.code.comparison.as_ref()?;
        let (is_after, line) = self.line_at_cursor()?;
        let function = if is_after {
            &found.diff.after
        } else {
            &found.diff.before
        };
        Some(function.lines[line].text.clone())
    }

    /// The instruction of the primal that the line at the cursor belongs to.
    pub fn number_at_cursor(&self) -> Option<u32> {
        let (is_after, line) = self.line_at_cursor()?;
        let marks = if is_after {
            self.marks()
        } else {
            self.other_marks()
        };
        marks?.get(line)?.of
    }

    /// The state of the primal whose instructions are counted.
    pub fn primal(&self) -> Option<usize> {
        self.run()?.story.at_point(Point::Preprocessed)
    }

    /// Moves the cursor to an entry, which is where it is at home from now on.
    pub fn go_to_entry(&mut self, entry: usize, anchor: usize) {
        let last = self.code.entries.len().saturating_sub(1);
        self.code.cursor = entry.min(last);
        self.view.anchor = anchor;
        self.gone = None;
        self.settle_home();
    }

    /// The line at the cursor is where the cursor is at home.
    pub fn settle_home(&mut self) {
        let at = self.view.at;
        match self.line_at_cursor() {
            Some((true, line)) => self.view.home = Home { state: at, line },
            Some((false, line)) if self.view.pin.is_none() && at > 0 => {
                self.view.home = Home {
                    state: at - 1,
                    line,
                };
            }
            _ => {}
        }
    }

    /// Words above the view: the signature, the verdict, and every reason to doubt.
    pub fn heading(&self) -> &[Row] {
        self.run().map_or(&[], |run| &run.heading)
    }

    /// What the steps are is worked out anew.
    pub fn forget_items(&mut self) {
        self.items_of = None;
    }

    /// A run is made anew: what was compared of it is forgotten.
    pub fn forget_run(&mut self, run: usize) {
        let is_of = |key: &(TextKey, TextKey)| key.0.run == run || key.1.run == run;
        self.let_go.extend(
            self.comparisons
                .extract_if(|key, _| is_of(key))
                .map(|(_, gone)| gone),
        );
        self.used.retain(|key| !is_of(key));
        self.asked.retain(|key| !is_of(key));
        self.items_of = None;
        self.code.key = None;
        self.other.key = None;
    }
}

/// True for a line of a derivative that belongs to its instruction of the primal in more than being its copy.
pub fn belongs(mark: &Mark) -> bool {
    !matches!(
        mark.role,
        Some(trace::AdRole::Primal | trace::AdRole::Control)
    )
}

fn fill(
    pane: &mut Pane,
    (before, after): (TextKey, TextKey),
    found: Arc<Comparison>,
    settings: Settings,
) {
    if pane.key == Some((before, after, settings)) {
        return;
    }
    pane.entries = Arc::new(code::entries(&found, settings));
    pane.comparison = Some(found);
    pane.key = Some((before, after, settings));
    pane.cursor = pane.cursor.min(pane.entries.len().saturating_sub(1));
}
