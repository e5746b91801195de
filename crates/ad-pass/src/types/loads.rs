//! Where a function loads pointers from the memory that a parameter leads to.

use std::collections::BTreeSet;

use inkwell::values::{AnyValue, BasicValue, BasicValueEnum, InstructionOpcode, InstructionValue};

use crate::types::contents;

/// The offsets, in bytes, of pointers that are loaded straight from where `value` leads to.
pub(crate) fn of_pointers(value: BasicValueEnum<'_>) -> BTreeSet<u64> {
    let mut out = BTreeSet::new();
    if value.is_pointer_value() {
        each_user(value, |user| match user.get_opcode() {
            InstructionOpcode::Load if loads_pointer(user) => {
                out.insert(0);
            }
            InstructionOpcode::GetElementPtr => {
                if let Some(offset) = offset(user)
                    && let Ok(address) = BasicValueEnum::try_from(user.as_any_value_enum())
                {
                    each_user(address, |user| {
                        if loads_pointer(user) {
                            out.insert(offset);
                        }
                    });
                }
            }
            _ => {}
        });
    }
    out
}

fn each_user<'c>(value: BasicValueEnum<'c>, mut each: impl FnMut(InstructionValue<'c>)) {
    let mut next = value.get_first_use();
    while let Some(used) = next {
        next = used.get_next_use();
        if let Some(user) = contents::instruction(used.get_user()) {
            each(user);
        }
    }
}

fn loads_pointer(user: InstructionValue<'_>) -> bool {
    user.get_opcode() == InstructionOpcode::Load
        && BasicValueEnum::try_from(user.as_any_value_enum())
            .is_ok_and(|loaded| loaded.is_pointer_value())
}

/// The one offset of an address, if it is given in bytes.
fn offset(address: InstructionValue<'_>) -> Option<u64> {
    let element = address.get_gep_source_element_type().ok()?;
    let is_byte = element.is_int_type() && element.into_int_type().get_bit_width() == 8;
    let index = address.get_operand(1)?.value()?;
    let is_only = address.get_num_operands() == 2;
    (is_byte && is_only)
        .then(|| index.into_int_value().get_zero_extended_constant())
        .flatten()
}
