//! Functions of the mathematics library that are written in Rust (the crate `libm`).
//!
//! They take the bits of numbers apart, which has no derivative; Enzyme knows what each of them computes.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::values::{BasicValue, FunctionValue};

/// Those for which Enzyme has a rule, or that are constant but for steps. Single precision has an `f` behind its name.
const KNOWN: [&str; 36] = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos", "cosh",
    "erf", "erfc", "exp", "exp10", "exp2", "expm1", "fabs", "floor", "fmod", "hypot", "j0", "j1",
    "log", "log10", "log1p", "log2", "pow", "round", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
    "y0",
];

/// Those of a module that have a body and that others use, and what C calls them. Whoever wants the derivative of one by
/// itself means its body.
pub(crate) fn functions<'c>(module: &Module<'c>, primal: &str) -> Vec<(FunctionValue<'c>, String)> {
    let always = Attribute::get_named_enum_kind_id("alwaysinline");
    module
        .get_functions()
        .filter(|function| {
            let used = function.as_global_value().as_pointer_value();
            let is_inlined = function.get_enum_attribute(AttributeLoc::Function, always);
            function.count_basic_blocks() > 0
                && function.get_name().to_bytes() != primal.as_bytes()
                && used.get_first_use().is_some()
                && is_inlined.is_none()
                && takes_floats(*function)
        })
        .filter_map(|function| Some((function, known_as(&function.get_name().to_string_lossy())?)))
        .collect()
}

/// One kind of float comes out of one or more of the same.
fn takes_floats(function: FunctionValue<'_>) -> bool {
    let ty = function.get_type();
    let parameters = ty.get_param_types();
    ty.get_return_type().is_some_and(|returned| {
        returned.is_float_type()
            && !parameters.is_empty()
            && parameters.iter().all(|parameter| {
                parameter.is_float_type()
                    && parameter.into_float_type() == returned.into_float_type()
            })
    })
}

/// What C calls a function of this symbol.
fn known_as(symbol: &str) -> Option<String> {
    if !symbol.contains("4libm4math") {
        return None;
    }
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let name = path.strip_prefix("libm::math::")?.rsplit("::").next()?;
    let double = name.strip_suffix('f');
    let is_known = KNOWN.contains(&name) || double.is_some_and(|double| KNOWN.contains(&double));
    is_known.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::known_as;

    #[test]
    fn functions_are_known_by_their_paths() {
        let found = |symbol| known_as(symbol).unwrap_or_default();
        assert_eq!(found("_ZN4libm4math3erf3erf17h0123456789abcdefE"), "erf");
        assert_eq!(found("_ZN4libm4math4cosf4cosf17h0123456789abcdefE"), "cosf");
        assert_eq!(found("_ZN4libm4math3erf5erfc117h0123456789abcdefE"), "");
        assert_eq!(found("_ZN4mine3erf3erf17h0123456789abcdefE"), "");
    }
}
