//! Functions without a body that take and give integers alone, such as a count of threads or a guess at a size.
//! No derivative flows through them, and Enzyme refuses what has neither a body nor a rule.

use std::collections::HashSet;

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::values::{BasicValue, FunctionValue, InstructionOpcode, InstructionValue};

use crate::ir::call_graph::{calls, reached};
use crate::transform::allocator;
use crate::types::contents::instruction;

/// Those that `symbol` reaches.
pub(crate) fn external<'c>(module: &Module<'c>, symbol: &str) -> Vec<FunctionValue<'c>> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut packed = HashSet::new();
    for (call, callee) in reached(module, symbol).into_iter().flat_map(calls) {
        let Some(function) = module.get_function(&callee) else {
            continue;
        };
        if !is_of_integers(function, &callee) {
            continue;
        }
        if may_be_packed(call) {
            packed.insert(function);
        }
        if seen.insert(callee) {
            found.push(function);
        }
    }
    found.retain(|function| !packed.contains(function));
    found
}

fn is_of_integers(function: FunctionValue<'_>, symbol: &str) -> bool {
    let noreturn = Attribute::get_named_enum_kind_id("noreturn");
    let ty = function.get_type();
    let parameters = ty.get_param_types();
    function.count_basic_blocks() == 0
        && !symbol.starts_with("llvm.")
        && allocator::entry_point(symbol).is_none()
        && function
            .get_enum_attribute(AttributeLoc::Function, noreturn)
            .is_none()
        && !ty.is_var_arg()
        && ty
            .get_return_type()
            .is_some_and(|returned| returned.is_int_type())
        && parameters.iter().all(|parameter| parameter.is_int_type())
}

/// What is loaded again of a variable in which an integer is stored; nothing if that is not all that happens to it.
fn reloaded(store: InstructionValue<'_>) -> Option<Vec<InstructionValue<'_>>> {
    let variable = store
        .get_operand(1)?
        .value()?
        .as_instruction_value()
        .filter(|memory| memory.get_opcode() == InstructionOpcode::Alloca)?;
    let mut loads = Vec::new();
    let mut next = variable.get_first_use();
    while let Some(used) = next {
        next = used.get_next_use();
        let user = instruction(used.get_user())?;
        match user.get_opcode() {
            InstructionOpcode::Store => {}
            InstructionOpcode::Load if user.get_type().is_int_type() => loads.push(user),
            // Its lifetime.
            InstructionOpcode::Call
                if user.get_type().is_void_type() && user.get_num_operands() == 2 => {}
            _ => return None,
        }
    }
    Some(loads)
}

/// rustc returns two small floats as one integer, which is stored, or taken apart and cast.
fn may_be_packed(call: InstructionValue<'_>) -> bool {
    let mut todo = vec![call];
    let mut seen = HashSet::new();
    while let Some(value) = todo.pop() {
        if !seen.insert(value) {
            continue;
        }
        let mut next = value.get_first_use();
        while let Some(used) = next {
            next = used.get_next_use();
            let Some(user) = instruction(used.get_user()) else {
                return true;
            };
            match user.get_opcode() {
                InstructionOpcode::BitCast => return true,
                InstructionOpcode::Store => match reloaded(user) {
                    Some(loads) => todo.extend(loads),
                    None => return true,
                },
                InstructionOpcode::Trunc
                | InstructionOpcode::LShr
                | InstructionOpcode::ZExt
                | InstructionOpcode::Freeze
                | InstructionOpcode::Select
                | InstructionOpcode::Phi => todo.push(user),
                _ => {}
            }
        }
    }
    false
}
