//! How much of a module the engine is given.

use crate::error::Error;
use crate::module::Module;

/// Whether a module is cut to what a function needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slicing {
    /// From a size on, and where the file is cut off.
    #[default]
    WhereItPays,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Slicing {
    /// Cuts a module to what the functions of these symbols need, where that is wanted.
    ///
    /// What cannot be cut is not silently taken whole: nobody would know why it takes so long.
    pub fn cut(self, module: &mut Module, symbols: &[&str]) -> Result<(), Error> {
        let cuts = match self {
            Slicing::Always => true,
            Slicing::Never => false,
            Slicing::WhereItPays => module.is_worth_cutting(),
        };
        match cuts {
            true => module.cut_to(symbols),
            false => Ok(()),
        }
    }
}
