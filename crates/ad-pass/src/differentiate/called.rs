//! What the instructions are there for in derivatives of functions that the primal calls.
//!
//! The functions are numbered before Enzyme runs, as the primal is, and what Enzyme made of them is numbered before the
//! cleanup pipeline.

use std::collections::{BTreeMap, HashMap};

use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue, InstructionValue};
use llvm_shim::{Roles, SourceLine};
use trace::{Mode, Part, RemarkKind, Signature, enzyme as words};

use crate::backend::enzyme::Enzyme;
use crate::channel::parts::parts;
use crate::channel::recorder::LocatedRemark;
use crate::ir::lookup::{derived_from, is_made_of, name};

/// Functions that are called, by their symbols; and what is known of their instructions, which have numbers.
pub(crate) struct Called {
    functions: BTreeMap<String, CalledFunction>,
}

/// A function that is called.
#[derive(Clone, Debug, Default)]
pub(crate) struct CalledFunction {
    /// Where its instructions come from.
    pub(crate) sources: Vec<Option<SourceLine>>,
    /// Of each, the places of those that use its value.
    pub(crate) users: Vec<Vec<usize>>,
    /// What Enzyme said of each.
    pub(crate) because: Vec<Vec<RemarkKind>>,
}

/// What Enzyme made of them.
pub(crate) struct CalledDerivatives {
    functions: BTreeMap<String, CalledFunction>,
    /// By the symbol of the derivative: that of the function, and the roles as Enzyme generated it, where they can be
    /// told.
    roles: BTreeMap<String, (String, Option<Roles>)>,
}

/// What is known of functions that are called, and of their derivatives.
#[derive(Clone, Debug, Default)]
pub(crate) struct CalledFunctions {
    /// By symbol.
    pub(crate) functions: BTreeMap<String, CalledFunction>,
    /// By the symbol of a derivative: that of the function, and what each instruction is there for, where that is known.
    pub(crate) derivatives: BTreeMap<String, (String, Option<Vec<Part>>)>,
}

impl Called {
    /// Numbers all functions but the primal and what Enzyme has made of that.
    pub(crate) fn number(module: &Module<'_>, primal: FunctionValue<'_>) -> Self {
        let functions = module
            .get_functions()
            .filter(|function| {
                function.count_basic_blocks() > 0
                    && *function != primal
                    && !name(*function).starts_with(words::PREPROCESSED)
            })
            .map(|function| {
                let users = users(function);
                let sources = llvm_shim::number(function);
                let known = CalledFunction {
                    because: vec![Vec::new(); sources.len()],
                    sources,
                    users,
                };
                (name(function), known)
            })
            .collect();
        Called { functions }
    }

    /// Reads the numbers that Enzyme has copied to derivatives, and numbers those.
    pub(crate) fn derived(
        mut self,
        enzyme: &Enzyme,
        module: &Module<'_>,
        signature: &Signature,
        remarks: &[LocatedRemark],
    ) -> CalledDerivatives {
        for (symbol, function) in &mut self.functions {
            let of = remarks
                .iter()
                .filter(|said| is_made_of(&said.function, symbol));
            for said in of {
                let at = said.line.checked_sub(1);
                if let Some(because) = at.and_then(|at| function.because.get_mut(at))
                    && !because.contains(&said.kind)
                {
                    because.push(said.kind.clone());
                }
            }
        }
        let forward = signature.mode == Mode::Forward;
        let mut roles = BTreeMap::new();
        for derivative in module.get_functions() {
            let symbol = name(derivative);
            let of = derived_from(&symbol).and_then(|of| {
                let mut names = of.into_iter();
                names.find_map(|name| self.functions.get_key_value(name))
            });
            let Some((of, known)) = of else {
                continue;
            };
            // Numbers are places in the function as it was.
            let function = module
                .get_function(of)
                .filter(|function| instructions(*function) == known.sources.len());
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
            functions: self.functions,
            roles,
        }
    }
}

/// Of each instruction, the places of those that use its value.
fn users(function: FunctionValue<'_>) -> Vec<Vec<usize>> {
    let all: Vec<InstructionValue<'_>> = function
        .get_basic_block_iter()
        .flat_map(|block| block.get_instructions())
        .collect();
    let places: HashMap<*mut _, usize> = all
        .iter()
        .enumerate()
        .map(|(at, instruction)| (instruction.as_value_ref(), at))
        .collect();
    let users_of = |instruction: &InstructionValue<'_>| {
        let mut users = Vec::new();
        let mut next = instruction.get_first_use();
        while let Some(one) = next {
            users.extend(places.get(&one.get_user().as_value_ref()).copied());
            next = one.get_next_use();
        }
        users
    };
    all.iter().map(users_of).collect()
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
            functions: self.functions,
            derivatives,
        }
    }
}
