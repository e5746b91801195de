//! Saves a run with all that a talk may show of it.

use std::path::Path;

use session::ask::ask;
use session::load;
use session::module::Module;
use session::verdict::ask_and_check;
use session::{mode, request};
use trace::{Check, Iteration, Mode, Verdict, Watch};

use super::args::Args;
use crate::args::function::function_name;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_file};

/// Runs the function's differentiation step by step, checks it, asks for roles and numbers, and saves it all.
pub fn record(args: &Args, file: &Path, out: &Path, global: &Global) -> Result<u8, Failure> {
    let wanted = function_name(args.function.given())?;
    let mut module: Module = load::load(file, args.module, Some(wanted), global.limits())?;
    global.warn(&module.warnings());
    let symbol = module.resolve(wanted)?.symbol;
    let mode = mode::chosen(&module, &symbol, args.mode.map(Mode::from))?;
    let ad = args.ad.resolve(mode, &module)?;
    args.slicing.cut(&mut module, &[&symbol], &args.ad)?;
    let limits = global.limits();
    let of = |watch| request::differentiate(&module, &symbol, ad.clone(), watch, limits);
    let checking = args.checking.checking()?;
    let mut trace = ask_and_check(&of(Watch::StepsAndRoles), &module, checking.as_ref())?.trace;
    // Of the passes that changed nothing a talk shows nothing, and they are most of what a file would hold.
    trace
        .steps
        .retain(|step| !step.changed.is_empty() || !step.notes.is_empty());
    if trace.explained.is_none() {
        trace.explained = ask(&of(Watch::Roles), &module)?.trace.explained;
    }
    let mut check = Check {
        points: 1,
        cross: false,
        ..args.checking.inputs.check()?
    };
    check.inputs.truncate(1);
    let numbers = request::values(
        &module,
        &symbol,
        ad.clone(),
        check,
        Iteration::First,
        limits,
    );
    trace.values = ask(&numbers, &module)?.trace.values;
    if trace.verdict.as_ref().is_some_and(Verdict::is_wrong) {
        let check = Check {
            cross: false,
            ..args.checking.inputs.check()?
        };
        let looking = request::locate(&module, &symbol, ad.clone(), check, limits);
        trace.located = ask(&looking, &module)?.trace.located;
    }
    write_file(out, &trace.to_json(), &[file])?;
    Ok(exit::DONE)
}
