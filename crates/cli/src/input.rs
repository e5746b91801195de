//! From a command's arguments to one function of one module.

use std::path::Path;

use ir_load::Name;
use session::load;
use session::module::Module;

use crate::failure::Failure;
use crate::output::Global;

/// Loads the module that a command names, warns of what is odd about it, and finds the function in it.
pub fn function(
    file: &Path,
    number: Option<usize>,
    name: &str,
    global: &Global,
) -> Result<(Module, Name), Failure> {
    let module = load::load(file, number, Some(name), global.limits())?;
    global.warn(&module.warnings());
    let name = module.resolve(name)?;
    Ok((module, name))
}
