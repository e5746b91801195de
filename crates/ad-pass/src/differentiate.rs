//! The stages of one differentiation, in their order.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use inkwell::module::{Linkage, Module};
use inkwell::targets::TargetMachine;
use inkwell::values::FunctionValue;
use llvm_shim::InOrder;
use trace::{
    Activity, AdOptions, Diagnosis, Differentiated, Kind, Named, Panics, Parameter, Pipeline,
    Point, Severity, Signature, Step, TextId, Unit, UnitKind, Watch,
};

use crate::activity;
use crate::allocation::Marks;
use crate::calls::{self, Call, Choice};
use crate::cause::Input;
use crate::debug_info;
use crate::diagnose;
use crate::doubt;
use crate::enzyme::{self, Enzyme, Settings};
use crate::explain;
use crate::mixed_return;
use crate::module::target_machine;
use crate::pipeline::{self, Stage};
use crate::promise;
use crate::record::{Recorder, Scribe};
use crate::shared::{Shared, keep};
use crate::signature::Shape;
use crate::stack;

/// What to differentiate and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The symbol of the primal, or of a function that calls `__enzyme_autodiff…` on it.
    pub function: String,
    /// How.
    pub ad: AdOptions,
    /// What of it is written down.
    pub watch: Watch,
}

/// Differentiates one function of the module in place and returns the names of both functions.
///
/// Reverse mode gives a function that takes each `Duplicated` pointer followed by its shadow, then
/// the seed when the return value is `Active`, and returns the primal's value followed by the
/// adjoints of the `Active` parameters, in their order. Split, the primal's value and a tape come from
/// a function without the seed, and the adjoints from one that takes the tape after the seed; a tape
/// that would hold nothing is left out of both. Forward mode gives a function that takes each `Dual`
/// parameter followed by its tangent and returns the primal's value and its tangent; with a width,
/// tangents and shadows are arrays.
pub fn differentiate(
    module: &Module<'_>,
    options: &Options,
    recorder: &Recorder,
) -> Result<Differentiated, Diagnosis> {
    derive(module, options, recorder).map(|derived| derived.names)
}

/// A derivative, and what the parameters of its primal are.
pub(crate) struct Derived {
    pub(crate) names: Differentiated,
    pub(crate) signature: Signature,
    pub(crate) shapes: Vec<Shape>,
}

impl Derived {
    /// What a shape is to the derivative: a parameter, or the place of the result.
    pub(crate) fn parameter(&self, shape: usize) -> &Parameter {
        let first = self.shapes[shape].first;
        let by_place = self.signature.parameters.iter().find(|p| p.first == first);
        by_place
            .or(self.signature.returns.as_ref())
            .expect("a shape is a parameter or the result")
    }

    /// What the value is to the derivative that comes back in registers, if any does.
    pub(crate) fn returned(&self) -> Option<Activity> {
        match self.signature.result_at {
            Some(_) => None,
            None => self
                .signature
                .returns
                .as_ref()
                .map(|returns| returns.activity),
        }
    }
}

/// The same as [`differentiate`], and says more.
pub(crate) fn derive(
    module: &Module<'_>,
    options: &Options,
    recorder: &Recorder,
) -> Result<Derived, Diagnosis> {
    derive_with(module, options, settings, recorder)
}

/// The same in a process that has done it before: LLVM takes each of its options once.
pub(crate) fn derive_again(
    module: &Module<'_>,
    options: &Options,
    recorder: &Recorder,
) -> Result<Derived, Diagnosis> {
    derive_with(module, options, |ad| Ok(read(ad)?.0), recorder)
}

