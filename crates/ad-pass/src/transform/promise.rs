//! What the caller promises about memory (`--noalias`, `--unchanged`), told to LLVM and to Enzyme.
//!
//! Both are words that IR from raw pointers cannot give: that what a function is handed does not
//! overlap, and that what it only reads is not overwritten before the derivative has been worked out.
//! Without them Enzyme keeps a copy of all that it reads.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::values::{BasicValueEnum, FunctionValue};
use trace::{AdOptions, Diagnosis, RemarkKind, Severity};

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

/// After the prepare pipeline: marks what the pipeline had no occasion to mark, and takes irad's own
/// attribute back.
pub(crate) fn prepared(module: &Module<'_>, ad: &AdOptions, recorder: &Recorder) {
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
        let names: Vec<String> = function.get_param_iter().map(name_of).collect();
        for at in 1..names.len() {
            if names[at].strip_suffix('\'') == Some(&names[at - 1]) {
                add_noalias(function, u32::try_from(at).unwrap_or(u32::MAX));
            }
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
