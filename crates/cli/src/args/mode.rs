//! The mode, as clap takes it.

use clap::ValueEnum;
use trace::Mode;

/// Forward or reverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeName {
    /// Tangents.
    Forward,
    /// Gradients.
    Reverse,
}

impl From<ModeName> for Mode {
    fn from(mode: ModeName) -> Self {
        match mode {
            ModeName::Forward => Mode::Forward,
            ModeName::Reverse => Mode::Reverse,
        }
    }
}
