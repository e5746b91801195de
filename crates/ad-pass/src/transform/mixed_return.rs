//! Functions that return a float beside something else in registers, as those do that return
//! `Option<f64>` or `(usize, f64)`.
//!
//! Enzyme gives the result of a call one activity. A pair of an integer and a float is an integer by
//! its first part, so that the adjoint of the float is dropped and nothing is said. Inlined, nothing
//! is left to be mistaken.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{AnyValueEnum, BasicValue, BasicValueEnum, CallSiteValue, FunctionValue};

use crate::ir::call_graph::reached;

/// Has every such function that `symbol` reaches inlined by the next pipeline. Gives their symbols.
pub(crate) fn open(module: &Module<'_>, symbol: &str) -> Vec<String> {
    let noinline = Attribute::get_named_enum_kind_id("noinline");
    let optnone = Attribute::get_named_enum_kind_id("optnone");
    let inline = module
        .get_context()
        .create_enum_attribute(Attribute::get_named_enum_kind_id("alwaysinline"), 0);
    let mut opened = Vec::new();
    for function in mixed(module, symbol) {
        if function
            .get_enum_attribute(AttributeLoc::Function, optnone)
            .is_some()
        {
            continue;
        }
        function.remove_enum_attribute(AttributeLoc::Function, noinline);
        function.add_attribute(AttributeLoc::Function, inline);
        // rustc says it at each call, too.
        for call in calls_of(function) {
            call.remove_enum_attribute(AttributeLoc::Function, noinline);
        }
        opened.push(function.get_name().to_string_lossy().into_owned());
    }
    opened
}

/// Those that are still called: recursive ones, or because no pipeline ran.
pub(crate) fn left(module: &Module<'_>, symbol: &str) -> Vec<String> {
    mixed(module, symbol)
        .map(|function| function.get_name().to_string_lossy().into_owned())
        .collect()
}

/// The calls of a function.
pub(super) fn calls_of(function: FunctionValue<'_>) -> Vec<CallSiteValue<'_>> {
    let mut calls = Vec::new();
    let mut next =
        BasicValueEnum::from(function.as_global_value().as_pointer_value()).get_first_use();
    while let Some(used) = next {
        next = used.get_next_use();
        let user = match used.get_user() {
            AnyValueEnum::InstructionValue(instruction) => Some(instruction),
            other => BasicValueEnum::try_from(other)
                .ok()
                .and_then(|value| value.as_instruction_value()),
        };
        calls.extend(user.and_then(|user| CallSiteValue::try_from(user).ok()));
    }
    calls
}

fn mixed<'c>(module: &Module<'c>, symbol: &str) -> impl Iterator<Item = FunctionValue<'c>> {
    reached(module, symbol).into_iter().filter(move |function| {
        function.count_basic_blocks() > 0
            && function.get_name().to_bytes() != symbol.as_bytes()
            && function.get_type().get_return_type().is_some_and(is_mixed)
    })
}

fn is_mixed(ty: BasicTypeEnum<'_>) -> bool {
    let BasicTypeEnum::StructType(fields) = ty else {
        return false;
    };
    let fields = fields.get_field_types();
    let is_float = |ty: &BasicTypeEnum<'_>| matches!(ty, BasicTypeEnum::FloatType(_));
    fields.iter().any(is_float) && !fields.iter().all(is_float)
}
