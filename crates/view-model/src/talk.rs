//! A talk: a file that names views, one for each screen, with questions and notes.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A talk.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    /// What it is called.
    pub title: String,
    /// Its screens, in their order.
    #[serde(rename = "screen")]
    pub screens: Vec<Slide>,
    /// The folder that the names of files begin in.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// One screen of a talk.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Slide {
    /// Its heading.
    pub title: String,
    /// What stands below that.
    pub text: String,
    /// A saved run, by its file's name from the talk's folder.
    pub file: Option<String>,
    /// The step or point of it that is shown; its end, if none is named.
    pub at: Option<String>,
    /// The step or point that it is compared with, instead of the step before.
    pub against: Option<String>,
    /// How the two sides stand: `unified`, `split`, `after` or `before`.
    pub layout: Option<String>,
    /// A part of the line at the cursor.
    pub line: Option<String>,
    /// Primal and derivative side by side.
    pub pair: bool,
    /// Fold what is the same.
    pub fold: bool,
    /// Lines of Rust above what they became.
    pub source: bool,
    /// What stands before the lines: `roles`, `types`, `activity`, `cache`, `values`.
    pub gutters: Vec<String>,
    /// What the colours of code mean: `syntax`, as usual, or `roles`.
    pub colour_by: Option<String>,
    /// The numbers come line by line: down the primal, and then back up.
    pub run: bool,
    /// The verdict in full stands in the code's place.
    pub verdict: bool,
    /// Where the derivative goes wrong stands in the code's place.
    pub locate: bool,
    /// A question to ask before its answer appears.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// What the speaker wants to say.
    pub notes: String,
}

/// A talk cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TalkError {
    /// The system says why.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        #[source]
        error: std::io::Error,
    },
    /// It is no talk.
    #[error("{} is no talk: {error}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        #[source]
        error: Box<toml::de::Error>,
    },
    /// It has no screen.
    #[error("{} has no screen", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl Talk {
    /// Reads a talk.
    pub fn read(path: &Path) -> Result<Self, TalkError> {
        let text = std::fs::read_to_string(path).map_err(|error| TalkError::Io {
            path: path.to_owned(),
            error,
        })?;
        let mut talk: Talk = toml::from_str(&text).map_err(|error| TalkError::Form {
            path: path.to_owned(),
            error: Box::new(error),
        })?;
        if talk.screens.is_empty() {
            return Err(TalkError::Empty {
                path: path.to_owned(),
            });
        }
        talk.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(talk)
    }
}

impl Slide {
    /// How many times one goes on before the next screen comes.
    pub fn parts(&self) -> usize {
        let numbers = if self.run { 2 } else { 0 };
        let answer = usize::from(!self.question.is_empty() && !self.answer.is_empty());
        numbers + answer
    }

    /// How far the numbers are at a part: those of the primal, and those of the way back.
    pub fn numbers(&self, part: usize) -> (bool, bool) {
        match self.run {
            true => (part >= 1, part >= 2),
            false => (true, true),
        }
    }

    /// True where the answer is there at a part.
    pub fn is_answered(&self, part: usize) -> bool {
        part >= self.parts()
    }
}
