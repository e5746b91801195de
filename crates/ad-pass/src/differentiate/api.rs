//! The stages of a differentiation through Enzyme's C API, in their order.

use std::time::{Duration, Instant};

use inkwell::module::{Linkage, Module};
use inkwell::targets::TargetMachine;
use inkwell::values::FunctionValue;
use llvm_shim::InOrder;
use trace::{Diagnosis, Differentiated, Kind, Point, Problem, RemarkKind, Severity, Watch};

use crate::activity::assume;
use crate::backend::calls::{self, Call};
use crate::backend::enzyme::{self, Enzyme, Generated};
use crate::backend::options::Settings;
use crate::backend::refusal::types_were_too_deep;
use crate::channel::numbered::Numbered;
use crate::channel::recorder::{FunctionPrinter, Recorder};
use crate::diagnose::doubt;
use crate::diagnose::input::Input;
use crate::differentiate::called::Called;
use crate::differentiate::derived::Derived;
use crate::differentiate::explain::{self, NumberedDerivative, NumberedPrimal};
use crate::differentiate::stages::{cleanup, doubt_it, guard, mark, own_step, prepare, refuse};
use crate::ir::lookup::{find, name};
use crate::options::Options;
use crate::transform::dualv;
use crate::transform::promise;
use crate::types::debug_info;

