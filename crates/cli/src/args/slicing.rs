//! How much of a module the engine is given, as clap takes it.

use session::module::Module;
use session::slicing::Slicing;

use super::ad::AdArgs;
use crate::failure::Failure;

/// How much of a module the engine is given.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Differentiation")]
pub struct SlicingArgs {
    /// Give LLVM only what the function needs of the module, as is done from 4 MiB on and where the
    /// file is cut off.
    #[arg(long = "slice", conflicts_with_all = ["no_slice", "whole-program"])]
    pub always: bool,
    /// Give LLVM the whole module, however large it is.
    #[arg(long)]
    pub no_slice: bool,
}

impl SlicingArgs {
    /// What the flags say, where nothing else does.
    pub fn slicing(self) -> Slicing {
        match (self.always, self.no_slice) {
            (true, _) => Slicing::Always,
            (_, true) => Slicing::Never,
            _ => Slicing::WhereItPays,
        }
    }

    /// Cuts a module to what the functions of these symbols need, where that is wanted.
    pub fn cut(self, module: &mut Module, symbols: &[&str], ad: &AdArgs) -> Result<(), Failure> {
        let slicing = match (self.slicing(), ad.options.whole_program) {
            (Slicing::WhereItPays, true) => Slicing::Never,
            (slicing, _) => slicing,
        };
        slicing
            .cut(module, symbols)
            .map_err(|error| Failure::from(error).help("--no-slice has all of the module read"))
    }
}
