//! Enzyme's C API, wrapped where it is crossed.
#![allow(
    unsafe_code,
    reason = "calls into Enzyme's C API, declared in enzyme-sys"
)]

use std::ffi::{CStr, c_char, c_void};

use enzyme_sys::ask;
use enzyme_sys::logic::{self, CFnTypeInfo, EnzymeLogicRef, EnzymeTypeAnalysisRef, IntList};
use enzyme_sys::type_tree::{self, CTypeTreeRef};
use inkwell::context::AsContextRef;
use inkwell::module::Module;
use inkwell::values::{AsValueRef, FunctionValue};
use trace::{Mode, Signature};

use crate::activity::assume::Chosen;
use crate::backend::activities::{argument_activities, return_activity, returns_primal};
use crate::backend::options::Settings;
use crate::backend::refusal;
use crate::backend::type_tree::{stated_tree, type_tree_of};

/// What Enzyme generated.
#[derive(Clone, Copy)]
pub(crate) struct Generated<'c> {
    /// The derivative; when it was split, the half that takes the tape.
    pub(crate) derivative: FunctionValue<'c>,
    /// The half that runs the primal and gives the tape.
    pub(crate) augmented: Option<FunctionValue<'c>>,
}

/// Whether derivatives are mended from now on as Enzyme finishes them: see `enzyme-sys/cpp/counters.cpp`.
pub(crate) fn repair(repairs: bool) {
    refusal::give_sinks(repairs);
    // SAFETY: sets a flag; the engine has one thread that runs Enzyme.
    unsafe { ask::irad_enzyme_repair(repairs) }
}

/// Enzyme's state for one module. Dropping it leaves the derivatives in the module.
pub(crate) struct Enzyme {
    logic: EnzymeLogicRef,
    types: EnzymeTypeAnalysisRef,
}

impl Enzyme {
    pub(crate) fn new() -> Self {
        // SAFETY: both take only what is passed; without rules the arrays may be null.
        unsafe {
            let logic = logic::CreateEnzymeLogic(0);
            let types =
                logic::CreateTypeAnalysis(logic, std::ptr::null_mut(), std::ptr::null_mut(), 0);
            Enzyme { logic, types }
        }
    }

    /// What Enzyme's pass does to a module before it differentiates: known library functions and
    /// functions that only read get their attributes.
    pub(crate) fn attribute(&self, module: &Module<'_>) {
        let functions: Vec<FunctionValue<'_>> = module.get_functions().collect();
        for function in functions {
            // SAFETY: a live function.
            unsafe { logic::EnzymeAttributeKnownFunctions(function.as_value_ref()) }
        }
        // SAFETY: a live module.
        unsafe { logic::EnzymeDetectReadonlyOrThrow(module.as_mut_ptr()) }
    }