#[allow(
    clippy::too_many_arguments,
    reason = "one stage after the other needs all of them, and nothing else does"
)]
pub(crate) fn through_api<'c>(
    module: &Module<'c>,
    machine: Option<&TargetMachine>,
    primal: FunctionValue<'c>,
    asked: Option<&Call<'c>>,
    options: &Options,
    settings: Settings,
    input: Input,
    recorder: &Recorder,
) -> Result<Derived, Diagnosis> {
    let symbol = name(primal);
    let mut marks = mark(module, &symbol, options, recorder)?;
    prepare(module, machine, &symbol, primal, options, recorder)?;
    let primal = find(module, &symbol)?;
    let known = debug_info::signature(primal);
    let mut chosen = assume::assume(module, primal, &options.ad, known.as_ref())?;
    if let Some(call) = asked {
        chosen.signature = calls::signature(module, call, primal);
    }
    recorder.signature(chosen.signature.clone());
    for note in &chosen.notes {
        recorder.remark(Severity::Note, note.clone());
    }
    doubt_it(recorder, chosen.doubts.clone());
    doubt_it(recorder, doubt::before(module, &symbol, &options.ad, input));

    recorder.stage("enzyme");
    refuse(module, &symbol, options);
    marks.free_nothing(module);
    guard(module, options, recorder);
    let started = Instant::now();
    let in_order = InOrder::begin();
    enzyme::repair(!options.ad.is_faithful());
    let called = (options.watch == Watch::Counts).then(|| Called::number(module, primal));
    if !options.ad.is_faithful() {
        llvm_shim::hide_names(module, primal);
    }
    let mut enzyme = Enzyme::new();
    enzyme.attribute(module);
    // What stands around a derivative would want numbers of its own.
    let tells = matches!(options.watch, Watch::StepsAndRoles | Watch::Roles)
        && !dualv::is_needed(&chosen.signature, &chosen.strides);
    if matches!(options.watch, Watch::Roles | Watch::Values | Watch::Counts) {
        explain::refuse_halves(&chosen.signature)?;
    }
    let numbered = match options.watch {
        Watch::Roles | Watch::Values | Watch::Counts => Some(explain::begin(
            &mut enzyme,
            primal,
            &chosen.signature,
            recorder,
        )?),
        Watch::StepsAndRoles if tells => Some(explain::begin(
            &mut enzyme,
            primal,
            &chosen.signature,
            recorder,
        )?),
        Watch::Points | Watch::Steps | Watch::StepsAndRoles => None,
    };
    let places = numbered
        .as_ref()
        .filter(|_| tells)
        .map(NumberedPrimal::places);
    let Generated {
        derivative,
        augmented,
    } = enzyme
        .derive(module, primal, &chosen, settings)
        .ok_or_else(|| Diagnosis::new(Kind::Other, Problem::NoDerivativeAndNoWord))?;
    drop(in_order);
    let taken = started.elapsed();
    // As they are numbered, before what only Enzyme was to see is taken out of them.
    let remarks = recorder.located_remarks();
    let called = called.map(|called| called.derived(&enzyme, module, &chosen.signature, &remarks));
    marks.restore(module);
    llvm_shim::unguard(module);
    // What Enzyme has differentiated stays what it was: its instructions are numbered.
    let preprocessed = module.get_function(&format!("{}{symbol}", trace::enzyme::PREPROCESSED));
    llvm_shim::settle(module, preprocessed);
    if !options.ad.is_faithful() {
        llvm_shim::forget_invariants(module);
        llvm_shim::free_once(module);
    }
    doubt_it(recorder, doubt::after(module));
    if types_were_too_deep() {
        recorder.remark(Severity::Note, RemarkKind::TypesTooDeep);
    }
    let wrapper = dualv::wrap(module, derivative, &chosen.signature, &chosen.strides)
        .transpose()
        .map_err(|error| Diagnosis::new(Kind::Other, error.to_string()))?;
    let names = Differentiated {
        primal: symbol.clone(),
        derivative: name(wrapper.unwrap_or(derivative)),
        augmented: augmented.map(name),
    };
    recorder.differentiated(names.clone());
    let explained = numbered.map(|numbered| {
        numbered.derived(&enzyme, derivative, augmented, &chosen.signature, &remarks)
    });
    let telling: Vec<Numbered> = explained
        .as_ref()
        .filter(|_| tells)
        .map(NumberedDerivative::telling)
        .unwrap_or_default();
    let text_of = |printer: &mut FunctionPrinter, function: FunctionValue<'c>| match Numbered::of(
        &telling,
        &name(function),
    ) {
        Some(own) => own.text(recorder, printer, function),
        None => recorder.text(printer, function),
    };
    let mut printer = FunctionPrinter::new(module);
    if let Some(preprocessed) = preprocessed {
        let text = match &places {
            Some(places) => {
                places.as_they_were(preprocessed, || recorder.text(&mut printer, preprocessed))
            }
            None => recorder.text(&mut printer, preprocessed),
        };
        recorder.reached(Point::Preprocessed, &name(preprocessed), text);
        // Enzyme runs these passes itself, where no callback hears of them or of their time.
        own_step(
            options,
            recorder,
            "preprocess",
            preprocessed,
            text,
            Duration::ZERO,
        );
    }
    // The half that runs first is told of first. Enzyme made both in one go.
    if let Some(augmented) = augmented {
        let text = text_of(&mut printer, augmented);
        recorder.reached(Point::Derivative, &name(augmented), text);
        own_step(
            options,
            recorder,
            "augmented",
            augmented,
            text,
            Duration::ZERO,
        );
    }
    let text = text_of(&mut printer, derivative);
    recorder.reached(Point::Derivative, &name(derivative), text);
    own_step(options, recorder, "derivative", derivative, text, taken);
    if let Some(wrapper) = wrapper {
        let text = recorder.text(&mut printer, wrapper);
        own_step(options, recorder, "dualv", wrapper, text, Duration::ZERO);
    }
    drop(printer);
    // Whoever wants values runs it.
    let runs = matches!(options.watch, Watch::Values | Watch::Counts);
    match preprocessed.filter(|_| runs) {
        // Nobody calls it yet, and the cleanup pipeline would delete it.
        Some(preprocessed) => preprocessed.set_linkage(Linkage::External),
        None => enzyme.erase_preprocessed(),
    }
    drop(enzyme);
    llvm_shim::settle(module, preprocessed.filter(|_| runs));
    promise::shadows(module, &options.ad);
    if !options.ad.is_faithful() {
        promise::own_shadows(derivative);
        llvm_shim::tell_shadows_apart(module);
    }
    if options.stands_alone {
        promise::forget_ranges(derivative);
    }

    let mut known = match (&explained, options.watch) {
        (Some(explained), Watch::Values | Watch::Counts) => Some(explained.known()),
        _ => None,
    };
    let last = wrapper.unwrap_or(derivative);
    let both: Vec<FunctionValue<'c>> = augmented.into_iter().chain([last]).collect();
    cleanup(
        module,
        machine,
        &names.primal,
        &both,
        &telling,
        options,
        recorder,
    )?;
    if let Some(explained) = explained {
        let explained = explained.cleaned(last);
        if let Some(known) = &mut known {
            known.explained.last.clone_from(&explained.last);
            known.called = called
                .map(|called| called.cleaned(module))
                .unwrap_or_default();
        }
        recorder.explained(explained);
    }
    Ok(Derived {
        names,
        signature: chosen.signature,
        shapes: chosen.shapes,
        returns: chosen.returns,
        known,
    })
}
