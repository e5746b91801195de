//! `irad tune`: from the arguments to the exit code.

use session::tune::search::{Subject, tune, until};
use session::{mode, request};
use trace::{AdOptions, Check, Mode, Verdict, Watch};

use super::args::Args;
use super::found::Run;
use super::{document, paint};
use crate::command::profile::kept_lines;
use crate::exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{Global, print_json};
use session::ask::ask;

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let run = run_of(args, global)?;
    if args.json {
        print_json("tune", document::document(&run))?;
    } else {
        let theme = global.theme()?;
        let mut canvas = global.canvas(theme.as_ref());
        paint::paint(&run, args, global.width().max(40), &mut canvas);
        global.print(&canvas.finish())?;
    }
    Ok(match run.trials[0].verdict {
        Verdict::Wrong { .. } => exit::DIFFERS,
        _ => exit::DONE,
    })
}

fn run_of(args: &Args, global: &Global) -> Result<Run, Failure> {
    let (mut module, name) =
        input::function(&args.file, args.module, args.function.name()?, global)?;
    let mode = mode::chosen(&module, &name.symbol, args.mode.map(Mode::from))?;
    let ad: AdOptions = args.ad.resolve(mode, &module)?;
    if ad.split {
        return Err(Failure::usage(
            "usage",
            "irad tune runs the derivative as one function, and --split makes two",
        )
        .help("leave --split out: the one function does what the two do"));
    }
    args.slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
    let limits = global.limits();
    // A refusal comes with what may get past it.
    let plain = request::differentiate(&module, &name.symbol, ad.clone(), Watch::Points, limits);
    let answer = ask(&plain, &module)?;
    let signature = answer.trace.signature;
    let subject = Subject {
        module: &module,
        symbol: &name.symbol,
        ad,
        signature: signature.as_ref(),
        check: Check {
            cross: false,
            unguarded: args.guard.unguarded,
            ..args.inputs.check()?
        },
        limits,
        until: until(args.limit),
        measures_times: !args.no_times,
    };
    let trials = tune(&subject, &|_| {});
    let kept = match args.source && mode == Mode::Reverse {
        true => kept_lines(&ask(&subject.counts(), &module)?.trace)?,
        false => Vec::new(),
    };
    Ok(Run {
        origin: module.origin.clone(),
        function: ir_load::demangle(&name.symbol).into_owned(),
        signature,
        trials,
        kept,
    })
}
