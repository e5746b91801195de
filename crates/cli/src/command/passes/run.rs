//! One run of passes, from arguments to a trace.

use serde_json::Value;
use session::history::{Ahead, Known};
use session::mode;
use session::module::Module;
use session::remedy;
use session::request;
use session::verdict::{hear_and_check, never};
use trace::{Mode, Pipeline, Task, Trace, Watch};

use super::args::Args;
use crate::args::function::function_name;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, print_json};
use crate::view::ColourBy;

/// A run, whole or as far as it got.
pub(super) struct Run {
    pub(super) trace: Trace,
    pub(super) file: String,
    pub(super) failure: Option<Failure>,
    /// Differences that were worked out while the engine ran.
    pub(super) known: Known,
}

/// Stands for every function.
pub(super) const EVERY: &str = "*";

/// The symbol that `--fn` means, or [`EVERY`].
pub(super) fn symbol(args: &Args, module: &Module) -> Result<String, Failure> {
    Ok(match function_name(args.function.given())? {
        EVERY if args.passes.is_some() => EVERY.to_owned(),
        name => module.resolve(name)?.symbol,
    })
}

/// The mode, given or asked for by the function's own call to Enzyme.
pub(super) fn mode(args: &Args, module: &Module, symbol: &str) -> Result<Option<Mode>, Failure> {
    if args.passes.is_some() {
        return Ok(None);
    }
    let given = args.mode.map(Mode::from);
    Ok(Some(mode::chosen(module, symbol, given)?))
}

/// Asks the engine; a second pipeline takes the place of the one that was asked for.
pub(super) fn run_of(
    args: &Args,
    module: &Module,
    instead: Option<&Pipeline>,
    global: &Global,
) -> Result<Run, Failure> {
    let function = symbol(args, module)?;
    let watches_all = function == EVERY;
    let task = match (mode(args, module, &function)?, &args.passes) {
        (Some(mode), _) => Task::Differentiate {
            function,
            ad: {
                let mut ad = args.ad.resolve(mode, module)?;
                ad.cleanup = instead.unwrap_or(&ad.cleanup).clone();
                ad
            },
            watch: match args.view.colour.colour_by {
                ColourBy::Roles => Watch::StepsAndRoles,
                ColourBy::Syntax => Watch::Steps,
            },
            then_check: None,
        },
        (None, Some(passes)) => Task::Run {
            function,
            pipeline: instead.unwrap_or(passes).clone(),
            whole_program: args.ad.options.whole_program,
            watch: Watch::Steps,
        },
        (None, None) => {
            return Err(Failure::usage("usage", "there is nothing to run")
                .help("--mode reverse (or forward) differentiates the function")
                .help("--passes 'default<O2>' runs a pipeline without differentiation"));
        }
    };
    let request = request::request(module, task, global.limits());
    // Of every function there is no one to look at until one is asked for.
    let mut ahead = (!watches_all).then(Ahead::new);
    let checking = args.checking.checking()?;
    let mut meanwhile = |trace: &Trace| {
        if let Some(ahead) = &mut ahead {
            ahead.look(trace);
        }
    };
    let (answer, ended) = hear_and_check(
        &request,
        module,
        checking.as_ref(),
        &mut meanwhile,
        &never(),
    )?;
    let failure = match (&answer.trace.failure, ended) {
        (Some(diagnosis), _) => {
            let signature = answer.trace.signature.as_ref();
            let refusal = remedy::refused(diagnosis, &request, module, signature);
            Some(Failure::from(&refusal))
        }
        (None, ended) => ended.map(Failure::from),
    };
    Ok(Run {
        trace: answer.trace,
        file: module.short.clone(),
        failure,
        known: ahead.map(Ahead::finish).unwrap_or_default(),
    })
}

/// A timeline, with the reason why it ends early, as the one document that is printed.
pub(super) fn one_document(mut document: Value, failure: Option<&Failure>) -> Result<u8, Failure> {
    document["error"] = failure.map_or(Value::Null, Failure::error);
    print_json("passes", document)?;
    Ok(failure.map_or(exit::DONE, |failure| failure.code))
}
