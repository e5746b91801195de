//! The numbers that a module's functions compare with: where one branch ends and another begins.

use inkwell::module::Module;
use inkwell::values::{BasicValueEnum, FunctionValue, InstructionOpcode};

/// What is compared with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ComparedWith {
    /// Floats but zero, each once, in the order of the text.
    pub(super) floats: Vec<f64>,
    /// Integers, likewise.
    pub(super) integers: Vec<i128>,
}

/// Looks through all functions of a module.
pub(super) fn compared_with(module: &Module<'_>) -> ComparedWith {
    let mut out = ComparedWith::default();
    let blocks = module
        .get_functions()
        .flat_map(FunctionValue::get_basic_blocks);
    for instruction in blocks.flat_map(|block| block.get_instructions()) {
        if !matches!(
            instruction.get_opcode(),
            InstructionOpcode::FCmp | InstructionOpcode::ICmp
        ) {
            continue;
        }
        for at in 0..instruction.get_num_operands() {
            let Some(operand) = instruction.get_operand(at).and_then(|found| found.value()) else {
                continue;
            };
            match operand {
                BasicValueEnum::FloatValue(float) if float.is_const() => {
                    let value = float.get_constant().map_or(f64::NAN, |(value, _)| value);
                    if value.is_finite() && value != 0.0 && !out.floats.contains(&value) {
                        out.floats.push(value);
                    }
                }
                BasicValueEnum::IntValue(int) if int.is_const() => {
                    if let Some(value) = int.get_sign_extended_constant()
                        && !out.integers.contains(&i128::from(value))
                    {
                        out.integers.push(i128::from(value));
                    }
                }
                _ => {}
            }
        }
    }
    out
}
