//! Functions that the prepare pipeline inlines because somebody said so (`--inline`), though LLVM would not.
//!
//! Enzyme asks of a function that is called what its caller overwrites later, and keeps all that it cannot exclude.
//! Inlined, both are one function, in which LLVM sees more.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::Diagnosis;

use super::promise::named;

/// What says that Enzyme has a derivative of its own for a function, or none: such a call stays.
const OF_ENZYME: &str = "enzyme_";

/// Marks the functions that are named, but for the one that is differentiated and those that Enzyme knows.
pub(crate) fn set(module: &Module<'_>, names: &[String], primal: &str) -> Result<(), Diagnosis> {
    for function in named(module, names)? {
        let is_primal = function.get_name().to_bytes() == primal.as_bytes();
        if is_primal || is_known(function) {
            continue;
        }
        for other in ["noinline", "optnone"] {
            let kind = Attribute::get_named_enum_kind_id(other);
            function.remove_enum_attribute(AttributeLoc::Function, kind);
        }
        let kind = Attribute::get_named_enum_kind_id("alwaysinline");
        let context = function.get_type().get_context();
        function.add_attribute(
            AttributeLoc::Function,
            context.create_enum_attribute(kind, 0),
        );
    }
    Ok(())
}

fn is_known(function: FunctionValue<'_>) -> bool {
    let attributes = function.attributes(AttributeLoc::Function);
    attributes.iter().any(|attribute| {
        attribute.is_string()
            && attribute
                .get_string_kind_id()
                .to_bytes()
                .starts_with(OF_ENZYME.as_bytes())
    })
}
