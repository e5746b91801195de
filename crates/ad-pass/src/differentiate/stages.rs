//! The stages that differentiating through Enzyme's C API and through its pass have in common.

use std::time::Duration;

use inkwell::module::{Linkage, Module};
use inkwell::targets::TargetMachine;
use inkwell::values::FunctionValue;
use llvm_shim::Repair;
use trace::{
    Diagnosis, Doubt, Help, Kind, Mode, Named, Panics, Point, Problem, RemarkKind, Severity, Step,
    TextId, Unit, UnitKind, enzyme,
};

use crate::backend::refusal;
use crate::channel::numbered::Numbered;
use crate::channel::recorder::{FunctionPrinter, Recorder};
use crate::ir::lookup::{find, name};
use crate::options::Options;
use crate::pipeline::{self, Stage};
use crate::transform::allocator::Annotations;
use crate::transform::inline;
use crate::transform::integers;
use crate::transform::mathematics;
use crate::transform::mixed_return;
use crate::transform::promise;
use crate::transform::shield::Shield;
use crate::transform::sorting;
use crate::transform::text;
use crate::transform::thread_locals;
use crate::transform::ub_checks;

/// Tells Enzyme what it cannot know, and the reader what that means.
pub(crate) fn mark(
    module: &Module<'_>,
    primal: &str,
    options: &Options,
    recorder: &Recorder,
) -> Result<Annotations, Diagnosis> {
    if !options.ad.is_faithful() && options.ad.panics == Panics::Drop {
        ub_checks::remove(module, primal);
    }
    let (sorted, orders) = match options.ad.is_faithful() {
        true => (Vec::new(), Vec::new()),
        false => sorting::simplify(module, primal),
    };
    let mut marks = Annotations::set(module, primal);
    for order in orders {
        marks.closed(module, order);
    }
    if !sorted.is_empty() {
        recorder.remark(
            Severity::Note,
            RemarkKind::SortingCompleted { functions: sorted },
        );
    }
    let opened = mixed_return::open(module, primal);
    if !opened.is_empty() {
        recorder.remark(
            Severity::Note,
            RemarkKind::MixedReturnsInlined { functions: opened },
        );
    }
    if marks.grows() {
        recorder.remark(Severity::Note, RemarkKind::GrowthExpanded);
    }
    for (function, name) in mathematics::functions(module, primal) {
        marks.known(module, function, &name);
    }
    if !options.ad.is_faithful() {
        let text = text::functions(module, primal);
        for function in &text {
            marks.closed(module, *function);
        }
        if !text.is_empty() {
            recorder.remark(
                Severity::Note,
                RemarkKind::TextAlone {
                    functions: text.into_iter().map(name).collect(),
                },
            );
        }
    }
    let integers = integers::external(module, primal);
    if !integers.is_empty() {
        for function in &integers {
            marks.inactive_external(module, *function);
        }
        recorder.remark(
            Severity::Note,
            RemarkKind::IntegersAlone {
                functions: integers.into_iter().map(name).collect(),
            },
        );
    }
    for symbol in &options.ad.inactive {
        if *symbol == options.function {
            return Err(Diagnosis::new(
                Kind::Signature,
                Problem::InactivePrimal {
                    symbol: symbol.clone(),
                },
            )
            .with_help(Help::InactiveNames));
        }
        let function = module.get_function(symbol).ok_or_else(|| {
            Diagnosis::new(
                Kind::Function,
                Problem::NoSuchFunction {
                    symbol: symbol.clone(),
                },
            )
        })?;
        marks.inactive(module, function);
        recorder.remark(
            Severity::Warning,
            RemarkKind::InactiveByFlag {
                function: symbol.clone(),
            },
        );
    }
    promise::set(module, &options.ad, recorder)?;
    inline::set(module, &options.ad.inline, &options.function)?;
    Ok(marks)
}

/// Has the derivative panic where the primal does, if that is wanted.
pub(crate) fn guard(module: &Module<'_>, options: &Options, recorder: &Recorder) {
    if options.ad.panics == Panics::Drop {
        return;
    }
    let guards = llvm_shim::guard(module);
    if guards.trapped > 0 {
        recorder.remark(
            Severity::Note,
            RemarkKind::PanicsTrapped {
                trapped: guards.trapped,
                of: guards.trapped + guards.kept,
            },
        );
    }
}

/// Refuses what Enzyme may not refuse, though it cannot be right.
pub(crate) fn refuse(module: &Module<'_>, symbol: &str, options: &Options) {
    let ad = &options.ad;
    let are_inactive = ad.stated(enzyme::OPTION_GLOBALS_INACTIVE) == Some("true");
    if ad.is_faithful() || (ad.mode == Mode::Reverse && are_inactive) {
        return;
    }
    if let Some(address) = thread_locals::first(module, symbol) {
        refusal::refuse(Kind::NoShadow, enzyme::NO_SHADOW, address);
    }
}

/// Puts reasons to doubt the derivative above every view of it.
pub(crate) fn doubt_it(recorder: &Recorder, doubts: Vec<Doubt>) {
    for doubt in doubts {
        recorder.remark(Severity::Warning, RemarkKind::Doubt(doubt));
    }
}

/// A step that no pass manager took.
pub(crate) fn own_step(
    options: &Options,
    recorder: &Recorder,
    what: &str,
    function: FunctionValue<'_>,
    text: TextId,
    taken: Duration,
) {
    if !options.watch.has_steps() {
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
    recorder.point(Point::Input, &mut FunctionPrinter::new(module), primal);
    let shield = Shield::raise(module, primal, options.ad.whole_program);
    let stage = Stage {
        name: "prepare",
        pipeline: &options.ad.prepare,
        repair: match options.ad.mode {
            _ if options.ad.is_faithful() => Repair::None,
            Mode::Forward => Repair::Forward,
            Mode::Reverse => Repair::Reverse,
        },
        watch: options.watch,
        functions: &[symbol],
        first: if options.ad.whole_program {
            &[]
        } else {
            &[symbol]
        },
        numbered: &[],
    };
    pipeline::run(module, machine, &stage, recorder)?;
    shield.tell(module, symbol, recorder);
    promise::prepared(module, &options.ad, recorder);
    let primal = find(module, symbol)?;
    recorder.point(Point::Prepared, &mut FunctionPrinter::new(module), primal);
    Ok(())
}

pub(crate) fn cleanup<'c>(
    module: &Module<'c>,
    machine: Option<&TargetMachine>,
    primal: &str,
    derived: &[FunctionValue<'c>],
    numbered: &[Numbered],
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
        let text = text(module, function, numbered, recorder);
        own_step(options, recorder, "export", function, text, Duration::ZERO);
    }
    for own in numbered {
        own.passes_begin();
    }
    let stage = Stage {
        name: "cleanup",
        pipeline: &options.ad.cleanup,
        repair: Repair::None,
        watch: options.watch,
        functions: &watched,
        first: if options.ad.whole_program {
            &[]
        } else {
            &first
        },
        numbered,
    };
    pipeline::run(module, machine, &stage, recorder)?;
    for symbol in &symbols {
        let function = find(module, symbol)?;
        let text = text(module, function, numbered, recorder);
        recorder.reached(Point::Final, symbol, text);
    }
    Ok(())
}

/// The text of a function, as if its instructions were not numbered.
fn text<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
    numbered: &[Numbered],
    recorder: &Recorder,
) -> TextId {
    let mut printer = FunctionPrinter::new(module);
    match Numbered::of(numbered, &name(function)) {
        Some(own) => own.text(recorder, &mut printer, function),
        None => recorder.text(&mut printer, function),
    }
}
