//! Finds functions by their symbols, and the other way round.

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use trace::{Diagnosis, Kind};

/// The function of that symbol; a declaration is refused.
pub(crate) fn find<'c>(module: &Module<'c>, symbol: &str) -> Result<FunctionValue<'c>, Diagnosis> {
    let function = module.get_function(symbol).ok_or_else(|| {
        Diagnosis::new(
            Kind::Function,
            format!("the module has no function {symbol}"),
        )
    })?;
    if function.count_basic_blocks() == 0 {
        return Err(Diagnosis::new(
            Kind::Function,
            format!("{symbol} is declared here, but its body is in another module"),
        )
        .with_help(
            "give the module that defines it; with -C codegen-units=1 -C lto=fat there is only one",
        ));
    }
    Ok(function)
}

/// The symbol of a function.
pub(crate) fn name(function: FunctionValue<'_>) -> String {
    function.get_name().to_string_lossy().into_owned()
}
