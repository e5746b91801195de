//! Enzyme's C API, wrapped where it is crossed.
#![allow(
    unsafe_code,
    reason = "calls into Enzyme's C API, declared in enzyme-sys"
)]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::process;

use enzyme_sys::logic::{self, CFnTypeInfo, EnzymeLogicRef, EnzymeTypeAnalysisRef, IntList};
use enzyme_sys::type_tree::{self, CTypeTreeRef};
use inkwell::builder::{Builder, BuilderError};
use inkwell::context::{AsContextRef, ContextRef};
use inkwell::module::Module;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{AsValueRef, FunctionValue, InstructionValue, IntValue, PointerValue};
use llvm_sys::core;
use llvm_sys::prelude::{LLVMBuilderRef, LLVMContextRef, LLVMValueRef};
use llvm_sys::{LLVMOpcode, LLVMTypeKind};
use trace::{Activity, Concrete, Kind, Mode, Signature};

use crate::activity::{Chosen, Places};

/// Enzyme's refusal, with what it pointed at.
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    /// Everything that it said, dumps of whole functions included.
    pub(crate) message: String,
    /// The offending instruction.
    pub(crate) instruction: Option<InstructionValue<'static>>,
    /// The function or global that it is about, when it is about one.
    pub(crate) global: Option<String>,
    /// What the offending instruction mixes in, or the callee, as LLVM prints operands.
    pub(crate) operand: Option<String>,
    /// That operand is a pointer.
    pub(crate) is_pointer: bool,
    /// What type analysis knows about each value, a line each, where it said so.
    pub(crate) types: String,
}

type OnRefusal = Box<dyn FnMut(Refusal)>;