fn derive_with(
    module: &Module<'_>,
    options: &Options,
    settings: impl Fn(&AdOptions) -> Result<Settings, Diagnosis>,
    recorder: &Recorder,
) -> Result<Derived, Diagnosis> {
    let input = Input::of(module, &options.function);
    diagnose::listen(module, options, input, recorder);
    let settings = settings(&options.ad)?;
    for (key, value) in &options.ad.enzyme {
        if ASSUMING.contains(&key.as_str()) && matches!(value.as_str(), "true" | "1") {
            recorder.remark(
                Severity::Warning,
                &format!(
                    "{key} has Enzyme take for constant what it knows nothing of: the derivative may miss what flows there"
                ),
            );
        }
    }
    if settings.guesses {
        recorder.remark(
            Severity::Warning,
            "types that Enzyme could not deduce were guessed (--loose-types): the derivative may be wrong",
        );
    }
    let named = find(module, &options.function)?;
    let machine = target_machine(module);
    match calls::choose(calls::about(module, named), named, options.ad.mode)? {
        // What is stated now counts for more than what the call has said.
        Choice::Call(call) if states(&options.ad) => {
            recorder.remark(
                Severity::Note,
                "the module's own call to Enzyme was passed over, because the flags say how to differentiate",
            );
            return through_api(
                module,
                machine.as_ref(),
                call.primal,
                None,
                options,
                settings,
                input,
                recorder,
            );
        }
        // What Enzyme's pass knows it keeps to itself.
        Choice::Call(call) if options.watch == Watch::Roles => {
            recorder.remark(
                Severity::Note,
                "the module's own call to Enzyme was read and not run: Enzyme was asked for the same derivative without it",
            );
            return through_api(
                module,
                machine.as_ref(),
                call.primal,
                Some(&call),
                options,
                settings,
                input,
                recorder,
            );
        }
        Choice::Call(call) => {
            return through_pass(module, machine.as_ref(), &call, options, input, recorder);
        }
        Choice::Several(callers) => recorder.remark(
            Severity::Note,
            &format!(
                "{} ask Enzyme for different derivatives of it, and this is none of them: --fn with one of these names runs its own",
                callers.join(", ")
            ),
        ),
        Choice::None => {}
    }
    through_api(
        module,
        machine.as_ref(),
        named,
        None,
        options,
        settings,
        input,
        recorder,
    )
}

/// True when the request says what the derivative's signature is to be.
pub(crate) fn states(ad: &AdOptions) -> bool {
    ad.signature.is_some()
        || !ad.activities.is_empty()
        || !ad.wrt.is_empty()
        || ad.width != 1
        || !ad.return_primal
        || ad.split
}

/// Hands Enzyme's options to LLVM's parser, which knows them all, and keeps those that are none.
pub(crate) fn settings(ad: &AdOptions) -> Result<Settings, Diagnosis> {
    let (settings, options) = read(ad)?;
    llvm_shim::parse_options(&options).map_err(|error| match error.to_string() {
        // LLVM says what is wrong with a value elsewhere.
        said if said.is_empty() => {
            let given: Vec<String> = ad.enzyme.iter().map(|(k, v)| format!("{k}={v}")).collect();
            Diagnosis::new(
                Kind::Option,
                format!("Enzyme does not take this value: {}", given.join(", ")),
            )
            .with_help("its options are true or false, or a number")
        }
        said => unknown_option(&said),
    })?;
    Ok(settings)
}

/// What of Enzyme's options is none of LLVM's, and the rest as LLVM's parser takes it.
fn read(ad: &AdOptions) -> Result<(Settings, Vec<String>), Diagnosis> {
    let mut settings = Settings::default();
    let mut options = Vec::new();
    for (key, value) in options_of(ad) {
        let truth = || match value {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Diagnosis::new(
                Kind::Option,
                format!("{key} is true or false, not {value}"),
            )),
        };
        match key {
            "loose-types" => {
                settings.guesses = truth()?;
                options.push(format!("-enzyme-loose-types={value}"));
            }
            "runtime-activity" => settings.runtime_activity = truth()?,
            "strong-zero" => settings.strong_zero = truth()?,
            // Two of Enzyme's options are spelt with underscores throughout.
            _ if key.contains('_') => options.push(format!("-enzyme_{key}={value}")),
            _ => options.push(format!("-enzyme-{key}={value}")),
        }
    }
    Ok((settings, options))
}

/// What nightly rustc sets of Enzyme's options. What the request says of one counts for more.
const RUSTC_SETTINGS: [(&str, &str); 2] = [("strict-aliasing", "false"), ("rust-type", "true")];

/// The options that are stated, and before them those that nightly rustc sets, where all is to be as
/// there and nothing else is stated of them.
fn options_of(ad: &AdOptions) -> Vec<(&str, &str)> {
    let stated = ad.enzyme.iter();
    let stated: Vec<(&str, &str)> = stated.map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let of_rustc = RUSTC_SETTINGS.into_iter().filter(|(key, _)| {
        ad.prepare == Pipeline::Rustc && !stated.iter().any(|(given, _)| given == key)
    });
    let mut options: Vec<(&str, &str)> = of_rustc.collect();
    options.extend(stated);
    options
}