    /// The derivative of `function` as `signature` describes it.
    pub(crate) fn derive<'c>(
        &mut self,
        module: &Module<'c>,
        function: FunctionValue<'c>,
        chosen: &Chosen,
        settings: Settings,
    ) -> Option<Generated<'c>> {
        let signature = &chosen.signature;
        let runtime_activity = u8::from(settings.runtime_activity);
        let strong_zero = u8::from(settings.strong_zero);
        let mut activities = argument_activities(function, signature);
        let context = module.get_context().as_ctx_ref();
        let mut trees: Vec<CTypeTreeRef> = function
            .get_params()
            .iter()
            .enumerate()
            .map(|(index, param)| {
                let places = chosen.places.iter().find(|(at, _)| *at == index);
                match places {
                    Some((_, places)) => stated_tree(places, context),
                    None => type_tree_of(Some(param.get_type()), context),
                }
            })
            .collect();
        let returns = type_tree_of(function.get_type().get_return_type(), context);
        let mut known = vec![
            IntList {
                data: std::ptr::null_mut(),
                size: 0
            };
            trees.len()
        ];
        let info = CFnTypeInfo {
            arguments: trees.as_mut_ptr(),
            returns,
            known_values: known.as_mut_ptr(),
        };
        let return_activity = return_activity(signature);
        let primal_wanted = u8::from(returns_primal(signature));
        // Nobody writes to the arguments between the halves of a derivative that is one function, and
        // anybody may between two functions; Enzyme's own pass says the same of both.
        let may_write = u8::from(signature.split);
        let mut overwritten = vec![may_write; trees.len()];
        let (activity_list, overwritten_list) = (activities.as_mut_ptr(), overwritten.as_mut_ptr());
        let mut augmented = std::ptr::null();
        // Both sweeps in one function, or the reverse sweep with the tape that the augmented primal leaves.
        let reverse = |primal_wanted, mode, tape, may_write, augmented| {
            // SAFETY: the logic and types are live; the arrays are as long as the parameter list and outlive the
            // call; function and context are of one live module; `tape` and `augmented` are null, or of an
            // augmented primal that Enzyme has just made of this function.
            unsafe {
                logic::EnzymeCreatePrimalAndGradient(
                    self.logic,
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                    function.as_value_ref(),
                    return_activity,
                    activity_list,
                    activities.len(),
                    self.types,
                    primal_wanted,
                    0,
                    mode,
                    runtime_activity,
                    strong_zero,
                    1,
                    1,
                    tape,
                    0,
                    info,
                    may_write,
                    overwritten_list,
                    overwritten.len(),
                    augmented,
                    0,
                )
            }
        };
        let derivative = match signature.mode {
            Mode::Reverse if !signature.split => reverse(
                primal_wanted,
                logic::DEM_REVERSE_MODE_COMBINED,
                std::ptr::null_mut(),
                0,
                std::ptr::null(),
            ),
            Mode::Reverse => {
                // SAFETY: as above.
                let tape = unsafe {
                    augmented = logic::EnzymeCreateAugmentedPrimal(
                        self.logic,
                        std::ptr::null_mut(),
                        std::ptr::null_mut(),
                        function.as_value_ref(),
                        return_activity,
                        activity_list,
                        activities.len(),
                        self.types,
                        primal_wanted,
                        0,
                        info,
                        may_write,
                        overwritten_list,
                        overwritten.len(),
                        0,
                        runtime_activity,
                        strong_zero,
                        1,
                        0,
                    );
                    logic::EnzymeExtractTapeTypeFromAugmentation(augmented)
                };
                reverse(
                    0,
                    logic::DEM_REVERSE_MODE_GRADIENT,
                    tape,
                    may_write,
                    augmented,
                )
            }
            // SAFETY: as above.
            Mode::Forward => unsafe {
                logic::EnzymeCreateForwardDiff(
                    self.logic,
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                    function.as_value_ref(),
                    return_activity,
                    activity_list,
                    activities.len(),
                    self.types,
                    primal_wanted,
                    logic::DEM_FORWARD_MODE,
                    1,
                    runtime_activity,
                    strong_zero,
                    signature.width,
                    std::ptr::null_mut(),
                    info,
                    0,
                    overwritten_list,
                    overwritten.len(),
                    std::ptr::null(),
                )
            },
        };
        trees.push(returns);
        for tree in trees {
            // SAFETY: each tree was made above and is freed once.
            unsafe { type_tree::EnzymeFreeTypeTree(tree) }
        }
        // SAFETY: null or live functions of the module.
        unsafe {
            Some(Generated {
                derivative: FunctionValue::new(derivative)?,
                augmented: match augmented.is_null() {
                    true => None,
                    false => {
                        let half = logic::EnzymeExtractFunctionFromAugmentation(augmented);
                        Some(FunctionValue::new(half)?)
                    }
                },
            })
        }
    }

    /// The clone of a function that will be differentiated, simplified as Enzyme does it. From now on it is
    /// noted what Enzyme knows of derivatives.
    pub(crate) fn preprocess<'c>(
        &mut self,
        function: FunctionValue<'c>,
        signature: &Signature,
    ) -> Option<FunctionValue<'c>> {
        let mode = match signature.mode {
            Mode::Forward => logic::DEM_FORWARD_MODE,
            // Both halves are made of one clone.
            Mode::Reverse if signature.split => logic::DEM_REVERSE_MODE_GRADIENT,
            Mode::Reverse => logic::DEM_REVERSE_MODE_COMBINED,
        };
        // SAFETY: a live logic and a live function with a body; the clone is of the same module. The engine has
        // one thread, and nothing else sets the hooks by which notes are taken.
        unsafe {
            ask::irad_enzyme_note_origins();
            FunctionValue::new(ask::irad_enzyme_preprocess(
                self.logic,
                function.as_value_ref(),
                mode,
            ))
        }
    }

    /// Of every parameter and then of every instruction of a clone that was differentiated: its type tree,
    /// and what is constant of it (`ask::CONSTANT_VALUE`, `ask::CONSTANT_INSTRUCTION`).
    pub(crate) fn known(
        &self,
        clone: FunctionValue<'_>,
        signature: &Signature,
    ) -> Vec<(String, u8)> {
        extern "C" fn told(found: *mut c_void, ty: *const c_char, constant: u8) {
            // SAFETY: the vector below, and a string that is Enzyme's until this returns.
            let (found, ty) =
                unsafe { (&mut *found.cast::<Vec<(String, u8)>>(), CStr::from_ptr(ty)) };
            found.push((ty.to_string_lossy().into_owned(), constant));
        }
        let activities = argument_activities(clone, signature);
        let mut found: Vec<(String, u8)> = Vec::new();
        // SAFETY: logic and types are live, the clone is one of the logic's, and there is an activity for
        // each of its parameters; the vector outlives the call.
        unsafe {
            ask::irad_enzyme_explain(
                self.logic,
                self.types,
                clone.as_value_ref(),
                return_activity(signature),
                activities.as_ptr(),
                told,
                (&raw mut found).cast(),
            );
        }
        found
    }

    /// What Enzyme says of every instruction of a derivative, in their order; empty when it says nothing.
    pub(crate) fn origins(&self, derivative: FunctionValue<'_>) -> Vec<llvm_shim::Origin> {
        let count = derivative
            .get_basic_block_iter()
            .map(|block| block.get_instructions().count())
            .sum();
        let mut origins = vec![ask::Origin::default(); count];
        // SAFETY: a live function, and room for as many as is said.
        let is_known = unsafe {
            ask::irad_enzyme_origins(derivative.as_value_ref(), origins.as_mut_ptr(), count)
        };
        if !is_known {
            return Vec::new();
        }
        let told = |origin: ask::Origin| llvm_shim::Origin {
            kind: origin.kind,
            in_reverse: origin.in_reverse,
            of_shadow: origin.of_shadow,
            number: origin.number,
        };
        origins.into_iter().map(told).collect()
    }

    /// Erases the clones that Enzyme simplified for itself.
    pub(crate) fn erase_preprocessed(&mut self) {
        // SAFETY: a live logic.
        unsafe { logic::EnzymeLogicErasePreprocessedFunctions(self.logic) }
    }
}

impl Drop for Enzyme {
    fn drop(&mut self) {
        // SAFETY: made together, freed once, the analysis before its logic.
        unsafe {
            logic::FreeTypeAnalysis(self.types);
            logic::FreeEnzymeLogic(self.logic);
        }
    }
}
