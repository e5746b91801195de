//! What an integer that Enzyme stumbles over is made of, or made into.

use std::collections::HashSet;

use inkwell::types::BasicTypeEnum;
use inkwell::values::{BasicValue, InstructionOpcode, InstructionValue};

use crate::types::contents::instruction;

/// What an integer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    /// The bits of a float, or what becomes one.
    FloatBits,
    /// Computed of addresses: a length, an offset, an alignment.
    Address,
    /// A count, an index, a hash, a flag.
    Plain,
}

/// What the integer that an instruction computes, or stores, is; nothing where it is about no integer.
pub(crate) fn integer(at: InstructionValue<'_>) -> Option<Integer> {
    let is_integer = match at.get_opcode() {
        InstructionOpcode::Store => at
            .get_operand(0)
            .and_then(|operand| operand.value())
            .is_some_and(|value| holds_integers(value.get_type())),
        _ => BasicTypeEnum::try_from(at.get_type()).is_ok_and(holds_integers),
    };
    if !is_integer {
        return None;
    }
    let made = made_of(at);
    Some(if made.of_float || becomes_float(at) {
        Integer::FloatBits
    } else if made.of_address {
        Integer::Address
    } else {
        Integer::Plain
    })
}

fn holds_integers(ty: BasicTypeEnum<'_>) -> bool {
    match ty {
        BasicTypeEnum::IntType(_) => true,
        BasicTypeEnum::VectorType(vector) => vector.get_element_type().is_int_type(),
        _ => false,
    }
}

fn holds_floats(ty: BasicTypeEnum<'_>) -> bool {
    match ty {
        BasicTypeEnum::FloatType(_) => true,
        BasicTypeEnum::VectorType(vector) => vector.get_element_type().is_float_type(),
        _ => false,
    }
}

/// Operations that make integers of integers.
fn passes_on(opcode: InstructionOpcode) -> bool {
    matches!(
        opcode,
        InstructionOpcode::Add
            | InstructionOpcode::Sub
            | InstructionOpcode::Mul
            | InstructionOpcode::UDiv
            | InstructionOpcode::SDiv
            | InstructionOpcode::URem
            | InstructionOpcode::SRem
            | InstructionOpcode::Shl
            | InstructionOpcode::LShr
            | InstructionOpcode::AShr
            | InstructionOpcode::And
            | InstructionOpcode::Or
            | InstructionOpcode::Xor
            | InstructionOpcode::Trunc
            | InstructionOpcode::ZExt
            | InstructionOpcode::SExt
            | InstructionOpcode::BitCast
            | InstructionOpcode::Freeze
            | InstructionOpcode::Phi
            | InstructionOpcode::Select
            | InstructionOpcode::ExtractElement
            | InstructionOpcode::InsertElement
            | InstructionOpcode::ShuffleVector
            | InstructionOpcode::Store
    )
}

struct Made {
    of_float: bool,
    of_address: bool,
}

/// Looks back at what an integer is computed of, as far as it is integers.
fn made_of(at: InstructionValue<'_>) -> Made {
    let mut made = Made {
        of_float: false,
        of_address: false,
    };
    let mut seen = HashSet::new();
    let mut todo = vec![at];
    while let Some(at) = todo.pop() {
        if !seen.insert(at) {
            continue;
        }
        let opcode = at.get_opcode();
        made.of_address |= opcode == InstructionOpcode::PtrToInt;
        let is_call = opcode == InstructionOpcode::Call;
        if !passes_on(opcode) && !is_call {
            continue;
        }
        // What a store or a choice is about: not where it stores, nor what it asks.
        let skipped = match opcode {
            InstructionOpcode::Store => 1..2,
            InstructionOpcode::Select => 0..1,
            _ => 0..0,
        };
        for operand in (0..at.get_num_operands()).filter(|at| !skipped.contains(at)) {
            let Some(value) = at.get_operand(operand).and_then(|operand| operand.value()) else {
                continue;
            };
            made.of_float |= opcode == InstructionOpcode::BitCast && holds_floats(value.get_type());
            if holds_integers(value.get_type()) {
                todo.extend(value.as_instruction_value());
            }
        }
    }
    made
}

/// True when what an integer is made into is a float with the same bits.
fn becomes_float(at: InstructionValue<'_>) -> bool {
    let mut seen = HashSet::new();
    let mut todo = vec![at];
    while let Some(at) = todo.pop() {
        if !seen.insert(at) {
            continue;
        }
        let mut next = at.get_first_use();
        while let Some(used) = next {
            next = used.get_next_use();
            let Some(user) = instruction(used.get_user()) else {
                continue;
            };
            let opcode = user.get_opcode();
            let is_float = BasicTypeEnum::try_from(user.get_type()).is_ok_and(holds_floats);
            if opcode == InstructionOpcode::BitCast && is_float {
                return true;
            }
            if passes_on(opcode) && opcode != InstructionOpcode::Store {
                todo.push(user);
            }
        }
    }
    false
}
