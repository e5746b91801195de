//! What the caller promises about memory (`--noalias`, `--unchanged`), told to LLVM and to Enzyme.
//!
//! Both are words that IR from raw pointers cannot give: that what a function is handed does not
//! overlap, and that what it only reads is not overwritten before the derivative has been worked out.
//! Without them Enzyme keeps a copy of all that it reads.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::values::{BasicValue, BasicValueEnum, FunctionValue};
use trace::{AdOptions, Diagnosis, Mode, RemarkKind, Severity};

use crate::channel::recorder::Recorder;
use crate::ir::lookup::{derived_from, find};
use crate::pipeline::ALL;

/// Adds the attributes before anything else happens to the module, and says above every result that
/// somebody's word was taken.
pub(crate) fn set(
    module: &Module<'_>,
    ad: &AdOptions,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    for function in named(module, &ad.noalias)? {
        for at in 0..function.count_params() {
            add_noalias(function, at);
        }
    }
    for function in named(module, &ad.unchanged)? {
        let attribute = function
            .get_type()
            .get_context()
            .create_string_attribute(llvm_shim::UNCHANGED, "");
        function.add_attribute(AttributeLoc::Function, attribute);
    }
    if !ad.noalias.is_empty() {
        recorder.remark(
            Severity::Warning,
            RemarkKind::NoaliasByFlag {
                functions: ad.noalias.clone(),
            },
        );
    }
    if !ad.unchanged.is_empty() {
        recorder.remark(
            Severity::Warning,
            RemarkKind::UnchangedByFlag {
                functions: ad.unchanged.clone(),
            },
        );
    }
    Ok(())
}

/// After the prepare pipeline: marks what the pipeline had no occasion to mark and what is to be kept (`--keep`), and takes
/// irad's own attribute back.
pub(crate) fn prepared(module: &Module<'_>, ad: &AdOptions, recorder: &Recorder) {
    if ad.mode == Mode::Reverse
        && !ad.keep.is_empty()
        && llvm_shim::keep_results(module, &ad.keep) == 0
    {
        recorder.remark(Severity::Note, RemarkKind::KeptWithoutEffect);
    }
    if ad.unchanged.is_empty() {
        return;
    }
    if llvm_shim::mark_unchanged(module) == 0 {
        recorder.remark(Severity::Note, RemarkKind::UnchangedWithoutEffect);
    }
    for function in module.get_functions() {
        function.remove_string_attribute(AttributeLoc::Function, llvm_shim::UNCHANGED);
    }
}

/// Gives `noalias` to shadows in what Enzyme made of functions for which the word was given. Enzyme
/// leaves them without even where the primal's parameters have it, because two parameters that are only
/// read may be the same memory, and then so are their shadows, which are written.
pub(crate) fn shadows(module: &Module<'_>, ad: &AdOptions) {
    if ad.noalias.is_empty() {
        return;
    }
    for function in module.get_functions() {
        let name = function.get_name().to_string_lossy().into_owned();
        let Some(of) = derived_from(&name) else {
            continue;
        };
        if !ad
            .noalias
            .iter()
            .any(|n| n == ALL || of.contains(&n.as_str()))
        {
            continue;
        }
        add_to_shadows(function, |_| true);
    }
}

/// Gives `noalias` to the shadows that a derivative itself is handed, where the primal's parameters have it. Whoever calls
/// it owes it memory of its own for each: the binding that `irad emit` writes says so, and `std::autodiff` takes them as
/// `&mut`. Enzyme cannot know that. What is called from within the module, as a recursive function is, may get the same
/// memory twice.
pub(crate) fn own_shadows(derivative: FunctionValue<'_>) {
    let pointer = derivative.as_global_value().as_pointer_value();
    if pointer.get_first_use().is_none() {
        let kind = Attribute::get_named_enum_kind_id("noalias");
        add_to_shadows(derivative, |primal| {
            let found = derivative.get_enum_attribute(AttributeLoc::Param(primal), kind);
            found.is_some()
        });
    }
}

/// Takes away which numbers parameters may be: whoever calls what `irad emit` writes says nothing of it.
pub(crate) fn forget_ranges(derivative: FunctionValue<'_>) {
    let kind = Attribute::get_named_enum_kind_id("range");
    for at in 0..derivative.count_params() {
        derivative.remove_enum_attribute(AttributeLoc::Param(at), kind);
    }
}

/// Gives it to the shadows of those parameters.
fn add_to_shadows(function: FunctionValue<'_>, of: impl Fn(u32) -> bool) {
    let names: Vec<String> = function.get_param_iter().map(name_of).collect();
    for (at, names) in (0..).zip(names.windows(2)) {
        if names[1].strip_suffix('\'') == Some(&names[0]) && of(at) {
            add_noalias(function, at + 1);
        }
    }
}

fn name_of(value: BasicValueEnum<'_>) -> String {
    match value {
        BasicValueEnum::PointerValue(pointer) => pointer.get_name().to_string_lossy().into_owned(),
        _ => String::new(),
    }
}

fn add_noalias(function: FunctionValue<'_>, index: u32) {
    let is_pointer = function
        .get_nth_param(index)
        .is_some_and(|parameter| parameter.is_pointer_value());
    if is_pointer {
        let kind = Attribute::get_named_enum_kind_id("noalias");
        let attribute = function
            .get_type()
            .get_context()
            .create_enum_attribute(kind, 0);
        function.add_attribute(AttributeLoc::Param(index), attribute);
    }
}

/// The functions with bodies that the names stand for.
pub(super) fn named<'c>(
    module: &Module<'c>,
    names: &[String],
) -> Result<Vec<FunctionValue<'c>>, Diagnosis> {
    let mut out = Vec::new();
    for name in names {
        if name == ALL {
            out.extend(
                module
                    .get_functions()
                    .filter(|f| f.count_basic_blocks() > 0),
            );
        } else {
            out.push(find(module, name)?);
        }
    }
    Ok(out)
}
