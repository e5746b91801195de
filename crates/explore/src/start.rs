//! What an explorer is started with.

use std::path::PathBuf;

use diff_view::Row;
use session::error::Error;
use session::slicing::Slicing;
use session::verdict::Checking;
use trace::{AdOptions, Check, Limits, Mode, Trace};

/// What an explorer is started with.
pub struct Start {
    /// The file, or a saved run.
    pub path: PathBuf,
    /// Which module of a dump that holds several, from 1.
    pub module: Option<usize>,
    /// The function, if one was named.
    pub function: Option<String>,
    /// The mode, if one was named.
    pub mode: Option<Mode>,
    /// How to differentiate; its mode counts for nothing.
    pub ad: AdOptions,
    /// How derivatives are checked, if they are.
    pub checking: Option<Checking>,
    /// On what functions are run.
    pub inputs: Check,
    /// How much of a module an engine is given.
    pub slicing: Slicing,
    /// What an engine may use.
    pub limits: Limits,
    /// Run again when the file changes.
    pub watch: bool,
    /// The theme's name; none for no colours.
    pub theme: Option<String>,
    /// Whether the terminal's background is dark, if that is known.
    pub is_dark: Option<bool>,
    /// The terminal shows ASCII only.
    pub ascii: bool,
}

/// The words for what a session gives, which are the front end's.
pub trait Words: Send + Sync {
    /// What stands above every view of a run: signature, verdict, reasons to doubt.
    fn heading(&self, trace: &Trace, width: usize) -> Vec<Row>;
    /// Why something failed, and what to do.
    fn failure(&self, error: &Error, width: usize) -> Vec<Row>;
    /// Where a derivative goes wrong. The run is one that looked for that.
    fn located(&self, trace: Trace, width: usize) -> Vec<Row>;
}

/// Why there is no explorer.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    /// Standard output or input is no terminal.
    #[error("there is no terminal to explore on")]
    NoTerminal,
    /// The terminal does not do what it is asked.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
    /// The file cannot be read.
    #[error(transparent)]
    Session(#[from] Error),
    /// No function was named, where somebody has to.
    #[error("which function?")]
    NoFunction,
}
