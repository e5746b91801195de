//! Integers that hold the bits of floats: rustc passes small float aggregates like this.

use inkwell::values::{BasicValue, BasicValueEnum, FunctionValue, InstructionOpcode};

/// True when an integer that is returned is made of floats: rustc returns small float aggregates
/// like this.
pub(crate) fn returns_float_bits(function: FunctionValue<'_>) -> bool {
    function.get_basic_blocks().into_iter().any(|block| {
        block
            .get_terminator()
            .filter(|last| last.get_opcode() == InstructionOpcode::Return)
            .and_then(|last| last.get_operand(0)?.value())
            .is_some_and(|value| comes_from_float(value, 12))
    })
}

fn comes_from_float(value: BasicValueEnum<'_>, depth: usize) -> bool {
    let Some(instruction) = value.as_instruction_value().filter(|_| depth > 0) else {
        return false;
    };
    let operands =
        (0..instruction.get_num_operands()).filter_map(|at| instruction.get_operand(at)?.value());
    match instruction.get_opcode() {
        InstructionOpcode::BitCast => operands.into_iter().any(|operand| {
            operand.is_float_value()
                || operand.is_vector_value()
                || comes_from_float(operand, depth - 1)
        }),
        InstructionOpcode::ZExt
        | InstructionOpcode::Trunc
        | InstructionOpcode::Shl
        | InstructionOpcode::LShr
        | InstructionOpcode::Or
        | InstructionOpcode::Phi
        | InstructionOpcode::Select
        | InstructionOpcode::Freeze => operands
            .into_iter()
            .any(|operand| comes_from_float(operand, depth - 1)),
        _ => false,
    }
}

/// True when the integer, or a part of it, is reinterpreted as a float.
pub(crate) fn becomes_float(value: BasicValueEnum<'_>) -> bool {
    let mut next = value.get_first_use();
    while let Some(used) = next {
        next = used.get_next_use();
        let Ok(user) = BasicValueEnum::try_from(used.get_user()) else {
            continue;
        };
        let found = match user.as_instruction_value().map(|i| i.get_opcode()) {
            Some(InstructionOpcode::BitCast) => user.is_float_value(),
            Some(InstructionOpcode::Trunc | InstructionOpcode::LShr) => becomes_float(user),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}
