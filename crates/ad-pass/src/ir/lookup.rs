//! Finds functions by their symbols, and the other way round.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{Diagnosis, Help, Kind, Problem};

/// The function of that symbol; a declaration is refused.
pub(crate) fn find<'c>(module: &Module<'c>, symbol: &str) -> Result<FunctionValue<'c>, Diagnosis> {
    let function = module.get_function(symbol).ok_or_else(|| {
        Diagnosis::new(
            Kind::Function,
            Problem::NoSuchFunction {
                symbol: symbol.to_owned(),
            },
        )
    })?;
    if function.count_basic_blocks() == 0 {
        return Err(Diagnosis::new(
            Kind::Function,
            Problem::Declared {
                symbol: symbol.to_owned(),
            },
        )
        .with_help(Help::DefiningModule));
    }
    Ok(function)
}

/// The symbol of a function.
pub(crate) fn name(function: FunctionValue<'_>) -> String {
    function.get_name().to_string_lossy().into_owned()
}
