//! Who calls whom, by direct calls.

use std::collections::{HashSet, VecDeque};

use inkwell::module::Module;
use inkwell::values::{CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue};

use crate::ir::lookup::name;

/// The functions with a body that are reached from one by direct calls, itself the first.
pub(crate) fn reached<'c>(module: &Module<'c>, symbol: &str) -> Vec<FunctionValue<'c>> {
    let mut seen = HashSet::from([symbol.to_owned()]);
    let mut todo = VecDeque::from([symbol.to_owned()]);
    let mut found = Vec::new();
    while let Some(symbol) = todo.pop_front() {
        let Some(function) = module.get_function(&symbol) else {
            continue;
        };
        if function.count_basic_blocks() == 0 {
            continue;
        }
        found.push(function);
        for (_, callee) in calls(function) {
            if seen.insert(callee.clone()) {
                todo.push_back(callee);
            }
        }
    }
    found
}

/// The direct calls in a function, with the symbols of what they call.
pub(crate) fn calls(function: FunctionValue<'_>) -> Vec<(InstructionValue<'_>, String)> {
    let mut calls = Vec::new();
    for block in function.get_basic_blocks() {
        let mut next = block.get_first_instruction();
        while let Some(instruction) = next {
            next = instruction.get_next_instruction();
            let callee = match instruction.get_opcode() {
                InstructionOpcode::Call => CallSiteValue::try_from(instruction)
                    .ok()
                    .and_then(CallSiteValue::get_called_fn_value)
                    .map(name),
                InstructionOpcode::Invoke => last_operand(instruction),
                _ => None,
            };
            calls.extend(callee.map(|callee| (instruction, callee)));
        }
    }
    calls
}

/// The name of what an `invoke` calls, which is its last operand.
fn last_operand(instruction: InstructionValue<'_>) -> Option<String> {
    let last = instruction.get_num_operands().checked_sub(1)?;
    let callee = instruction.get_operand(last)?.value()?;
    let pointer = callee
        .is_pointer_value()
        .then(|| callee.into_pointer_value())?;
    Some(pointer.get_name().to_string_lossy().into_owned())
}
