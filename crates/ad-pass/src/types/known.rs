//! A function's parameters with all that the module itself says of them.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{RustType, TypeSource};

use crate::types::debug_info;
use crate::types::fit::fit;
use crate::types::parameters;
use crate::types::raw;
use crate::types::shape::Shape;

/// The function's parameters and the type of its result, by its debug info where that fits, else by
/// the IR.
pub(crate) fn known<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
) -> (Vec<Shape>, Option<RustType>) {
    let raw = raw::raw(module, function);
    let returned = parameters::returned(function);
    let typed = debug_info::signature(function).and_then(|known| {
        let shapes = fit(&raw, returned.as_ref(), &known, TypeSource::DebugInfo).ok()?;
        Some((shapes, known.returns))
    });
    typed.unwrap_or_else(|| (parameters::parameters(&raw), None))
}
