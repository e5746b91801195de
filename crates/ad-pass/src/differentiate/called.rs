//! What the instructions are there for in derivatives of functions that the primal calls.
//!
//! The functions are numbered before Enzyme runs, as the primal is, and what Enzyme made of them is numbered before the
//! cleanup pipeline.

use std::collections::BTreeMap;

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use llvm_shim::{Roles, SourceLine};
use trace::{Mode, Part, Signature, enzyme as words};

use crate::backend::enzyme::Enzyme;
use crate::channel::parts::parts;
use crate::ir::lookup::{derived_from, name};

/// Functions that are called, by their symbols; and the source lines of their instructions.
pub(crate) struct Called {
    sources: BTreeMap<String, Vec<Option<SourceLine>>>,
}

/// What Enzyme made of them.
pub(crate) struct CalledDerivatives {
    sources: BTreeMap<String, Vec<Option<SourceLine>>>,
    /// By the symbol of the derivative: that of the function, and the roles as Enzyme generated it, where they can be
    /// told.
    roles: BTreeMap<String, (String, Option<Roles>)>,
}

/// What is known of functions that are called, and of their derivatives.
#[derive(Clone, Debug, Default)]
pub(crate) struct CalledFunctions {
    /// By symbol, the source lines of the instructions, which have their numbers.
    pub(crate) sources: BTreeMap<String, Vec<Option<SourceLine>>>,
    /// By the symbol of a derivative: that of the function, and what each instruction is there for, where that is known.
    pub(crate) derivatives: BTreeMap<String, (String, Option<Vec<Part>>)>,
}

impl Called {
    /// Numbers all functions but the primal and what Enzyme has made of that.
    pub(crate) fn number(module: &Module<'_>, primal: FunctionValue<'_>) -> Self {
        let sources = module
            .get_functions()
            .filter(|function| {
                function.count_basic_blocks() > 0
                    && *function != primal
                    && !name(*function).starts_with(words::PREPROCESSED)
            })
            .map(|function| (name(function), llvm_shim::number(function)))
            .collect();
        Called { sources }
    }

    /// Reads the numbers that Enzyme has copied to derivatives, and numbers those.
    pub(crate) fn derived(
        self,
        enzyme: &Enzyme,
        module: &Module<'_>,
        signature: &Signature,
    ) -> CalledDerivatives {
        let forward = signature.mode == Mode::Forward;
        let mut roles = BTreeMap::new();
        for derivative in module.get_functions() {
            let symbol = name(derivative);
            let of = derived_from(&symbol).and_then(|of| {
                let mut names = of.into_iter();
                names.find_map(|name| self.sources.get_key_value(name))
            });
            let Some((of, sources)) = of else {
                continue;
            };
            // Numbers are places in the function as it was.
            let function = module
                .get_function(of)
                .filter(|function| instructions(*function) == sources.len());
            let found = function.map(|function| {
                // Of the half that runs first Enzyme says nothing: names and uses tell.
                let origins = enzyme.origins(derivative);
                let (found, _) = llvm_shim::roles(function, derivative, forward, &origins);
                llvm_shim::number(derivative);
                found
            });
            roles.insert(symbol.clone(), (of.clone(), found));
        }
        CalledDerivatives {
            sources: self.sources,
            roles,
        }
    }
}

fn instructions(function: FunctionValue<'_>) -> usize {
    let blocks = function.get_basic_block_iter();
    blocks.map(|block| block.get_instructions().count()).sum()
}

impl CalledDerivatives {
    /// Reads the numbers that the cleanup pipeline has left.
    pub(crate) fn cleaned(self, module: &Module<'_>) -> CalledFunctions {
        let derivatives = self
            .roles
            .into_iter()
            .filter_map(|(symbol, (of, roles))| {
                let derivative = module.get_function(&symbol)?;
                let left = roles.map(|roles| parts(&llvm_shim::roles_after(derivative, &roles)));
                Some((symbol, (of, left)))
            })
            .collect();
        CalledFunctions {
            sources: self.sources,
            derivatives,
        }
    }
}
