//! How large a slice's elements are, as far as address arithmetic shows it.

use std::collections::HashSet;

use inkwell::targets::TargetData;
use inkwell::values::{AsValueRef, BasicValue, BasicValueEnum, InstructionOpcode};

/// What a number was multiplied by, if that is fixed: LLVM writes steps of 16 bytes as `shl i64 %n, 4`.
fn factor(index: BasicValueEnum<'_>) -> u64 {
    let Some(made) = index.as_instruction_value() else {
        return 1;
    };
    let fixed = made.get_operand(1).and_then(|operand| operand.value());
    let fixed = fixed.and_then(|fixed| match fixed {
        BasicValueEnum::IntValue(int) => int.get_zero_extended_constant(),
        _ => None,
    });
    match (made.get_opcode(), fixed) {
        (InstructionOpcode::Shl, Some(bits @ 0..=16)) => 1 << bits,
        (InstructionOpcode::Mul, Some(factor @ 1..=65536)) => factor,
        _ => 1,
    }
}

/// As many values are looked at at most.
const LIMIT: usize = 1000;

/// The largest step, in bytes, that the code takes from `pointer` by a number that is not fixed: the
/// size of an element. Zero where it takes none.
pub(super) fn of(pointer: BasicValueEnum<'_>, layout: &TargetData) -> u64 {
    let mut largest = 0;
    let mut seen = HashSet::new();
    let mut todo = vec![pointer];
    while let Some(value) = todo.pop() {
        if !seen.insert(value.as_value_ref()) || seen.len() > LIMIT {
            continue;
        }
        let mut next = value.get_first_use();
        while let Some(used) = next {
            next = used.get_next_use();
            let Ok(user) = BasicValueEnum::try_from(used.get_user()) else {
                continue;
            };
            let Some(instruction) = user.as_instruction_value() else {
                continue;
            };
            match instruction.get_opcode() {
                InstructionOpcode::GetElementPtr => {
                    let index = instruction.get_operand(1).and_then(|index| index.value());
                    let is_fixed = index.is_some_and(|index| match index {
                        BasicValueEnum::IntValue(int) => int.is_const(),
                        _ => true,
                    });
                    if let (false, Some(index), Ok(element)) =
                        (is_fixed, index, instruction.get_gep_source_element_type())
                    {
                        let size = layout.get_abi_size(&element);
                        largest = largest.max(size.saturating_mul(factor(index)));
                    }
                }
                InstructionOpcode::Phi | InstructionOpcode::Select | InstructionOpcode::Freeze => {
                    todo.push(user);
                }
                _ => {}
            }
        }
    }
    largest
}
