//! A function's IR parameters.

use std::collections::BTreeSet;

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::values::{BasicValueEnum, FunctionValue};

use crate::ir::lookup::value_name;
use crate::types::aggregate::{holds, words};
use crate::types::contents;
use crate::types::float_bits::becomes_float;
use crate::types::loads;
use crate::types::ty::Ty;

/// One IR parameter.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    /// Its name, if it has one.
    pub(crate) name: Option<String>,
    pub(crate) ty: Ty,
    /// So many bytes can be read there.
    pub(crate) dereferenceable: bool,
    /// It is never null.
    pub(crate) nonnull: bool,
    /// It has a value whatever else holds.
    pub(crate) is_defined: bool,
    /// Where pointers are loaded from the memory that it leads to.
    pub(crate) pointers_at: BTreeSet<u64>,
}

impl Raw {
    /// `x` of `x.0` or `x.1`, whichever `part` says.
    pub(crate) fn base(&self, part: usize) -> Option<&str> {
        self.name.as_deref()?.strip_suffix(&format!(".{part}"))
    }

    /// Its name, or one by its position.
    pub(crate) fn called(&self, at: usize) -> String {
        self.name.clone().unwrap_or_else(|| format!("arg{at}"))
    }
}

/// The function's IR parameters.
pub(crate) fn raw<'c>(module: &Module<'c>, function: FunctionValue<'c>) -> Vec<Raw> {
    let params = function.get_params().into_iter().enumerate();
    params
        .map(|(at, value)| Raw {
            name: value_name(value),
            ty: type_of(module, function, value, at),
            dereferenceable: attribute(function, at, "dereferenceable").is_some(),
            nonnull: attribute(function, at, "nonnull").is_some(),
            is_defined: attribute(function, at, "noundef").is_some(),
            pointers_at: loads::of_pointers(value),
        })
        .collect()
}

fn type_of<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
    value: BasicValueEnum<'c>,
    index: usize,
) -> Ty {
    match value {
        BasicValueEnum::FloatValue(float) => Ty::Float(contents::float_name(float.get_type())),
        BasicValueEnum::IntValue(int) => {
            let text = int.get_type().print_to_string().to_string();
            if becomes_float(value) {
                Ty::FloatBits(text)
            } else {
                Ty::Integer(text)
            }
        }
        BasicValueEnum::PointerValue(_) => {
            let contents = contents::behind(module, value);
            let bytes = attribute(function, index, "dereferenceable")
                .map(|attribute| attribute.get_enum_value())
                .filter(|&bytes| bytes > 0);
            match attribute(function, index, "sret") {
                Some(_) => Ty::Result { contents, bytes },
                None => Ty::Pointer { contents, bytes },
            }
        }
        other => Ty::Aggregate {
            text: words(other.get_type()),
            holds: holds(other.get_type()),
        },
    }
}

fn attribute(function: FunctionValue<'_>, index: usize, name: &str) -> Option<Attribute> {
    let location = AttributeLoc::Param(u32::try_from(index).ok()?);
    function.get_enum_attribute(location, Attribute::get_named_enum_kind_id(name))
}
