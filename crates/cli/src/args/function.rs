//! The function's name, as `--fn` gives it.

use crate::failure::Failure;

/// The name that `--fn` gave; IR always needs one.
pub fn function_name(name: Option<&str>) -> Result<&str, Failure> {
    name.ok_or_else(|| {
        Failure::usage("usage", "which function? --fn is missing")
            .help("--fn NAME takes a symbol, a path or the end of one; irad list shows them")
    })
}
