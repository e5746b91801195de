//! `irad locate`: from the arguments to the exit code.

use trace::{Check, Mode, Point, Watch};

use super::args::Args;
use super::found::Run;
use super::{document, paint};
use crate::exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{Global, print_json};
use crate::view::listing;
use session::hear::hear;
use session::{mode, remedy, request};

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let run = run_of(args, global)?;
    if args.json {
        print_json("locate", document::document(&run))?;
    } else {
        let theme = global.theme()?;
        let mut canvas = global.canvas(theme.as_ref());
        paint::paint(&run, args, global, &mut canvas);
        global.print(&canvas.finish())?;
    }
    let is_wrong = run.found.wrong.is_some() || !run.found.faults.is_empty();
    Ok(match (is_wrong, run.found.right) {
        (true, _) => exit::DIFFERS,
        (false, true) => exit::DONE,
        (false, false) => exit::UNDECIDED,
    })
}

fn run_of(args: &Args, global: &Global) -> Result<Run, Failure> {
    let (mut module, name) =
        input::function(&args.file, args.module, args.function.name()?, global)?;
    let mode = mode::chosen(&module, &name.symbol, args.mode.map(Mode::from))?;
    let ad = args.ad.resolve(mode, &module)?;
    args.slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
    let check = Check {
        seed: args.inputs.seed,
        points: args.points,
        lengths: args.inputs.len.clone(),
        ranges: args.inputs.range.clone(),
        inputs: args.inputs.values()?,
        cross: false,
        unguarded: args.guard.unguarded,
        ..Check::default()
    };
    let limits = global.limits();
    let request = request::locate(&module, &name.symbol, ad.clone(), check, limits);
    let (answer, ending) = hear(&request, &module, &mut |_| {})?;
    let mut trace = answer.trace;
    if let Some(diagnosis) = &trace.failure {
        let plain = request::differentiate(&module, &name.symbol, ad, Watch::Points, limits);
        let refused = remedy::refused(diagnosis, &plain, &module, trace.signature.as_ref());
        return Err(Failure::from(&refused));
    }
    if let Some(ended) = ending {
        return Err(ended.into());
    }
    let found = trace.located.take().expect("it was asked for");
    let explained = trace.explained.as_ref().expect("it is told of first");
    let primal = listing(&trace, Point::Preprocessed, explained.primal.len())?;
    let derivative = listing(&trace, Point::Derivative, explained.derivative.len())?;
    Ok(Run {
        found,
        primal,
        derivative,
        trace,
    })
}
