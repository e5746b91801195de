//! What a command says that ended without doing what was asked: plain data, printed elsewhere.

use ir_load::Candidate;
use serde::Serialize;
use session::shell;
use trace::{Cause, Frame, SourceLine};

use crate::exit;

/// Why a command ended without doing what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// A word for programs: `not_found`, `parse`, `timeout` …
    pub kind: String,
    /// What is wrong, in one sentence.
    pub title: String,
    /// Where, if there is a place.
    pub place: Option<Place>,
    /// Facts that explain it.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<Help>,
    /// What else programs may want to know of a refusal.
    pub details: Option<Box<Details>>,
    /// What a word of the command line may mean, where somebody can be asked.
    pub choice: Option<Choice>,
}

/// A function's name that may mean several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The name as it was given.
    pub name: String,
    /// What it may mean.
    pub meanings: Vec<Meaning>,
}

/// One of the functions that a name may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What people call it.
    pub shown: String,
    /// What means it alone: its path, or its symbol where the path is another's, too.
    pub word: String,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Help {
    /// A sentence.
    Words(String),
    /// A command to run.
    Command(Suggestion),
}

/// A command that helps, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What stands before it.
    pub lead: &'static str,
    /// Its words, the program's name first.
    pub arguments: Vec<String>,
    /// What it does, or what it costs.
    pub reason: Option<String>,
}

/// A refusal, for programs: what its words are made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Details {
    /// What irad takes the cause to be.
    pub cause: Option<Cause>,
    /// The offending line.
    pub instruction: Option<SourceLine>,
    /// How it is reached.
    pub frames: Vec<Frame>,
    /// What is known of the values at hand.
    pub types: Vec<String>,
    /// What was tried.
    pub tries: Vec<Tried>,
}

/// Flags that were tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// The flags.
    pub flags: Vec<String>,
    /// Flags that were left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// What they do, or what they cost.
    pub why: String,
    /// The command with them, as a shell takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Whether Enzyme accepts the function with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// What a check came to, where it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<&'static str>,
}

/// A line of some text, with a marker under part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the text is called.
    pub origin: String,
    /// Its line, from 1; 0 for a text that has no numbers.
    pub line: usize,
    /// The lines before it.
    pub before: Vec<String>,
    /// The lines after it.
    pub after: Vec<String>,
    /// The line itself.
    pub text: String,
    /// Column of the marker, from 1.
    pub column: usize,
    /// How many columns are marked.
    pub width: usize,
    /// A word about the marked part.
    pub label: String,
}

impl Choice {
    /// A choice between these.
    pub fn of(name: &str, candidates: &[Candidate]) -> Self {
        let is_only = |path: &str| candidates.iter().filter(|each| each.path == path).count() == 1;
        let by_path = candidates.iter().all(|each| is_only(&each.path));
        let meanings = candidates.iter().map(|each| Meaning {
            shown: format!("{}{}", each.path, each.types),
            word: match by_path {
                true => each.path.clone(),
                false => each.symbol.clone(),
            },
        });
        Choice {
            name: name.to_owned(),
            meanings: meanings.collect(),
        }
    }

    /// True when paths tell the functions apart.
    pub fn by_path(&self) -> bool {
        self.meanings.iter().all(|each| each.shown == each.word)
    }
}

impl Help {
    /// As it is printed; a command is quoted for the shell.
    pub fn text(&self) -> String {
        match self {
            Help::Words(words) => words.clone(),
            Help::Command(suggestion) => {
                let command = shell::line(&suggestion.arguments);
                let reason = suggestion.reason.as_ref();
                let reason = reason.map_or_else(String::new, |reason| format!("\n({reason})"));
                format!("{}: {command}{reason}", suggestion.lead)
            }
        }
    }
}

impl<T: Into<String>> From<T> for Help {
    fn from(words: T) -> Self {
        Help::Words(words.into())
    }
}

impl Failure {
    /// What explains it and what to do next, each as it is printed.
    pub fn details_in_lines(&self) -> impl Iterator<Item = String> {
        let help = self.help.iter().map(Help::text);
        self.notes.iter().cloned().chain(help)
    }

    /// A failure of the user's making.
    pub fn usage(kind: &str, title: impl Into<String>) -> Self {
        Failure {
            code: exit::USAGE,
            kind: kind.to_owned(),
            title: title.into(),
            place: None,
            notes: Vec::new(),
            help: Vec::new(),
            details: None,
            choice: None,
        }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same with one more thing to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Help>) -> Self {
        self.help.push(help.into());
        self
    }
}
