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
        .filter(|call| call.caller == symbol)
        .map(|call| call.mode);
    let first = own.next();
    match own.all(|mode| Some(mode) == first) {
        true => Ok(first),
        false => Err(Error::BothModes {
            symbol: symbol.to_owned(),
        }),
    }
}