/// LLVM's words about an option, without the dashes and the program that nobody typed.
fn unknown_option(said: &str) -> Diagnosis {
    let quoted = |after: &str| {
        let rest = said.split_once(after)?.1;
        let option = rest.split(['\'', '=']).next()?.trim_start_matches('-');
        Some(option.strip_prefix("enzyme-").unwrap_or(option).to_owned())
    };
    let Some(unknown) = quoted("Unknown command line argument '") else {
        let words = said.trim().trim_start_matches("irad-engine: ");
        return Diagnosis::new(Kind::Option, words);
    };
    let diagnosis = Diagnosis::new(Kind::Option, format!("Enzyme has no option {unknown}"));
    match quoted("Did you mean '") {
        Some(near) => diagnosis.with_help(format!("did you mean {near}?")),
        None => diagnosis,
    }
}

/// Options that let Enzyme assume what nobody has shown.
const ASSUMING: [&str; 2] = ["globals-default-inactive", "emptyfn-inactive"];

/// The function of that symbol; a declaration is refused.
pub(crate) fn find<'c>(module: &Module<'c>, symbol: &str) -> Result<FunctionValue<'c>, Diagnosis> {
    let function = module.get_function(symbol).ok_or_else(|| {
        Diagnosis::new(
            Kind::Function,
            format!("the module has no function {symbol}"),
        )
    })?;
    if function.count_basic_blocks() == 0 {
        return Err(Diagnosis::new(
            Kind::Function,
            format!("{symbol} is declared here, but its body is in another module"),
        )
        .with_help(
            "give the module that defines it; with -C codegen-units=1 -C lto=fat there is only one",
        ));
    }
    Ok(function)
}

#[allow(
    clippy::too_many_arguments,
    reason = "one stage after the other needs all of them, and nothing else does"
)]
fn through_api<'c>(
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
    let marks = mark(module, &symbol, options, recorder)?;
    prepare(module, machine, &symbol, primal, options, recorder)?;
    let primal = find(module, &symbol)?;
    let known = debug_info::signature(primal);
    let mut chosen = activity::assume(module, primal, &options.ad, known.as_ref())?;
    if let Some(call) = asked {
        chosen.signature = calls::signature(module, call, primal);
    }
    recorder.signature(chosen.signature.clone());
    for note in &chosen.notes {
        recorder.remark(Severity::Note, note);
    }
    warn(recorder, chosen.warnings.clone());
    warn(
        recorder,
        doubt::before(module, &symbol, options.ad.mode, input),
    );

    recorder.stage("enzyme");
    guard(module, options, recorder);
    let started = Instant::now();
    let in_order = InOrder::begin();
    let mut enzyme = Enzyme::new();
    enzyme.attribute(module);
    let numbered = match options.watch {
        Watch::Roles => Some(explain::begin(
            &mut enzyme,
            primal,
            &chosen.signature,
            recorder,
        )?),
        Watch::Points | Watch::Steps => None,
    };
    let enzyme::Derived {
        derivative,
        augmented,
    } = enzyme
        .derive(module, primal, &chosen, settings)
        .ok_or_else(|| {
            Diagnosis::new(Kind::Other, "Enzyme gave no derivative and did not say why")
        })?;
    drop(in_order);
    let taken = started.elapsed();
    marks.restore(module);
    llvm_shim::unguard(module);
    warn(recorder, doubt::after(module));
    if enzyme::types_were_too_deep() {
        recorder.remark(
            Severity::Note,
            "a type nests deeper than Enzyme follows; what lies deeper has no type",
        );
    }
    let wrapper = stack::wrap(module, derivative, &chosen.signature, &chosen.strides)
        .transpose()
        .map_err(|error| Diagnosis::new(Kind::Other, error.to_string()))?;
    let names = Differentiated {
        primal: symbol.clone(),
        derivative: name(wrapper.unwrap_or(derivative)),
        augmented: augmented.map(name),
    };
    recorder.differentiated(names.clone());
    let told =
        numbered.map(|numbered| numbered.derived(&enzyme, derivative, &chosen.signature, recorder));
    let mut scribe = Scribe::new(module);
    if let Some(preprocessed) = module.get_function(&format!("preprocess_{symbol}")) {
        let text = recorder.text(&mut scribe, preprocessed);
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
        let text = recorder.text(&mut scribe, augmented);
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
    let text = recorder.text(&mut scribe, derivative);
    recorder.reached(Point::Derivative, &name(derivative), text);
    own_step(options, recorder, "derivative", derivative, text, taken);
    if let Some(wrapper) = wrapper {
        let text = recorder.text(&mut scribe, wrapper);
        own_step(options, recorder, "dualv", wrapper, text, Duration::ZERO);
    }
    drop(scribe);
    enzyme.erase_preprocessed();
    drop(enzyme);
    promise::shadows(module, &options.ad);

    let last = wrapper.unwrap_or(derivative);
    let both: Vec<FunctionValue<'c>> = augmented.into_iter().chain([last]).collect();
    cleanup(module, machine, &names.primal, &both, options, recorder)?;
    if let Some(told) = told {
        recorder.explained(told.cleaned(last));
    }
    Ok(Derived {
        names,
        signature: chosen.signature,
        shapes: chosen.shapes,
    })
}

