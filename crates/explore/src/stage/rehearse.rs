//! A rehearsal: every name in a talk still means something, and every screen fits.

use std::path::Path;

use view_model::glyphs::Glyphs;
use view_model::key::Key;
use view_model::stage::Stage;

use super::runs::{StageError, read};
use crate::start::Words;

/// Rows and columns that every projector shows.
const SIZE: (u16, u16) = (80, 24);

/// Something that is wrong with a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The screen, from 1.
    pub screen: usize,
    /// Its heading.
    pub title: String,
    /// What is wrong.
    pub words: String,
}

/// Goes through a talk, and gives how many screens it has and what is wrong with them.
pub fn rehearse(path: &Path, words: &dyn Words) -> Result<(usize, Vec<Fault>), StageError> {
    let (talk, runs) = read(path, words, usize::from(SIZE.0))?;
    let count = talk.screens.len();
    let mut stage = Stage::new(talk, runs, SIZE, Glyphs::default());
    let mut faults = Vec::new();
    for screen in 1..=count {
        for digit in screen.to_string().chars() {
            stage.press(Key::Char(digit));
        }
        stage.press(Key::Enter);
        let title = stage.slide().title.clone();
        let found = stage.faults().into_iter();
        faults.extend(found.map(|words| Fault {
            screen,
            title: title.clone(),
            words,
        }));
    }
    Ok((count, faults))
}