thread_local! {
    static ON_REFUSAL: RefCell<Option<OnRefusal>> = const { RefCell::new(None) };
    static TOO_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// True when Enzyme has met a type that nests deeper than it follows.
pub(crate) fn types_were_too_deep() -> bool {
    TOO_DEEP.get()
}

/// From now on Enzyme's first refusal is handed to `on_refusal`, and then the process ends: Enzyme
/// does not get into a state to go on from, and to return to it means an assertion at best.
pub(crate) fn on_refusal(on_refusal: impl FnMut(Refusal) + 'static) {
    ON_REFUSAL.with(|slot| *slot.borrow_mut() = Some(Box::new(on_refusal)));
    // SAFETY: the engine has one thread, and this is the only place that writes the global.
    unsafe { enzyme_sys::error::CustomErrorHandler = Some(refused) }
}

extern "C" fn refused(
    message: *const c_char,
    value: LLVMValueRef,
    kind: c_int,
    data: *const c_void,
    condition: LLVMValueRef,
    _builder: LLVMBuilderRef,
) -> LLVMValueRef {
    let kind = kind_of(kind);
    if kind == Kind::MixedActivity {
        // SAFETY: Enzyme passes the value that mixes and the constant part of it, both live.
        let shadow = unsafe { harmless_shadow(value, condition) };
        if let Some(shadow) = shadow {
            return shadow;
        }
    }
    if kind == Kind::TypeDepthExceeded {
        // Enzyme drops what it knows beyond that depth and goes on; a type that it then needs and
        // does not have is refused for itself.
        TOO_DEEP.set(true);
        return std::ptr::null_mut();
    }
    // SAFETY: Enzyme passes a NUL-terminated message, null or live values, and for these kinds its
    // type analyzer.
    let refusal = unsafe {
        let instruction = instruction_of(value);
        Refusal {
            kind,
            message: if message.is_null() {
                String::new()
            } else {
                CStr::from_ptr(message).to_string_lossy().into_owned()
            },
            instruction: instruction.map(|value| InstructionValue::new(value)),
            global: [value, condition]
                .into_iter()
                .filter(|value| !value.is_null())
                .find(|&value| !core::LLVMIsAGlobalValue(value).is_null())
                .map(|value| name_of(value)),
            operand: (!condition.is_null()).then(|| printed(condition)),
            is_pointer: !condition.is_null()
                && core::LLVMGetTypeKind(core::LLVMTypeOf(condition))
                    == LLVMTypeKind::LLVMPointerTypeKind,
            types: match kind {
                Kind::NoType | Kind::IllegalTypeAnalysis if !data.is_null() => {
                    let text = type_tree::EnzymeTypeAnalyzerToString(data.cast_mut());
                    let owned = CStr::from_ptr(text).to_string_lossy().into_owned();
                    type_tree::EnzymeTypeTreeToStringFree(text);
                    owned
                }
                _ => String::new(),
            },
        }
    };
    ON_REFUSAL.with(|slot| {
        if let Some(on_refusal) = slot.borrow_mut().as_mut() {
            on_refusal(refusal);
        }
    });
    process::exit(0)
}

fn kind_of(kind: c_int) -> Kind {
    match kind {
        0 => Kind::NoDerivative,
        1 => Kind::NoShadow,
        2 => Kind::IllegalTypeAnalysis,
        3 => Kind::NoType,
        4 => Kind::IllegalFirstPointer,
        5 => Kind::InternalError,
        6 => Kind::TypeDepthExceeded,
        7 => Kind::MixedActivity,
        8 => Kind::IllegalReplaceFicticiousPhis,
        9 => Kind::GetIndexError,
        10 => Kind::NoTruncate,
        11 => Kind::GcRewrite,
        12 => Kind::Nan,
        _ => Kind::Other,
    }
}

/// The shadow of a constant that Enzyme takes for a pointer to inactive memory, where it is none:
/// a float, whose tangent is zero, or the address that an empty `Vec` has instead of memory, which
/// nobody reads through.
///
/// # Safety
/// `value` is an instruction and `constant` an operand of it, or either is null.
unsafe fn harmless_shadow(value: LLVMValueRef, constant: LLVMValueRef) -> Option<LLVMValueRef> {
    // Alignments are powers of two, and no memory lies in the first page.
    let is_dangling = |address: u64| address.is_power_of_two() && address <= 4096;
    if value.is_null() || constant.is_null() {
        return None;
    }
    // SAFETY: live values; each getter is called on what LLVM says it is.
    unsafe {
        if core::LLVMIsConstant(constant) == 0 {
            return None;
        }
        let ty = core::LLVMTypeOf(constant);
        let scalar = match core::LLVMGetTypeKind(ty) {
            LLVMTypeKind::LLVMVectorTypeKind => core::LLVMGetElementType(ty),
            _ => ty,
        };
        match core::LLVMGetTypeKind(scalar) {
            LLVMTypeKind::LLVMHalfTypeKind
            | LLVMTypeKind::LLVMBFloatTypeKind
            | LLVMTypeKind::LLVMFloatTypeKind
            | LLVMTypeKind::LLVMDoubleTypeKind => Some(core::LLVMConstNull(ty)),
            LLVMTypeKind::LLVMPointerTypeKind
                if !core::LLVMIsAConstantExpr(constant).is_null()
                    && core::LLVMGetConstOpcode(constant) == LLVMOpcode::LLVMIntToPtr =>
            {
                let address = core::LLVMGetOperand(constant, 0);
                (!core::LLVMIsAConstantInt(address).is_null()
                    && is_dangling(core::LLVMConstIntGetZExtValue(address)))
                .then_some(constant)
            }
            LLVMTypeKind::LLVMIntegerTypeKind
                if !core::LLVMIsAConstantInt(constant).is_null()
                    && is_dangling(core::LLVMConstIntGetZExtValue(constant))
                    && becomes_pointer(value) =>
            {
                Some(constant)
            }
            _ => None,
        }
    }
}

/// True when the integer is used as an address, perhaps after other phis.
///
/// # Safety
/// `value` is a live value.
unsafe fn becomes_pointer(value: LLVMValueRef) -> bool {
    let mut seen = Vec::new();
    let mut todo = vec![value];
    while let Some(value) = todo.pop() {
        if seen.contains(&value) || seen.len() > 1000 {
            continue;
        }
        seen.push(value);
        // SAFETY: users of live values are live.
        unsafe {
            let mut used = core::LLVMGetFirstUse(value);
            while !used.is_null() {
                let user = core::LLVMGetUser(used);
                if !core::LLVMIsAIntToPtrInst(user).is_null() {
                    return true;
                }
                if !core::LLVMIsAPHINode(user).is_null() || !core::LLVMIsASelectInst(user).is_null()
                {
                    todo.push(user);
                }
                used = core::LLVMGetNextUse(used);
            }
        }
    }
    false
}

/// The instruction itself, or the first one that uses the value.
///
/// # Safety
/// `value` is null or a live value.
unsafe fn instruction_of(value: LLVMValueRef) -> Option<LLVMValueRef> {
    if value.is_null() {
        return None;
    }
    // SAFETY: users of a live value are live.
    unsafe {
        if !core::LLVMIsAInstruction(value).is_null() {
            return Some(value);
        }
        let mut used = match core::LLVMIsAFunction(value).is_null() {
            true => core::LLVMGetFirstUse(value),
            false => std::ptr::null_mut(),
        };
        while !used.is_null() {
            let user = core::LLVMGetUser(used);
            if !core::LLVMIsAInstruction(user).is_null() {
                return Some(user);
            }
            used = core::LLVMGetNextUse(used);
        }
        None
    }
}

/// # Safety
/// `value` is a live value.
unsafe fn printed(value: LLVMValueRef) -> String {
    // SAFETY: promised by the caller; the message is freed once.
    unsafe {
        if !core::LLVMIsAFunction(value).is_null() {
            return name_of(value);
        }
        let text = core::LLVMPrintValueToString(value);
        let owned = CStr::from_ptr(text).to_string_lossy().trim().to_owned();
        core::LLVMDisposeMessage(text);
        owned
    }
}

/// # Safety
/// `value` is a live value.
unsafe fn name_of(value: LLVMValueRef) -> String {
    let mut length = 0;
    // SAFETY: LLVM returns a pointer to `length` bytes that live as long as the value's name.
    unsafe {
        let name = core::LLVMGetValueName2(value, &mut length);
        let bytes = std::slice::from_raw_parts(name.cast::<u8>(), length);
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// What Enzyme is told at each derivative; its other options are LLVM's.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settings {
    /// Decide at run time whether memory is active, by comparing a pointer with its shadow.
    pub(crate) runtime_activity: bool,
    /// Zero times infinity is zero.
    pub(crate) strong_zero: bool,
    /// Guess types that cannot be deduced.
    pub(crate) guesses: bool,
}

/// What Enzyme generated.
#[derive(Clone, Copy)]
pub(crate) struct Derived<'c> {
    /// The derivative; when it was split, the half that takes the tape.
    pub(crate) derivative: FunctionValue<'c>,
    /// The half that runs the primal and gives the tape.
    pub(crate) augmented: Option<FunctionValue<'c>>,
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
    ) -> Option<Derived<'c>> {
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
        let mut augmented = std::ptr::null();
        // SAFETY: the logic and types are live; the arrays are as long as the parameter list and
        // outlive the call; function and context are of one live module.
        let derivative = unsafe {
            match signature.mode {
                Mode::Reverse if signature.split => {
                    augmented = logic::EnzymeCreateAugmentedPrimal(
                        self.logic,
                        std::ptr::null_mut(),
                        std::ptr::null_mut(),
                        function.as_value_ref(),
                        return_activity,
                        activities.as_mut_ptr(),
                        activities.len(),
                        self.types,
                        primal_wanted,
                        0,
                        info,
                        may_write,
                        overwritten.as_mut_ptr(),
                        overwritten.len(),
                        0,
                        runtime_activity,
                        strong_zero,
                        1,
                        0,
                    );
                    logic::EnzymeCreatePrimalAndGradient(
                        self.logic,
                        std::ptr::null_mut(),
                        std::ptr::null_mut(),
                        function.as_value_ref(),
                        return_activity,
                        activities.as_mut_ptr(),
                        activities.len(),
                        self.types,
                        0,
                        0,
                        logic::DEM_REVERSE_MODE_GRADIENT,
                        runtime_activity,
                        strong_zero,
                        1,
                        1,
                        logic::EnzymeExtractTapeTypeFromAugmentation(augmented),
                        0,
                        info,
                        may_write,
                        overwritten.as_mut_ptr(),
                        overwritten.len(),
                        augmented,
                        0,
                    )
                }
                Mode::Reverse => logic::EnzymeCreatePrimalAndGradient(
                    self.logic,
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                    function.as_value_ref(),
                    return_activity,
                    activities.as_mut_ptr(),
                    activities.len(),
                    self.types,
                    primal_wanted,
                    0,
                    logic::DEM_REVERSE_MODE_COMBINED,
                    runtime_activity,
                    strong_zero,
                    1,
                    1,
                    std::ptr::null_mut(),
                    0,
                    info,
                    0,
                    overwritten.as_mut_ptr(),
                    overwritten.len(),
                    std::ptr::null(),
                    0,
                ),
                Mode::Forward => logic::EnzymeCreateForwardDiff(
                    self.logic,
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                    function.as_value_ref(),
                    return_activity,
                    activities.as_mut_ptr(),
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
                    overwritten.as_mut_ptr(),
                    overwritten.len(),
                    std::ptr::null(),
                ),
            }
        };
        trees.push(returns);
        for tree in trees {
            // SAFETY: each tree was made above and is freed once.
            unsafe { type_tree::EnzymeFreeTypeTree(tree) }
        }
        // SAFETY: null or live functions of the module.
        unsafe {
            Some(Derived {
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

    /// The clone of a function that will be differentiated, simplified as Enzyme does it.
    pub(crate) fn preprocess<'c>(
        &mut self,
        function: FunctionValue<'c>,
        mode: Mode,
    ) -> Option<FunctionValue<'c>> {
        let mode = match mode {
            Mode::Forward => logic::DEM_FORWARD_MODE,
            Mode::Reverse => logic::DEM_REVERSE_MODE_COMBINED,
        };
        // SAFETY: a live logic and a live function with a body; the clone is of the same module.
        unsafe {
            FunctionValue::new(logic::irad_enzyme_preprocess(
                self.logic,
                function.as_value_ref(),
                mode,
            ))
        }
    }

    /// Of every parameter and then of every instruction of a clone that was differentiated: its type tree,
    /// and whether it is constant (1) and whether it passes no derivative on (2).
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
            logic::irad_enzyme_explain(
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

/// Enzyme's activity of what is returned. A result that is written to memory is a parameter to Enzyme.
fn return_activity(signature: &Signature) -> c_int {
    let returned = signature.returns.as_ref();
    returned
        .filter(|_| signature.result_at.is_none())
        .map_or(logic::DFT_CONSTANT, |returns| diffe_type(returns.activity))
}

/// True when the derivative returns what the primal returns.
fn returns_primal(signature: &Signature) -> bool {
    signature.primal_returned
        && signature.result_at.is_none()
        && signature.returns.as_ref().is_some_and(|returns| {
            !matches!(
                returns.activity,
                Activity::DualOnly | Activity::DualvOnly | Activity::DuplicatedOnly
            )
        })
}

/// One of Enzyme's activities for each IR parameter.
pub(crate) fn argument_activities(
    function: FunctionValue<'_>,
    signature: &Signature,
) -> Vec<c_int> {
    let count = function.count_params() as usize;
    let mut activities = vec![logic::DFT_CONSTANT; count];
    for parameter in &signature.parameters {
        for (at, part) in parameter.parts.iter().enumerate() {
            activities[parameter.first + at] = diffe_type(*part);
        }
    }
    if let (Some(at), Some(returns)) = (signature.result_at, &signature.returns) {
        activities[at] = match (diffe_type(returns.activity), signature.primal_returned) {
            (logic::DFT_DUP_ARG, false) => logic::DFT_DUP_NONEED,
            (activity, _) => activity,
        };
    }
    activities
}

fn diffe_type(activity: Activity) -> c_int {
    match activity {
        Activity::Active => logic::DFT_OUT_DIFF,
        Activity::Duplicated | Activity::Dual | Activity::Dualv => logic::DFT_DUP_ARG,
        Activity::DuplicatedOnly | Activity::DualOnly | Activity::DualvOnly => {
            logic::DFT_DUP_NONEED
        }
        Activity::Const => logic::DFT_CONSTANT,
    }
}

/// An address so many bytes behind another.
pub(crate) fn bytes_behind<'c>(
    context: &ContextRef<'c>,
    builder: &Builder<'c>,
    pointer: PointerValue<'c>,
    bytes: IntValue<'c>,
) -> Result<PointerValue<'c>, BuilderError> {
    // SAFETY: without `inbounds` an address may be computed wherever it leads; the index is an integer
    // and the element a byte, as the instruction wants them.
    unsafe { builder.build_gep(context.i8_type(), pointer, &[bytes], "shadow") }
}

/// A tree of what lies where.
fn stated_tree(places: &Places, context: LLVMContextRef) -> CTypeTreeRef {
    // SAFETY: a live context, and as many indices as are said; the tree is owned by the caller.
    unsafe {
        let tree = type_tree::EnzymeNewTypeTree();
        for (place, concrete) in places {
            let concrete = match concrete {
                Concrete::Float(16) => type_tree::DT_HALF,
                Concrete::Float(32) => type_tree::DT_FLOAT,
                Concrete::Float(128) => type_tree::DT_FP128,
                Concrete::Float(_) => type_tree::DT_DOUBLE,
                Concrete::Integer => type_tree::DT_INTEGER,
                Concrete::Pointer => type_tree::DT_POINTER,
            };
            type_tree::EnzymeTypeTreeInsertEq(tree, place.as_ptr(), place.len(), concrete, context);
        }
        tree
    }
}

/// What the IR type alone says about a value.
fn type_tree_of(ty: Option<BasicTypeEnum<'_>>, context: LLVMContextRef) -> CTypeTreeRef {
    let concrete = match ty {
        Some(BasicTypeEnum::FloatType(float)) => match float.get_bit_width() {
            16 => Some(type_tree::DT_HALF),
            32 => Some(type_tree::DT_FLOAT),
            64 => Some(type_tree::DT_DOUBLE),
            80 => Some(type_tree::DT_X86_FP80),
            128 => Some(type_tree::DT_FP128),
            _ => None,
        },
        Some(BasicTypeEnum::PointerType(_)) => Some(type_tree::DT_POINTER),
        // An integer may hold the bits of a float.
        _ => None,
    };
    // SAFETY: a live context; the tree is owned by the caller.
    unsafe {
        match concrete {
            Some(concrete) => {
                let tree = type_tree::EnzymeNewTypeTreeCT(concrete, context);
                type_tree::EnzymeTypeTreeOnlyEq(tree, -1);
                tree
            }
            None => type_tree::EnzymeNewTypeTree(),
        }
    }
}