fn through_pass<'c>(
    module: &Module<'c>,
    machine: Option<&TargetMachine>,
    call: &Call<'c>,
    options: &Options,
    input: Input,
    recorder: &Recorder,
) -> Result<Derived, Diagnosis> {
    let symbol = name(call.primal);
    let marks = mark(module, &symbol, options, recorder)?;
    // Inlined everywhere, the request would be gone.
    keep(module, call.caller);
    prepare(module, machine, &symbol, call.primal, options, recorder)?;
    calls::isolate(module, call);
    // Uses show what a parameter holds, and only prepared code shows its uses.
    let primal = find(module, &symbol)?;
    let signature = calls::signature(module, call, primal);
    recorder.signature(signature.clone());
    let shapes = crate::signature::parameters(&crate::signature::raw(module, primal));
    warn(
        recorder,
        doubt::before(module, &symbol, options.ad.mode, input),
    );

    recorder.stage("enzyme");
    guard(module, options, recorder);
    let before: HashSet<String> = module.get_functions().map(name).collect();
    let enzyme = Pipeline::Text("enzyme".to_owned());
    let stage = Stage {
        name: "enzyme",
        pipeline: &enzyme,
        watch: Watch::Points,
        functions: &[],
        first: &[],
    };
    let started = Instant::now();
    let in_order = InOrder::begin();
    pipeline::run(module, machine, &stage, recorder)?;
    drop(in_order);
    let taken = started.elapsed();
    marks.restore(module);
    llvm_shim::unguard(module);
    warn(recorder, doubt::after(module));
    let is_new = |function| !before.contains(&name(function));
    let derivative = calls::replacement(module, call, is_new).ok_or_else(|| {
        Diagnosis::new(
            Kind::Other,
            format!("Enzyme's pass ran, but left no derivative of {symbol}"),
        )
    })?;
    let names = Differentiated {
        primal: symbol,
        derivative: name(derivative),
        augmented: None,
    };
    recorder.differentiated(names.clone());
    let text = recorder.text(&mut Scribe::new(module), derivative);
    recorder.reached(Point::Derivative, &names.derivative, text);
    own_step(options, recorder, "derivative", derivative, text, taken);
    cleanup(
        module,
        machine,
        &names.primal,
        &[derivative],
        options,
        recorder,
    )?;
    Ok(Derived {
        names,
        signature,
        shapes,
    })
}

/// Tells Enzyme what it cannot know, and the reader what that means.
pub(crate) fn mark(
    module: &Module<'_>,
    primal: &str,
    options: &Options,
    recorder: &Recorder,
) -> Result<Marks, Diagnosis> {
    let mut marks = Marks::set(module, primal);
    let opened = mixed_return::open(module, primal);
    if !opened.is_empty() {
        recorder.remark(
            Severity::Note,
            &format!(
                "inlined, because Enzyme drops the adjoint of a float that is returned beside something else: {}",
                opened.join(", ")
            ),
        );
    }
    if marks.grows() {
        recorder.remark(
            Severity::Note,
            "growing an allocation (__rust_realloc) was spelt out for Enzyme: allocate, copy, free",
        );
    }
    for symbol in &options.ad.inactive {
        if *symbol == options.function {
            return Err(Diagnosis::new(
                Kind::Signature,
                format!("{symbol} is what is differentiated, and cannot be inactive"),
            )
            .with_help("--inactive names a function that it calls"));
        }
        let function = module.get_function(symbol).ok_or_else(|| {
            Diagnosis::new(
                Kind::Function,
                format!("the module has no function {symbol}"),
            )
        })?;
        marks.inactive(module, function);
        recorder.remark(
            Severity::Warning,
            &format!("no derivative flows through {symbol}, because --inactive says so"),
        );
    }
    promise::set(module, &options.ad, recorder)?;
    Ok(marks)
}

