//! What Enzyme refuses, heard where it says so.
#![allow(
    unsafe_code,
    reason = "Enzyme's error handler is a C function pointer, and hands over LLVM's values"
)]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::process;

use enzyme_sys::{error, type_tree};
use inkwell::llvm_sys::core;
use inkwell::llvm_sys::prelude::{LLVMBuilderRef, LLVMValueRef};
use inkwell::llvm_sys::{LLVMOpcode, LLVMTypeKind};
use inkwell::values::{AsValueRef as _, InstructionValue};
use trace::Kind;

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
    static SINKS: Cell<bool> = const { Cell::new(false) };
    static TOO_DEEP: Cell<bool> = const { Cell::new(false) };
}

/// True when Enzyme has met a type that nests deeper than it follows.
pub(crate) fn types_were_too_deep() -> bool {
    TOO_DEEP.get()
}

/// Whether inactive memory has a shadow of its own from now on where Enzyme would refuse.
pub(crate) fn give_sinks(gives: bool) {
    SINKS.set(gives);
}

/// Refuses an instruction as Enzyme would, which goes on and is wrong.
pub(crate) fn refuse(kind: Kind, message: &str, instruction: InstructionValue<'_>) -> ! {
    hand_over(Refusal {
        kind,
        message: message.to_owned(),
        // SAFETY: it lives as long as the module, and the process ends here.
        instruction: Some(unsafe { InstructionValue::new(instruction.as_value_ref()) }),
        global: None,
        operand: None,
        is_pointer: false,
        types: String::new(),
    })
}

/// From now on Enzyme's first refusal is handed to `on_refusal`, and then the process ends: Enzyme
/// does not get into a state to go on from, and to return to it means an assertion at best.
pub(crate) fn on_refusal(on_refusal: impl FnMut(Refusal) + 'static) {
    ON_REFUSAL.with(|slot| *slot.borrow_mut() = Some(Box::new(on_refusal)));
    // SAFETY: the engine has one thread, and this is the only place that writes the global.
    unsafe { error::CustomErrorHandler = Some(refused) }
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
        // SAFETY: as above, with what differentiates them.
        if let Some(shadow) = unsafe { sink(value, condition, data) } {
            return shadow;
        }
        let is_told = !value.is_null() && !condition.is_null();
        // SAFETY: as above.
        let is_plain = is_told && unsafe { llvm_shim::is_plain_integer(value, condition) };
        if is_plain {
            // Its shadow is what Enzyme would have taken: the integer.
            return std::ptr::null_mut();
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
    hand_over(refusal)
}

fn hand_over(refusal: Refusal) -> ! {
    ON_REFUSAL.with(|slot| {
        if let Some(on_refusal) = slot.borrow_mut().as_mut() {
            on_refusal(refusal);
        }
    });
    process::exit(0)
}

fn kind_of(kind: c_int) -> Kind {
    match kind {
        error::NO_DERIVATIVE => Kind::NoDerivative,
        error::NO_SHADOW => Kind::NoShadow,
        error::ILLEGAL_TYPE_ANALYSIS => Kind::IllegalTypeAnalysis,
        error::NO_TYPE => Kind::NoType,
        error::ILLEGAL_FIRST_POINTER => Kind::IllegalFirstPointer,
        error::INTERNAL_ERROR => Kind::InternalError,
        error::TYPE_DEPTH_EXCEEDED => Kind::TypeDepthExceeded,
        error::MIXED_ACTIVITY_ERROR => Kind::MixedActivity,
        error::ILLEGAL_REPLACE_FICTICIOUS_PHIS => Kind::IllegalReplaceFicticiousPhis,
        error::GET_INDEX_ERROR => Kind::GetIndexError,
        error::NO_TRUNCATE => Kind::NoTruncate,
        error::GC_REWRITE => Kind::GcRewrite,
        error::NAN_ERROR => Kind::Nan,
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

/// The shadow of inactive memory that is known to hold numbers alone. Nightly's compiler has none, and takes the memory
/// itself: a derivative that follows it does not ask.
///
/// # Safety
/// `value` is an instruction, `pointer` an operand of it, or either is null, and `utils` differentiates both.
unsafe fn sink(
    value: LLVMValueRef,
    pointer: LLVMValueRef,
    utils: *const c_void,
) -> Option<LLVMValueRef> {
    if !SINKS.get() || value.is_null() || pointer.is_null() || utils.is_null() {
        return None;
    }
    // SAFETY: promised by the caller; tree and text are freed once.
    unsafe {
        let tree = type_tree::EnzymeGradientUtilsAllocAndGetTypeTree(utils, pointer);
        let text = type_tree::EnzymeTypeTreeToString(tree);
        let known = CStr::from_ptr(text).to_string_lossy().into_owned();
        type_tree::EnzymeTypeTreeToStringFree(text);
        type_tree::EnzymeFreeTypeTree(tree);
        let width = type_tree::EnzymeGradientUtilsGetWidth(utils);
        llvm_shim::sink(value, pointer, holds_numbers(&known), width)
    }
}

/// True for the type of a pointer to what is known, and holds no pointer.
fn holds_numbers(tree: &str) -> bool {
    let mut places = tree.trim_matches(['{', '}']).split(", ");
    let is_pointer = places.next() == Some("[-1]:Pointer");
    let mut contents = places.peekable();
    is_pointer
        && contents.peek().is_some()
        && contents.all(|place| place.contains("Integer") || place.contains("Float"))
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
