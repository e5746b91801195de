//! The mode to differentiate in, where the module says so itself.

use trace::Mode;

use crate::calls::calls;
use crate::error::Error;
use crate::module::Module;

/// The mode to differentiate a function in: the one that was given, else the one that its own call
/// to Enzyme asks for. `None` when nothing says.
pub fn mode(module: &Module, symbol: &str, given: Option<Mode>) -> Result<Option<Mode>, Error> {
    if given.is_some() {
        return Ok(given);
    }
    let mut own = calls(module.index())
        .into_iter()
        .filter(|call| call.derivative == symbol)
        .map(|call| call.mode);
    let first = own.next();
    match own.all(|mode| Some(mode) == first) {
        true => Ok(first),
        false => Err(Error::BothModes {
            symbol: symbol.to_owned(),
        }),
    }
}

/// The mode to differentiate in, whoever says: the one that was given, else the one that the module asks
/// for, else reverse where the result is one float, and forward where it is not.
pub fn chosen(module: &Module, symbol: &str, given: Option<Mode>) -> Result<Mode, Error> {
    if let Some(mode) = given {
        return Ok(mode);
    }
    module.need_text()?;
    if let Some(mode) = mode(module, symbol, None)? {
        return Ok(mode);
    }
    let index = module.index();
    let returns = index
        .get(symbol)
        .map(|function| index.function_type(&function));
    let is_float = returns.is_some_and(|ty| {
        let result = ty.split(' ').next().unwrap_or_default();
        matches!(result, "half" | "bfloat" | "float" | "double" | "fp128")
    });
    Ok(match is_float {
        true => Mode::Reverse,
        false => Mode::Forward,
    })
}
