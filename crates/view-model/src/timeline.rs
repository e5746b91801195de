//! The steps of a run, grouped by stage, with how much each changed.

use diff_view::{Row, Tone};
use unicode_width::UnicodeWidthStr;

use crate::glyphs::Glyphs;
use crate::story::{Change, Story};

/// Which steps are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// Those that changed what the function does.
    Real,
    /// Those that changed anything of it.
    Changed,
    /// Every pass that ran on it.
    Every,
}

impl Kinds {
    /// The next in turn.
    pub fn next(self) -> Self {
        match self {
            Kinds::Real => Kinds::Changed,
            Kinds::Changed => Kinds::Every,
            Kinds::Every => Kinds::Real,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Kinds::Real => "steps that change what the function does",
            Kinds::Changed => "steps that change anything, attributes too",
            Kinds::Every => "every pass, those that changed nothing too",
        }
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A stage, and how many steps are listed in it.
    Stage(String, usize),
    /// A state, by its position.
    State(usize),
    /// A step that changed nothing.
    Quiet(usize),
}

/// What is listed. States before which nothing is known yet are.
pub fn items(story: &Story, kinds: Kinds, filter: &str) -> Vec<Item> {
    let filter = filter.to_lowercase();
    let matches = |id: &str| filter.is_empty() || id.to_lowercase().contains(&filter);
    let is_listed = |at: usize| {
        let kind = match story.change(at) {
            _ if at == 0 => return true,
            Change::Real { .. } | Change::Unknown => true,
            Change::Attributes => kinds != Kinds::Real,
            Change::Nothing => kinds == Kinds::Every,
        };
        kind && matches(&story.states[at].id)
    };
    let mut items = Vec::new();
    let mut stage = String::new();
    let mut header = None;
    let mut push = |items: &mut Vec<Item>, own: &str, item: Item| {
        if own != stage {
            own.clone_into(&mut stage);
            header = Some(items.len());
            items.push(Item::Stage(stage.clone(), 0));
        }
        if let Some(Item::Stage(_, count)) = header.and_then(|at| items.get_mut(at)) {
            *count += 1;
        }
        items.push(item);
    };
    if kinds != Kinds::Every {
        for at in (0..story.states.len()).filter(|&at| is_listed(at)) {
            push(&mut items, &story.states[at].stage, Item::State(at));
        }
        return items;
    }
    let mut states = (0..story.states.len()).peekable();
    if states.next_if_eq(&0).is_some() {
        push(&mut items, "", Item::State(0));
    }
    for (at, step) in story.trace.steps.iter().enumerate() {
        let state = states.next_if(|&state| story.states[state].step == Some(at));
        match state {
            Some(state) if is_listed(state) => push(&mut items, &step.stage, Item::State(state)),
            Some(_) => {}
            None if matches(&step.pass) => push(&mut items, &step.stage, Item::Quiet(at)),
            None => {}
        }
    }
    items
}

/// The position of a state's line, or of the last one before it.
pub fn place_of(items: &[Item], state: usize) -> usize {
    let mut place = 0;
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::State(own) if *own <= state => place = at,
            Item::State(_) => break,
            _ => {}
        }
    }
    place
}

/// Columns of the bar.
const BAR: usize = 6;

/// How a line looks. `most` is the largest number of lines that a step changed.
pub fn row(story: &Story, item: &Item, most: usize, width: usize, glyphs: Glyphs) -> Row {
    let mut row = Row::default();
    match item {
        Item::Stage(stage, count) => {
            let steps = if *count == 1 { "step" } else { "steps" };
            let text = format!("{stage} ({count} {steps})");
            row.push(&fit(&text, width), Tone::Title.style(), None);
        }
        Item::Quiet(step) => {
            let step = &story.trace.steps[*step];
            let name = session::history::short_id_of(step, None);
            let name = name.split_once('/').map_or(name.as_str(), |(_, name)| name);
            row.push(&fit(&format!("  {name}"), width), Tone::Muted.style(), None);
        }
        Item::State(at) => {
            let state = &story.states[*at];
            let name = state
                .short
                .strip_prefix(&format!("{}/", state.stage))
                .unwrap_or(&state.short);
            let name = name.strip_suffix("/1").unwrap_or(name);
            let change = story.change(*at);
            let bar_width = if width >= 34 { BAR + 1 } else { 0 };
            let numbers = match change {
                _ if *at == 0 => String::new(),
                Change::Unknown => glyphs.ellipsis().to_owned(),
                Change::Nothing => "numbers".to_owned(),
                Change::Attributes => "attributes".to_owned(),
                Change::Real { added, removed } => format!("+{added} -{removed}"),
            };
            let room = width.saturating_sub(bar_width + numbers.width() + 3);
            let name = diff_view::printable(name);
            row.push(
                &format!("  {:<room$} ", fit(&name, room)),
                Tone::Plain.style(),
                None,
            );
            match change {
                Change::Real { added, removed } => {
                    row.push(&format!("+{added}"), Tone::Added.style(), None);
                    row.push(" ", Tone::Plain.style(), None);
                    row.push(&format!("-{removed}"), Tone::Removed.style(), None);
                    if bar_width > 0 {
                        let (plus, minus) = bar(added, removed, most);
                        row.push(" ", Tone::Plain.style(), None);
                        row.push(&glyphs.full().repeat(plus), Tone::Added.style(), None);
                        row.push(&glyphs.shade().repeat(minus), Tone::Removed.style(), None);
                    }
                }
                _ => row.push(&numbers, Tone::Muted.style(), None),
            }
        }
    }
    row
}

/// The largest number of lines that a step changed.
pub fn most(story: &Story) -> usize {
    let states = 0..story.states.len();
    let lines = states.map(|at| match story.change(at) {
        Change::Real { added, removed } => added + removed,
        _ => 0,
    });
    lines.max().unwrap_or(0)
}

/// Lengths of the two parts of a bar: at least one cell for what is not nothing.
fn bar(added: usize, removed: usize, most: usize) -> (usize, usize) {
    let cells = |count: usize| match (count, most) {
        (0, _) | (_, 0) => 0,
        (count, most) => (count * BAR / most).max(1),
    };
    let plus = cells(added).min(BAR - usize::from(removed > 0));
    (plus, cells(removed).min(BAR - plus))
}

/// The text, or its end where it is wider than `width`: what names of steps differ in stands there.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    text.chars().take(width).collect()
}
