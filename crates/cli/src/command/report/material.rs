//! What a page is about: a module that is cut to what the function needs, and what engines say of it.

use ir_load::demangle;
use session::hear::hear;
use session::module::Module;
use session::verdict::{hear_and_check, never};
use session::{remedy, request};
use trace::{AdOptions, Check, Iteration, Limits, Request, Trace, Watch};

use super::args::Args;
use crate::failure::Failure;

/// A run for a page.
pub struct Material {
    /// What engines said.
    pub trace: Trace,
    /// Why it ended early, if it did.
    pub failure: Option<Failure>,
}

/// A module that holds what the function needs and no more, as a page carries it: cutting it again changes nothing.
pub fn settled(
    mut module: Module,
    name: &str,
    symbol: &str,
    args: &Args,
) -> Result<Vec<u8>, Failure> {
    /// So often cutting may find something more to leave out.
    const TRIES: usize = 4;
    if args.ad.options.whole_program || args.slicing.no_slice {
        module.need_text()?;
        return Ok(module.text().to_vec());
    }
    module.cut_to(&[symbol])?;
    let mut text = module.sent().to_vec();
    for _ in 0..TRIES {
        let mut again = Module::from_bytes(name, text.clone());
        again.cut_to(&[symbol])?;
        if again.sent() == text {
            break;
        }
        text = again.sent().to_vec();
    }
    Ok(text)
}

/// Runs the differentiation step by step and checks it, and asks what each line is there for and which numbers it
/// has.
pub fn gather(
    module: &Module,
    symbol: &str,
    ad: &AdOptions,
    args: &Args,
    limits: Limits,
) -> Result<Material, Failure> {
    let of = |watch| request::differentiate(module, symbol, ad.clone(), watch, limits);
    let steps = of(Watch::StepsAndRoles);
    let checking = args.checking.checking()?;
    let (answer, ended) = hear_and_check(&steps, module, checking.as_ref(), &mut |_| {}, &never())?;
    let mut trace = answer.trace;
    let failure = match (&trace.failure, ended) {
        (Some(diagnosis), _) => {
            let signature = trace.signature.as_ref();
            let refusal = remedy::refused(diagnosis, &steps, module, signature);
            Some(Failure::from(&refusal))
        }
        (None, ended) => ended.map(Failure::from),
    };
    if failure.is_some() {
        return Ok(Material { trace, failure });
    }
    // A split derivative is two functions: roles are told with their texts, and numbers are not.
    if !ad.split && trace.explained.is_none() {
        trace.explained = quietly(&of(Watch::Roles), module).and_then(|trace| trace.explained);
    }
    if !ad.split && !args.checking.no_check {
        let mut check = Check {
            points: 1,
            cross: false,
            ..args.checking.inputs.check()?
        };
        check.inputs.truncate(1);
        let first = Iteration::First;
        let numbers = request::values(module, symbol, ad.clone(), check, first, limits);
        trace.values = quietly(&numbers, module).and_then(|trace| trace.values);
    }
    Ok(Material { trace, failure })
}

/// An answer that the page does without where there is none.
fn quietly(request: &Request, module: &Module) -> Option<Trace> {
    let (answer, ended) = hear(request, module, &mut |_| {}).ok()?;
    (ended.is_none() && answer.trace.failure.is_none()).then_some(answer.trace)
}

/// What to call a function in a command: its path, where that names no other.
pub fn called(module: &Module, symbol: &str) -> String {
    let path = demangle(symbol).into_owned();
    match module.resolve(&path) {
        Ok(found) if found.symbol == symbol => path,
        _ => symbol.to_owned(),
    }
}
