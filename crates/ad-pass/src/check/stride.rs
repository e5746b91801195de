//! How large a slice's elements are, as far as address arithmetic shows it.

use std::collections::HashSet;

use inkwell::targets::TargetData;
use inkwell::values::{AsValueRef, BasicValue, BasicValueEnum, InstructionOpcode};

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
                    if let (false, Ok(element)) =
                        (is_fixed, instruction.get_gep_source_element_type())
                    {
                        largest = largest.max(layout.get_abi_size(&element));
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
