//! `irad locate`: from the arguments to the exit code.

use diff_view::{Row, RowPaint};
use trace::{Check, Mode, Trace, Watch};

use super::args::Args;
use super::found::Run;
use super::{document, paint};
use crate::exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{Canvas, Global, print_json};
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
        paint::paint(&run, args.raw_names, global.width().max(40), &mut canvas);
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
    let trace = answer.trace;
    if let Some(diagnosis) = &trace.failure {
        let plain = request::differentiate(&module, &name.symbol, ad, Watch::Points, limits);
        let refused = remedy::refused(diagnosis, &plain, &module, trace.signature.as_ref());
        return Err(Failure::from(&refused));
    }
    if let Some(ended) = ending {
        return Err(ended.into());
    }
    Run::of(trace)
}

/// What a run found that looked for where a derivative goes wrong, as rows.
pub fn rows(trace: Trace, width: usize) -> Result<Vec<Row>, Failure> {
    let run = Run::of(trace)?;
    let mut canvas = Canvas::Rows(RowPaint::default());
    paint::paint(&run, false, width, &mut canvas);
    Ok(canvas.rows_of())
}
