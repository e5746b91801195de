//! `irad explain`: what Enzyme knew of the primal, and what each line of the derivative is there for.

use serde_json::{Value, json};
use trace::{AdRole, Mode, Point, Watch};

use super::args::{After, Args};
use super::explained::Run;
use super::lines::listing;
use super::paint;
use crate::args::function::function_name;
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::output::{Global, print_json, write_file};
use crate::verdict;
use session::load::{self, Input};
use session::mode;
use session::request;
use session::sides::check_saved;
use session::verdict::ask_and_check;

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let run = run_of(args, global)?;
    if args.json {
        print_json("explain", document(&run, args))?;
        return Ok(exit::DONE);
    }
    let theme = global.theme()?;
    let mut canvas = global.canvas(theme.as_ref());
    paint::paint(&run, args, global, &mut canvas);
    global.print(&canvas.finish())?;
    Ok(exit::DONE)
}

fn run_of(args: &Args, global: &Global) -> Result<Run, Failure> {
    let wanted = args.function.as_deref();
    let (mut trace, file) = match load::load_any(&args.file, args.module, wanted, global.limits())?
    {
        Input::Trace(trace, file) => {
            check_saved(&trace, &file, wanted, args.mode.map(Mode::from))?;
            args.ad.warn_unused("a saved trace is what it was", global);
            (*trace, file)
        }
        Input::Module(module) => {
            let mut module = *module;
            global.warn(&module.warnings());
            let name = module.resolve(function_name(wanted)?)?;
            let mode = mode::mode(&module, &name.symbol, args.mode.map(Mode::from))?;
            let Some(mode) = mode else {
                return Err(Failure::usage("usage", "there is no derivative to explain")
                    .help("--mode reverse (or forward) differentiates the function"));
            };
            args.slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
            let ad = args.ad.resolve(mode, &module)?;
            if ad.split {
                return Err(Failure::usage(
                    "usage",
                    "irad explain explains one function, and --split makes two",
                )
                .help("leave --split out: the one function does what the two do"));
            }
            let request =
                request::differentiate(&module, &name.symbol, ad, Watch::Roles, global.limits());
            let checking = args.checking.checking()?;
            let answer = ask_and_check(&request, &module, checking.as_ref())?;
            (answer.trace, module.short.clone())
        }
    };
    if let Some(path) = &args.save {
        write_file(path, trace.to_json().as_ref(), &[&args.file])?;
    }
    let Some(explained) = trace.explained.take() else {
        return Err(Failure::usage(
            "trace",
            format!("{file} is a run in which nobody asked for roles"),
        )
        .help("irad explain FILE --fn F --mode M --save TRACE saves one"));
    };
    let warnings: Vec<String> = heading::warnings(&trace);
    global.warn(&warnings);
    let (point, parts) = match args.after {
        After::Derivative => (Point::Derivative, &explained.derivative),
        After::Final => (Point::Final, &explained.last),
    };
    let derivative = listing(&trace, point, parts.len())?;
    let primal = listing(&trace, Point::Preprocessed, explained.primal.len())?;
    Ok(Run {
        explained,
        primal,
        derivative,
        trace,
        file,
    })
}

impl Run {
    /// The parts of the derivative that is shown.
    pub fn parts(&self, args: &Args) -> &[trace::Part] {
        match args.after {
            After::Derivative => &self.explained.derivative,
            After::Final => &self.explained.last,
        }
    }
}

fn document(run: &Run, args: &Args) -> Value {
    let wanted =
        |role: AdRole| args.roles.is_empty() || args.roles.iter().any(|r| r.role() == role);
    let primal: Vec<Value> = run
        .explained
        .primal
        .iter()
        .enumerate()
        .map(|(at, found)| {
            json!({
                "number": at + 1,
                "text": run.primal.instruction(at),
                "type": found.known.ty,
                "active": found.known.active,
                "propagates": found.propagates,
                "cached": found.cached,
                "recomputed": found.recomputed,
                "used": found.used,
                "because": found.because.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "source": found.source.as_ref().map(|(file, line)| json!({ "file": file, "line": line })),
            })
        })
        .collect();
    let parts = run.parts(args);
    let derivative: Vec<Value> = parts
        .iter()
        .enumerate()
        .filter(|(_, part)| wanted(part.role))
        .map(|(at, part)| {
            json!({
                "number": at + 1,
                "text": run.derivative.instruction(at),
                "role": part.role,
                "of": part.of,
            })
        })
        .collect();
    let parameters: Vec<Value> = run
        .explained
        .parameters
        .iter()
        .map(|known| json!({ "type": known.ty, "active": known.active }))
        .collect();
    let counts: serde_json::Map<String, Value> = AdRole::ALL
        .into_iter()
        .map(|role| {
            let count = parts.iter().filter(|part| part.role == role).count();
            (role.name().to_owned(), json!(count))
        })
        .collect();
    json!({
        "file": run.file,
        "mode": run.trace.signature.as_ref().map(|signature| signature.mode),
        "signature": run.trace.signature.as_ref().map(session::signature::line),
        "verdict": verdict::json(run.trace.verdict.as_ref()),
        "warnings": heading::warnings(&run.trace),
        "primal": {
            "name": ir_load::demangle(&run.primal.symbol),
            "symbol": run.primal.symbol,
            "parameters": parameters,
            "lines": primal,
        },
        "derivative": {
            "name": ir_load::demangle(&run.derivative.symbol),
            "symbol": run.derivative.symbol,
            "point": match args.after {
                After::Derivative => Point::Derivative,
                After::Final => Point::Final,
            },
            "roles": counts,
            "lines": derivative,
        },
    })
}
