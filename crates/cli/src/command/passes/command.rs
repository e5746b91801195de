//! What `irad passes` does, from arguments to exit code.

use std::mem::ManuallyDrop;

use session::engine;
use session::history::{History, Known};
use session::load::{self, Input};
use session::sides::check_saved;
use trace::{Mode, Point, Task};

use super::args::Args;
use super::run::{EVERY, Run, mode, one_document, run_of, symbol};
use super::timeline;
use super::viewer::Viewer;
use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, write_file};
use crate::view::Format;
use crate::words::load::name_failure;

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    if args.view.format == Format::Patch {
        let is_one = args.step.is_some() || args.from.is_some() || args.to.is_some();
        if !is_one {
            return Err(Failure::usage("usage", "a patch is of one diff")
                .help("name a step (--step), or two (--from, --to)"));
        }
    }
    let global = &global.drawn(args.view.form())?;
    let wanted = args.function.given();
    engine::warm_up(false);
    let (mut run, module) = match load::load_any(&args.file, args.module, wanted, global.limits())?
    {
        Input::Module(mut module) => {
            global.warn(&module.warnings());
            let symbol = symbol(args, &module)?;
            if mode(args, &module, &symbol)?.is_none() {
                args.ad.warn_unused("nothing is differentiated", global);
            }
            if symbol != EVERY {
                args.slicing.cut(&mut module, &[&symbol], &args.ad)?;
            }
            let run = run_of(args, &module, None, global)?;
            (run, Some(module))
        }
        Input::Trace(trace, file) => {
            check_saved(&trace, &file, wanted, args.mode.map(Mode::from))?;
            args.ad.warn_unused("a saved trace is what it was", global);
            let run = Run {
                trace: *trace,
                file,
                failure: None,
                known: Known::new(),
            };
            (run, None)
        }
    };
    if let Some(path) = &args.save {
        write_file(path, run.trace.to_json().as_ref(), &[&args.file])?;
    }
    let followed = match followed(&run, wanted)? {
        Followed::All if args.wants_json() => {
            let document = timeline::document_all(&run.trace);
            return one_document(document, run.failure.as_ref());
        }
        Followed::All => {
            let mut canvas = global.canvas(None);
            timeline::paint_all(&run.trace, global.width().max(40), &mut canvas);
            global.print(&canvas.finish())?;
            return run.failure.map_or(Ok(exit::DONE), Err);
        }
        Followed::One(symbol) => Some(symbol),
        Followed::Chain => None,
    };
    let known = std::mem::take(&mut run.known);
    let Some(history) = History::of(&run.trace, followed.as_deref(), known) else {
        return Err(run.failure.unwrap_or_else(|| {
            Failure::usage("trace", format!("{} holds no function's run", run.file))
        }));
    };
    // Never dropped: the process ends soon, and the system frees faster.
    let history = ManuallyDrop::new(history);
    if let Some(failure) = run.failure.take_if(|_| args.wants_json()) {
        // One document holds both what was seen and why it ended; of a part of it there is none.
        return match args.shows_timeline() {
            true => one_document(timeline::document(&history), Some(&failure)),
            false => Err(failure),
        };
    }
    let augmented = ManuallyDrop::new(History::of_augmented(&run.trace));
    let view = Viewer {
        args,
        run: &run,
        history: &history,
        augmented: augmented.as_ref(),
        global,
    };
    let code = match &args.vs {
        Some(pipeline) => {
            let Some(module) = &module else {
                return Err(Failure::usage(
                    "usage",
                    "--vs runs a second pipeline, and a saved trace holds no IR to run it on",
                )
                .help("name the IR file"));
            };
            let other = run_of(args, module, Some(pipeline), global)?;
            view.against(other)?
        }
        None => view.show()?,
    };
    // What was seen before the engine's end is shown first; why it ended comes last.
    match run.failure {
        Some(failure) => Err(failure),
        None => Ok(code),
    }
}

/// Which of a trace's functions the output is about.
enum Followed {
    /// The only one, from primal to derivative.
    Chain,
    /// One of many.
    One(String),
    /// All of them.
    All,
}

fn followed(run: &Run, wanted: Option<&str>) -> Result<Followed, Failure> {
    let Task::Run { function, .. } = &run.trace.request.task else {
        return Ok(Followed::Chain);
    };
    if function != EVERY {
        return Ok(Followed::Chain);
    }
    let Some(wanted) = wanted.filter(|&wanted| wanted != EVERY) else {
        return Ok(Followed::All);
    };
    let mut declared = String::new();
    let inputs = run
        .trace
        .points
        .iter()
        .filter(|point| point.point == Point::Input);
    for point in inputs {
        declared.push_str(&format!("define void @\"{}\"() {{\n}}\n", point.function));
    }
    let index = ir_load::Index::of(declared.as_bytes());
    match ir_load::resolve(&index, wanted) {
        Ok(name) => Ok(Followed::One(name.symbol)),
        Err(error) => Err(name_failure(&error, &run.file)),
    }
}
