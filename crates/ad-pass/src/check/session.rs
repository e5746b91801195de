//! What all comparisons of one check share.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{AdOptions, Check, Diagnosis, Parameter};

use super::run::Primal;
use crate::differentiate::derived::Derived;
use crate::ir::load::load_for;
use crate::transform::library;
use crate::types::ty::Ty;

/// The module as it came, from which others are made.
pub(crate) struct Source<'a, 'c> {
    pub(crate) context: &'c Context,
    pub(crate) bytes: &'a [u8],
    pub(crate) name: &'a str,
}

impl<'c> Source<'_, 'c> {
    /// The module for a derivative of `function`, with what its build left in the standard library unless nightly's
    /// compiler is to be followed.
    pub(crate) fn load(
        &self,
        ad: &AdOptions,
        function: &str,
    ) -> Result<(Module<'c>, Vec<String>), Diagnosis> {
        let module = load_for(self.context, self.bytes, self.name, function)?;
        let completed = match ad.is_faithful() {
            true => Vec::new(),
            false => {
                library::enclose(&module, function);
                library::complete(&module)
            }
        };
        Ok((module, completed))
    }
}

/// Everything that comparisons share.
pub(super) struct Session<'c> {
    pub(super) primal: Primal<'c>,
    pub(super) function: FunctionValue<'c>,
    pub(super) derived: Derived,
    /// The fewest bits of any float that takes part.
    pub(super) bits: u32,
    pub(super) samples: usize,
    /// Differences are taken beside dual numbers.
    pub(super) takes_differences: bool,
}

impl<'c> Session<'c> {
    /// What comparisons share of a function and its derivative.
    pub(super) fn new(
        primal: Primal<'c>,
        function: FunctionValue<'c>,
        derived: Derived,
        check: &Check,
    ) -> Self {
        Session {
            bits: primal.code.bits(),
            primal,
            function,
            derived,
            samples: check.samples as usize,
            takes_differences: true,
        }
    }

    /// The parameter's activity, by its position among Rust's.
    pub(super) fn parameter(&self, at: usize) -> &Parameter {
        self.derived.parameter(at)
    }

    /// True for the memory of what Rust passes by value: it is the callee's own, and nobody looks at it afterwards.
    pub(super) fn is_own(&self, parameter: usize) -> bool {
        let first = u32::try_from(self.derived.shapes[parameter].first).unwrap_or(u32::MAX);
        ["dead_on_return", "byval"].iter().any(|name| {
            let kind = Attribute::get_named_enum_kind_id(name);
            let place = AttributeLoc::Param(first);
            self.function.get_enum_attribute(place, kind).is_some()
        })
    }

    /// True for memory that the function stores to somewhere.
    pub(super) fn is_written(&self, parameter: usize) -> bool {
        fn stores(ty: &Ty) -> bool {
            match ty {
                Ty::Slice(contents) | Ty::Pointer { contents, .. } => contents.written,
                Ty::Result { .. } => true,
                Ty::Pair(parts) => parts.iter().any(stores),
                _ => false,
            }
        }
        stores(&self.derived.shapes[parameter].ty)
    }
}
