//! What an instruction is, as far as it tells why Enzyme refuses it.
#![allow(
    unsafe_code,
    reason = "the bindings do not say whether a call is one of assembly"
)]

use inkwell::AtomicOrdering;
use inkwell::llvm_sys::core::LLVMIsAInlineAsm;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{
    AnyValue, AsValueRef, BasicValueEnum, CallSiteValue, InstructionOpcode, InstructionValue,
};

use crate::ir::lookup::name;

/// What a call calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Callee {
    /// A function, by its symbol.
    Function(String),
    /// A piece of assembly.
    Assembly,
    /// What a pointer leads to.
    Pointer,
}

/// What the instruction calls, if it is a call.
pub(crate) fn callee(instruction: InstructionValue<'_>) -> Option<Callee> {
    let called = match instruction.get_opcode() {
        InstructionOpcode::Call => CallSiteValue::try_from(instruction)
            .ok()
            .and_then(CallSiteValue::get_called_fn_value)
            .map(name),
        InstructionOpcode::Invoke | InstructionOpcode::CallBr => last_operand(instruction)
            .map(|value| {
                value
                    .into_pointer_value()
                    .get_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|name| !name.is_empty()),
        _ => return None,
    };
    if let Some(function) = called {
        return Some(Callee::Function(function));
    }
    let is_assembly = last_operand(instruction).is_some_and(|value| {
        // SAFETY: an operand of a live instruction is a live value.
        unsafe { !LLVMIsAInlineAsm(value.as_value_ref()).is_null() }
    });
    Some(match is_assembly {
        true => Callee::Assembly,
        false => Callee::Pointer,
    })
}

/// The last operand, which is what calls call.
fn last_operand(instruction: InstructionValue<'_>) -> Option<BasicValueEnum<'_>> {
    let last = instruction.get_num_operands().checked_sub(1)?;
    let value = instruction.get_operand(last)?.value()?;
    value.is_pointer_value().then_some(value)
}

/// True for an access that other threads may take part in.
pub(crate) fn is_atomic(instruction: InstructionValue<'_>) -> bool {
    match instruction.get_opcode() {
        InstructionOpcode::AtomicRMW | InstructionOpcode::AtomicCmpXchg => true,
        InstructionOpcode::Load | InstructionOpcode::Store => instruction
            .get_atomic_ordering()
            .is_ok_and(|ordering| ordering != AtomicOrdering::NotAtomic),
        _ => false,
    }
}

/// True for an access that must stay as it is.
pub(crate) fn is_volatile(instruction: InstructionValue<'_>) -> bool {
    let may_be = matches!(
        instruction.get_opcode(),
        InstructionOpcode::Load | InstructionOpcode::Store
    );
    may_be && instruction.get_volatile().unwrap_or(false)
}

/// True when the instruction gives or takes vectors of floats.
pub(crate) fn has_float_vectors(instruction: InstructionValue<'_>) -> bool {
    let is_vector = |ty| match ty {
        BasicTypeEnum::VectorType(vector) => vector.get_element_type().is_float_type(),
        BasicTypeEnum::ScalableVectorType(vector) => vector.get_element_type().is_float_type(),
        _ => false,
    };
    let given = BasicTypeEnum::try_from(instruction.as_any_value_enum().get_type());
    let mut taken = instruction
        .get_operands()
        .flatten()
        .filter_map(|operand| operand.value());
    given.is_ok_and(is_vector) || taken.any(|value| is_vector(value.get_type()))
}
