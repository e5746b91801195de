//! What stands above a view for a while: help, a verdict, a line to type on.

use diff_view::{Row, Tone};

/// Something to read above the view.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// What it is.
    pub title: String,
    /// Its rows.
    pub rows: Vec<Row>,
    /// The first row that is shown.
    pub top: usize,
    /// What `y` copies.
    pub copies: Option<String>,
}

impl Overlay {
    /// Rows under a title.
    pub fn of(title: &str, rows: Vec<Row>) -> Self {
        Overlay {
            title: title.to_owned(),
            rows,
            top: 0,
            copies: None,
        }
    }
}

/// What a line is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// A search in the code.
    Search,
    /// A part of the names of steps.
    Filter,
    /// A file's name.
    Save,
    /// A function.
    Function,
    /// What to compare with.
    Against,
}

/// A line that is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What was typed.
    pub text: String,
}

/// More than this, in characters, is no name and no search.
const LONGEST: usize = 200;

impl Prompt {
    /// Adds what was typed or pasted: the first line of it, without orders to a terminal.
    pub fn add(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        let room = LONGEST.saturating_sub(self.text.chars().count());
        let kept = line.chars().take(room);
        self.text.extend(kept.filter(|c| {
            diff_view::printable(c.encode_utf8(&mut [0; 4]))
                .chars()
                .eq([*c])
        }));
    }

    /// What stands before it.
    pub fn label(&self) -> &'static str {
        match self.kind {
            PromptKind::Search => "search: ",
            PromptKind::Filter => "steps with: ",
            PromptKind::Save => "save this step's IR as: ",
            PromptKind::Function => "function: ",
            PromptKind::Against => "compare with (forward, reverse, noalias, or a saved trace): ",
        }
    }
}

/// A row of one tone.
pub fn line(text: &str, tone: Tone) -> Row {
    let mut row = Row::default();
    row.push(&diff_view::printable(text), tone.style(), None);
    row
}
