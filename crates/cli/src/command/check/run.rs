//! `irad check`: the numbers of a derivative, compared.

use serde_json::{Map, Value, json};
use trace::{
    AdOptions, Check, Checked, Cross, Judgement, Mode, NotCompared, Panics, Pipeline, Request,
    Trace, Watch,
};

use super::args::{Args, MadeFor};
use super::table;
use crate::command::requested;
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::input;
use crate::output::{Global, print_json};
use session::calls::calls;
use session::hear::hear;
use session::load;
use session::mode;
use session::module::Module;
use session::refusal::Refusal;
use session::remedy;
use session::request;
use session::verdict::is_swifts;

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let global = &global.drawn(args.form.drawn())?;
    if args.function.given().is_none() {
        return every_request(args, global);
    }
    let (mut module, name) =
        input::function(&args.file, args.module, args.function.name()?, global)?;
    let mode = mode::chosen(&module, &name.symbol, args.mode.map(Mode::from))?;
    if is_swifts(&module, &name.symbol) {
        return Err(Failure::usage(
            "unsupported",
            format!("{name} takes a swifterror, which only code that Swift compiled can pass"),
        )
        .help("irad diff shows its derivative"));
    }
    let manual = args.manual.resolve(&module)?;
    let mut ad = args.ad.resolve(mode, &module)?;
    if args.made_for == Some(MadeFor::Emit) {
        for_emit(&mut ad);
    }
    let mut kept = vec![name.symbol.as_str()];
    kept.extend(manual.as_ref().map(|manual| manual.function.as_str()));
    if !ad.whole_program {
        module.cut_to(&kept)?;
    }
    let check = Check {
        seed: args.inputs.seed,
        points: args.points,
        samples: args.samples,
        lengths: args.inputs.len.clone(),
        ranges: args.inputs.range.clone(),
        inputs: args.inputs.values()?,
        manual,
        cross: !args.no_cross,
        unguarded: args.guard.unguarded,
        all_inputs: args.show_inputs || args.form.wants_json(),
    };
    let request = request::check(&module, &name.symbol, ad.clone(), check, global.limits());
    let trace = answer(&request, &module, &name.symbol, &ad)?;
    let checked = trace.checked.as_ref().expect("a check was asked for");
    if args.form.wants_json() {
        print_json("check", document(&trace, checked))?;
    } else if args.show_inputs {
        global.print(&shown(&trace, &checked.inputs))?;
    } else {
        global.print(&table::text(&trace, checked, args, global))?;
    }
    Ok(if checked.disagrees() {
        exit::DIFFERS
    } else if checked.passed() {
        exit::DONE
    } else {
        exit::UNDECIDED
    })
}

/// Checks every derivative that the module itself asks Enzyme for.
fn every_request(args: &Args, global: &Global) -> Result<u8, Failure> {
    let module = load::load(&args.file, args.module, None, global.limits())?;
    if calls(module.index()).is_empty() {
        // It says what is missing.
        args.function.name()?;
    }
    let name = module.index().crate_name().unwrap_or_default();
    requested::run(
        &[(name, module, args.ad.options.clone())],
        args.form.wants_json(),
        global,
    )
}

/// The options that `irad emit` has of its own.
fn for_emit(ad: &mut AdOptions) {
    if ad.cleanup == Pipeline::O2 {
        ad.cleanup = Pipeline::O3;
    }
    ad.panics = Panics::Keep;
}

/// Asks the engine. What goes wrong after the comparison with differences is done went wrong with the
/// other mode, and is part of the answer.
fn answer(
    request: &Request,
    module: &Module,
    symbol: &str,
    ad: &AdOptions,
) -> Result<Trace, Failure> {
    let (answer, ending) = hear(request, module, &mut |_| {})?;
    let mut trace = answer.trace;
    let failure = match (&trace.failure, ending) {
        (None, None) => return Ok(trace),
        (Some(diagnosis), _) => {
            let limits = request.limits;
            let plain = request::differentiate(module, symbol, ad.clone(), Watch::Points, limits);
            Failure::from(&match &trace.checked {
                Some(_) => Refusal::of(diagnosis.clone(), &module.origin, module.text()),
                None => remedy::refused(diagnosis, &plain, module, trace.signature.as_ref()),
            })
        }
        (None, Some(ended)) => ended.into(),
    };
    let Some(checked) = &mut trace.checked else {
        return Err(failure);
    };
    checked.cross = Some(Cross {
        other: match ad.mode {
            trace::Mode::Forward => trace::Mode::Reverse,
            trace::Mode::Reverse => trace::Mode::Forward,
        },
        forward: 0.0,
        reverse: 0.0,
        relative: 0.0,
        judgement: Judgement::Nothing,
        reason: Some(NotCompared::Failed(failure.title)),
    });
    trace.failure = None;
    Ok(trace)
}

/// Inputs as a file for `--inputs` has them, a parameter a line, in the function's order.
fn shown(trace: &Trace, points: &[Map<String, Value>]) -> String {
    let parameters = trace.signature.iter().flat_map(|found| &found.parameters);
    let names: Vec<&str> = parameters
        .map(|parameter| parameter.name.as_str())
        .collect();
    let object = |point: &Map<String, Value>| {
        let place = |name: &str| names.iter().position(|other| *other == name);
        let mut values: Vec<(&String, &Value)> = point.iter().collect();
        values.sort_by_key(|(name, _)| place(name));
        let lines = values
            .iter()
            .map(|(name, value)| format!("  {}: {value}", json!(name)));
        format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
    };
    let objects: Vec<String> = points.iter().map(object).collect();
    match objects.as_slice() {
        [only] => format!("{only}\n"),
        several => format!("[{}]\n", several.join(", ")),
    }
}

/// The answer as a document.
fn document(trace: &Trace, checked: &Checked) -> Value {
    let mut document = serde_json::to_value(checked).expect("plain data");
    let words = |lines: &mut dyn Iterator<Item = String>| json!(lines.collect::<Vec<_>>());
    document["faults"] = words(&mut checked.faults.iter().map(ToString::to_string));
    document["notes"] = words(&mut checked.notes.iter().map(ToString::to_string));
    if let Some(reason) = checked
        .cross
        .as_ref()
        .and_then(|cross| cross.reason.as_ref())
    {
        document["cross"]["reason"] = json!(reason.to_string());
    }
    document["passed"] = json!(checked.passed());
    document["disagrees"] = json!(checked.disagrees());
    document["signature"] = json!(trace.signature);
    document["warnings"] = json!(heading::warnings(trace));
    document["limits"] = json!(trace.request.limits);
    document
}
