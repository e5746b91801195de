//! The user's own crate among what it is linked with.

use ir_load::{Function, Index, is_of_crate};

/// The crate that is meant: the given one, or the one that the module says it was made of; none where it
/// has no function here, so that all are meant.
pub fn own_crate(given: Option<&str>, index: &Index<'_>) -> Option<String> {
    let name = given.map(|name| name.replace('-', "_"));
    let name = name.or_else(|| index.crate_name())?;
    let mut functions = index.functions().iter();
    let has_own = functions.any(|f| f.is_defined && f.path != f.symbol && is_own(&name, f));
    has_own.then_some(name)
}

/// True for a function of that crate.
pub fn is_own(name: &str, function: &Function) -> bool {
    is_of_crate(name, &function.path, &function.symbol)
}
