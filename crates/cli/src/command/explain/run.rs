//! `irad explain`: what Enzyme knew of the primal, and what each line of the derivative is there for.

use serde_json::{Value, json};
use trace::{AdRole, Check, Mode, Point, Request, Task, Values, Watch};

use super::args::{After, Args};
use super::explained::Run;
use super::paint;
use crate::args::function::function_name;
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::output::{Global, print_json, write_file};
use crate::verdict;
use crate::view::listing;
use session::hear::hear;
use session::load::{self, Input};
use session::mode;
use session::module::Module;
use session::remedy;
use session::request;
use session::sides::check_saved;
use session::verdict::ask_and_check;

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let global = &global.drawn(args.form.drawn())?;
    let run = run_of(args, global)?;
    if args.form.wants_json() {
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
    let wanted = args.function.given();
    let (mut trace, file) = match load::load_any(&args.file, args.module, wanted, global.limits())?
    {
        Input::Trace(_, file) if args.values => {
            let words = format!("{file} is a saved trace, and --values runs the function");
            return Err(Failure::usage("usage", words)
                .help("irad explain --values takes the IR file itself"));
        }
        Input::Trace(trace, file) => {
            check_saved(&trace, &file, wanted, args.mode.map(Mode::from))?;
            args.ad.warn_unused("a saved trace is what it was", global);
            (*trace, file)
        }
        Input::Module(module) => {
            let mut module = *module;
            global.warn(&module.warnings());
            let name = module.resolve(function_name(wanted)?)?;
            let mode = mode::chosen(&module, &name.symbol, args.mode.map(Mode::from))?;
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
            let numbers = args
                .values
                .then(|| numbers(args, &module, &request, global));
            let mut answer = ask_and_check(&request, &module, checking.as_ref())?;
            if let Some(numbers) = numbers {
                answer.trace.values = Some(numbers?);
            }
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

/// Runs the function and its derivative at one point, and gives the numbers on the way.
fn numbers(
    args: &Args,
    module: &Module,
    request: &Request,
    global: &Global,
) -> Result<Values, Failure> {
    let Task::Differentiate { function, ad, .. } = &request.task else {
        unreachable!("it was just made");
    };
    let inputs = &args.checking.inputs;
    let mut check = Check {
        points: 1,
        cross: false,
        ..inputs.check()?
    };
    check.inputs.truncate(1);
    let limits = global.limits();
    let wanted = request::values(module, function, ad.clone(), check, args.iteration, limits);
    let (answer, ending) = hear(&wanted, module, &mut |_| {})?;
    let trace = answer.trace;
    if let Some(diagnosis) = &trace.failure {
        let refused = remedy::refused(diagnosis, request, module, trace.signature.as_ref());
        return Err(Failure::from(&refused));
    }
    if let Some(ended) = ending {
        return Err(ended.into());
    }
    Ok(trace.values.expect("they were asked for"))
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

/// The numbers of a line, null where there are none.
fn numbers_of(run: &Run, at: usize) -> Value {
    let values = run.trace.values.as_ref();
    let found = values.and_then(|values| {
        values
            .lines
            .iter()
            .find(|line| line.line as usize == at + 1)
    });
    found.map_or(Value::Null, |found| {
        let mut document = json!(found);
        if let Some(object) = document.as_object_mut() {
            object.remove("line");
        }
        document
    })
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
                "numbers": numbers_of(run, at),
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
        "values": run.trace.values.as_ref().map(|values| json!({
            "inputs": values.inputs,
            "iteration": values.iteration.to_string(),
            "not_finite": values.not_finite,
            "notes": values.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })),
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
