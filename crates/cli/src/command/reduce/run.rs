//! From the arguments of `irad reduce` to the exit code.

use std::env;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use session::ask::ask;
use session::files;
use session::load;
use session::mode;
use session::module::Module;
use session::request;
use session::tools::reducer;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use trace::{Mode, Watch};

use super::args::Args;
use super::failing::fails_like;
use super::reducer::reduce;
use super::report::Report;
use super::wanted::{BEST, CASE, OWNER, WANTED, Wanted, cannot, write};
use super::wrong::{self, Wrong};
use crate::exit;
use crate::failure::Failure;
use crate::output::Global;

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let module = load::load(
        &args.file,
        args.module,
        Some(args.function.name()?),
        global.limits(),
    )?;
    global.warn(&module.warnings());
    files::check(&args.output, &[&args.file])?;
    let options = args.ad.options.llvm_options();
    let case = case(args, &module, global)?;
    let wanted = match fails_like(&case, &options, global.limits())? {
        Some(words) => Wanted::Fails {
            words,
            options: options.clone(),
        },
        None => match wrong_derivative(args, &module, &case, &options, global)? {
            Some(wrong) => Wanted::Wrong(Box::new(wrong)),
            None => return Err(nothing_fails(args, &module, global)),
        },
    };

    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Without the flag an interrupt would leave the folder behind.
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .map_err(|error| cannot("hear interrupts", Path::new("a signal"), &error))?;
    }
    let folder = tempfile::tempdir()
        .map_err(|error| cannot("make a folder in", &env::temp_dir(), &error))?;
    write(&folder.path().join(CASE), &case)?;
    let text = serde_json::to_vec(&wanted).expect("plain data");
    write(&folder.path().join(WANTED), &text)?;
    let own = std::process::id().to_string();
    write(&folder.path().join(OWNER), own.as_bytes())?;
    let reducer = reducer();
    match &reducer {
        Some(reducer) => reduce(reducer, &folder, args.patience, &interrupted, global)?,
        None => global.warn(&[
            "llvm-reduce was not found, so the case is whole: apt-get install llvm-22, or set LLVM_REDUCE to where it is".to_owned(),
        ]),
    }
    if interrupted.load(Ordering::Relaxed) {
        return Err(Failure {
            code: exit::INTERRUPTED,
            ..Failure::usage("interrupted", "interrupted; nothing was written")
        });
    }
    let best = folder.path().join(BEST);
    let reduced = if best.exists() {
        best
    } else {
        folder.path().join(CASE)
    };
    let text = fs::read(&reduced).map_err(|error| cannot("read", &reduced, &error))?;
    // Only what was seen to fail just now is claimed to.
    let Some(seen) = wanted.seen(&text, global.limits())? else {
        return Err(Failure {
            code: exit::CRASHED,
            ..Failure::usage(
                "reduce",
                "the reduced case does not fail any more, so it was not written",
            )
        }
        .note(format!("it should say: {}", wanted.words())));
    };
    let report = Report {
        wanted: &wanted,
        seen: &seen,
        options: &options,
        case: &case,
        reduced: &text,
        was_reduced: reducer.is_some(),
    };
    report.write(args, global)
}

/// The prepared module with a call of Enzyme's pass.
fn case(args: &Args, module: &Module, global: &Global) -> Result<Vec<u8>, Failure> {
    let name = module.resolve(args.function.name()?)?;
    let ad = args.ad.resolve(
        mode::chosen(module, &name.symbol, args.mode.map(Mode::from))?,
        module,
    )?;
    let request = request::case(module, &name.symbol, ad, global.limits());
    let answer = ask(&request, module)?;
    Ok(answer.module.unwrap_or_default())
}

/// What is wrong with the derivative that Enzyme makes of the case, if anything is.
fn wrong_derivative(
    args: &Args,
    module: &Module,
    case: &[u8],
    options: &[String],
    global: &Global,
) -> Result<Option<Wrong>, Failure> {
    let name = module.resolve(args.function.name()?)?;
    let ad = args.ad.resolve(
        mode::chosen(module, &name.symbol, args.mode.map(Mode::from))?,
        module,
    )?;
    let check = args.inputs.check()?;
    wrong::find(case, &name.symbol, &ad, check, options, global.limits())
}

/// What irad makes of the request.
fn derivative(args: &Args, module: &Module, global: &Global) -> Result<(), Failure> {
    let name = module.resolve(args.function.name()?)?;
    let ad = args.ad.resolve(
        mode::chosen(module, &name.symbol, args.mode.map(Mode::from))?,
        module,
    )?;
    let request = request::differentiate(module, &name.symbol, ad, Watch::Points, global.limits());
    ask(&request, module)?;
    Ok(())
}

/// The request succeeds, or is refused by irad alone.
fn nothing_fails(args: &Args, module: &Module, global: &Global) -> Failure {
    let refused = derivative(args, module, global);
    match refused {
        Ok(_) => Failure::usage(
            "nothing_fails",
            "there is nothing to reduce: Enzyme accepts this, and no check finds the derivative wrong",
        )
        .help("irad check says how far it was compared; what irad prepares is right more often than what --faithful leaves"),
        // Neither refused nor accepted: that is what there is to say.
        Err(failure) if failure.code == exit::CRASHED => failure,
        Err(failure) => Failure {
            code: exit::REFUSED,
            ..Failure::usage(
                "nothing_fails",
                "there is nothing to reduce: Enzyme's pass goes on where irad refuses",
            )
        }
        .note(format!("irad says: {}", failure.title))
        .note("there it is a warning at most, and the derivative may be wrong".to_owned())
        .help("irad diff says why it is refused, and what gets past it"),
    }
}
