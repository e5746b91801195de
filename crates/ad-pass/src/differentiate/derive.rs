//! One differentiation, through Enzyme's C API or through its pass.

use inkwell::module::Module;
use trace::{AdOptions, Diagnosis, Differentiated, RemarkKind, Severity, Watch, enzyme};

use crate::backend::calls::{self, Choice};
use crate::backend::options::{ASSUMING, Settings, read, settings};
use crate::channel::recorder::Recorder;
use crate::diagnose::input::Input;
use crate::diagnose::listen;
use crate::differentiate::api::through_api;
use crate::differentiate::derived::Derived;
use crate::differentiate::pass::through_pass;
use crate::ir::lookup::find;
use crate::ir::target::target_machine;
use crate::options::{Options, states};

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
    listen::listen(module, options, input, recorder);
    let settings = settings(&options.ad)?;
    for (key, value) in &options.ad.enzyme {
        if ASSUMING.iter().any(|option| enzyme::key(option) == key)
            && matches!(value.as_str(), "true" | "1")
        {
            recorder.remark(
                Severity::Warning,
                RemarkKind::AssumesInactive {
                    option: key.clone(),
                },
            );
        }
    }
    if settings.guesses {
        recorder.remark(Severity::Warning, RemarkKind::LooseTypes);
    }
    let named = find(module, &options.function)?;
    let machine = target_machine(module);
    match calls::choose(calls::about(module, named), named, options.ad.mode)? {
        // What is stated now takes precedence over what the call has said.
        Choice::Call(call) if states(&options.ad) => {
            recorder.remark(Severity::Note, RemarkKind::CallPassedOver);
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
        Choice::Call(call)
            if matches!(options.watch, Watch::Roles | Watch::Values | Watch::Counts) =>
        {
            recorder.remark(Severity::Note, RemarkKind::CallRead);
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
        Choice::Several(callers) => {
            recorder.remark(Severity::Note, RemarkKind::OtherCalls { callers });
        }
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
