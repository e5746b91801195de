//! The saved runs of a talk.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use session::error::Error;
use trace::Limits;
use view_model::stage::Saved;
use view_model::talk::{Talk, TalkError};

use crate::engines::saved;
use crate::start::Words;

/// Why there is no stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The talk cannot be read.
    #[error(transparent)]
    Talk(#[from] TalkError),
    /// One of its saved runs cannot be read.
    #[error(transparent)]
    Run(#[from] Error),
    /// Standard output or input is no terminal.
    #[error("there is no terminal to present on")]
    NoTerminal,
    /// The terminal does not do what it is asked.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}

/// A talk, and its saved runs by the names of their files. Nothing is run: a talk needs no engine.
pub fn read(
    path: &Path,
    words: &dyn Words,
    width: usize,
) -> Result<(Talk, HashMap<String, Arc<Saved>>), StageError> {
    let talk = Talk::read(path)?;
    let mut runs = HashMap::new();
    for file in talk.screens.iter().filter_map(|slide| slide.file.as_ref()) {
        if !runs.contains_key(file) {
            let trace = saved(&talk.folder.join(file), Limits::default())?;
            let heading = words.heading(&trace, width);
            let located = match trace.located {
                // What stands above every view stands above it already.
                Some(_) => {
                    let located = words.located(trace.clone(), width).into_iter();
                    located.skip(heading.len()).collect()
                }
                None => Vec::new(),
            };
            let saved = Saved {
                trace,
                heading,
                located,
            };
            runs.insert(file.clone(), Arc::new(saved));
        }
    }
    Ok((talk, runs))
}