/// Has the derivative panic where the primal does, if that is wanted.
fn guard(module: &Module<'_>, options: &Options, recorder: &Recorder) {
    if options.ad.panics == Panics::Drop {
        return;
    }
    let guards = llvm_shim::guard(module);
    if guards.trapped > 0 {
        recorder.remark(
            Severity::Note,
            &format!(
                "{} of {} panics end the process without their message, which is made at run time",
                guards.trapped,
                guards.trapped + guards.kept
            ),
        );
    }
}

fn warn(recorder: &Recorder, doubts: Vec<String>) {
    for doubt in doubts {
        recorder.remark(Severity::Warning, &doubt);
    }
}

/// A step that no pass manager took.
fn own_step(
    options: &Options,
    recorder: &Recorder,
    what: &str,
    function: FunctionValue<'_>,
    text: TextId,
    taken: Duration,
) {
    if options.watch != Watch::Steps {
        return;
    }
    recorder.step(Step {
        stage: "enzyme".to_owned(),
        pass: what.to_owned(),
        pipeline_name: String::new(),
        unit: Unit {
            kind: UnitKind::Function,
            name: name(function),
            functions: vec![name(function)],
        },
        nth: 1,
        nanos: u64::try_from(taken.as_nanos()).unwrap_or(u64::MAX),
        preserved_all: false,
        invalidated: false,
        changed: vec![Named {
            function: name(function),
            text,
        }],
        notes: Vec::new(),
    });
}

pub(crate) fn prepare<'c>(
    module: &Module<'c>,
    machine: Option<&TargetMachine>,
    symbol: &str,
    primal: FunctionValue<'c>,
    options: &Options,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    recorder.point(Point::Input, &mut Scribe::new(module), primal);
    let shared = Shared::hide(module, primal, options.ad.whole_program);
    let stage = Stage {
        name: "prepare",
        pipeline: &options.ad.prepare,
        watch: options.watch,
        functions: &[symbol],
        first: if options.ad.whole_program {
            &[]
        } else {
            &[symbol]
        },
    };
    pipeline::run(module, machine, &stage, recorder)?;
    shared.tell(module, symbol, recorder);
    promise::prepared(module, &options.ad, recorder);
    let primal = find(module, symbol)?;
    recorder.point(Point::Prepared, &mut Scribe::new(module), primal);
    Ok(())
}

fn cleanup<'c>(
    module: &Module<'c>,
    machine: Option<&TargetMachine>,
    primal: &str,
    derived: &[FunctionValue<'c>],
    options: &Options,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    let symbols: Vec<String> = derived.iter().copied().map(name).collect();
    let watched: Vec<&str> = symbols.iter().map(String::as_str).collect();
    let first: Vec<&str> = watched.iter().copied().chain([primal]).collect();
    // Nobody calls it yet: local, it would be deleted. This is irad's own doing, and a step of its
    // own, so that no pass is blamed for it.
    for &function in derived {
        function.set_linkage(Linkage::External);
        let text = recorder.text(&mut Scribe::new(module), function);
        own_step(options, recorder, "export", function, text, Duration::ZERO);
    }
    let stage = Stage {
        name: "cleanup",
        pipeline: &options.ad.cleanup,
        watch: options.watch,
        functions: &watched,
        first: if options.ad.whole_program {
            &[]
        } else {
            &first
        },
    };
    pipeline::run(module, machine, &stage, recorder)?;
    for symbol in &symbols {
        let function = find(module, symbol)?;
        recorder.point(Point::Final, &mut Scribe::new(module), function);
    }
    Ok(())
}

fn name(function: FunctionValue<'_>) -> String {
    function.get_name().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustc_has_settings_of_its_own_and_what_is_stated_counts_for_more() {
        let mut ad = AdOptions::new(trace::Mode::Reverse);
        assert!(options_of(&ad).is_empty());
        ad.prepare = Pipeline::Rustc;
        assert_eq!(options_of(&ad), RUSTC_SETTINGS);
        ad.enzyme = vec![("strict-aliasing".to_owned(), "true".to_owned())];
        assert_eq!(
            options_of(&ad),
            [("rust-type", "true"), ("strict-aliasing", "true")]
        );
    }
}
