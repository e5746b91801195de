//! The stages of a differentiation through Enzyme's pass, which does what the module itself asks for.

use std::collections::HashSet;
use std::time::Instant;

use inkwell::module::Module;
use inkwell::targets::TargetMachine;
use llvm_shim::InOrder;
use trace::{Diagnosis, Differentiated, Kind, Pipeline, Point, Problem, Watch};

use crate::backend::calls::{self, Call};
use crate::backend::enzyme;
use crate::channel::recorder::{FunctionPrinter, Recorder};
use crate::diagnose::doubt;
use crate::diagnose::input::Input;
use crate::differentiate::derived::Derived;
use crate::differentiate::stages::{cleanup, doubt_it, guard, mark, own_step, prepare, refuse};
use crate::ir::lookup::{find, name};
use crate::options::Options;
use crate::pipeline::{self, Stage};
use crate::transform::shield::keep;
use crate::types::known::known;

pub(crate) fn through_pass<'c>(
    module: &Module<'c>,
    machine: Option<&TargetMachine>,
    call: &Call<'c>,
    options: &Options,
    input: Input,
    recorder: &Recorder,
) -> Result<Derived, Diagnosis> {
    let symbol = name(call.primal);
    let mut marks = mark(module, &symbol, options, recorder)?;
    // Inlined everywhere, the request would be gone.
    keep(module, call.caller);
    prepare(module, machine, &symbol, call.primal, options, recorder)?;
    calls::isolate(module, call);
    // Uses show what a parameter holds, and only prepared code shows its uses.
    let primal = find(module, &symbol)?;
    let signature = calls::signature(module, call, primal);
    recorder.signature(signature.clone());
    let (shapes, returns) = known(module, primal);
    doubt_it(recorder, doubt::before(module, &symbol, &options.ad, input));

    recorder.stage("enzyme");
    refuse(module, &symbol, options);
    marks.free_nothing(module);
    guard(module, options, recorder);
    let before: HashSet<String> = module.get_functions().map(name).collect();
    let enzyme = Pipeline::Text("enzyme".to_owned());
    let stage = Stage {
        name: "enzyme",
        pipeline: &enzyme,
        repair: llvm_shim::Repair::None,
        watch: Watch::Points,
        functions: &[],
        first: &[],
        numbered: &[],
    };
    let started = Instant::now();
    let in_order = InOrder::begin();
    enzyme::repair(!options.ad.is_faithful());
    if !options.ad.is_faithful() {
        llvm_shim::hide_names(module, primal);
    }
    pipeline::run(module, machine, &stage, recorder)?;
    drop(in_order);
    let taken = started.elapsed();
    marks.restore(module);
    llvm_shim::unguard(module);
    llvm_shim::settle(module, None);
    if !options.ad.is_faithful() {
        llvm_shim::forget_invariants(module);
        llvm_shim::free_once(module);
    }
    doubt_it(recorder, doubt::after(module));
    let is_new = |function| !before.contains(&name(function));
    let derivative = calls::replacement(module, call, is_new).ok_or_else(|| {
        Diagnosis::new(
            Kind::Other,
            Problem::NothingLeftByPass {
                symbol: symbol.clone(),
            },
        )
    })?;
    let names = Differentiated {
        primal: symbol,
        derivative: name(derivative),
        augmented: None,
    };
    recorder.differentiated(names.clone());
    let text = recorder.text(&mut FunctionPrinter::new(module), derivative);
    recorder.reached(Point::Derivative, &names.derivative, text);
    own_step(options, recorder, "derivative", derivative, text, taken);
    cleanup(
        module,
        machine,
        &names.primal,
        &[derivative],
        &[],
        options,
        recorder,
    )?;
    Ok(Derived {
        known: None,
        names,
        signature,
        shapes,
        returns,
    })
}
