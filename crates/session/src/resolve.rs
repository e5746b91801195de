//! Names in a request's options become symbols of the module, and what does not go together is said.

use ir_load::{Index, NameError};
use trace::{AdOptions, Mode};

use crate::error::Error;
use crate::module::Module;

/// The options with symbols for names, for `mode`.
pub fn resolved(ad: &AdOptions, mode: Mode, module: &Module) -> Result<AdOptions, Error> {
    if mode == Mode::Reverse && ad.width > 1 {
        return Err(Error::WidthInReverse);
    }
    if mode == Mode::Forward && ad.split {
        return Err(Error::SplitInForward);
    }
    let index = module.names();
    let inactive = ad.inactive.iter().map(|name| {
        match ir_load::resolve(index, name) {
            // What is marked is as a rule what has no body here.
            Err(NameError::Declared { symbol, .. }) => Ok(symbol),
            found => found.map(|found| found.symbol),
        }
    });
    Ok(AdOptions {
        mode,
        inactive: inactive
            .collect::<Result<_, _>>()
            .map_err(|error| named(error, module))?,
        noalias: bodies(&ad.noalias, index, module)?,
        unchanged: bodies(&ad.unchanged, index, module)?,
        keep: kept(&ad.keep, index, module)?,
        inline: bodies(&ad.inline, index, module)?,
        ..ad.clone()
    })
}

/// Symbols of functions with a body; `*` is every one.
fn bodies(names: &[String], index: &Index<'_>, module: &Module) -> Result<Vec<String>, Error> {
    let symbol = |name: &String| match name.as_str() {
        "*" => Ok("*".to_owned()),
        name => ir_load::resolve(index, name)
            .map(|found| found.symbol)
            .map_err(|error| named(error, module)),
    };
    names.iter().map(symbol).collect()
}

/// Symbols of functions, with a body or without; `exp` is also the intrinsic that rustc has for it, and `*` is every one.
fn kept(names: &[String], index: &Index<'_>, module: &Module) -> Result<Vec<String>, Error> {
    let mut symbols = Vec::new();
    for name in names {
        let intrinsics = ["f32", "f64"].map(|float| format!("llvm.{name}.{float}"));
        let intrinsics = intrinsics
            .into_iter()
            .filter(|name| index.get(name).is_some());
        let before = symbols.len();
        symbols.extend(intrinsics);
        match ir_load::resolve(index, name) {
            _ if name == "*" => symbols.push(name.clone()),
            Ok(found) => symbols.push(found.symbol),
            Err(NameError::Declared { symbol, .. }) => symbols.push(symbol),
            Err(_) if symbols.len() > before => {}
            Err(error) => return Err(named(error, module)),
        }
    }
    Ok(symbols)
}

fn named(error: NameError, module: &Module) -> Error {
    Error::Name {
        error,
        origin: module.origin.clone(),
        made_of: module.made_of.clone(),
    }
}
