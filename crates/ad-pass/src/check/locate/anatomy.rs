//! What a primal's instructions are, and who uses whose value, by their numbers.

use std::collections::HashMap;

use inkwell::IntPredicate;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{
    AsValueRef, BasicValue, BasicValueEnum, FunctionValue, InstructionOpcode, InstructionValue,
};

use crate::ir::instruction::{Callee, callee};

/// One of the primal's instructions.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its value is a float.
    pub(super) is_float: bool,
    /// It stores a float.
    pub(super) is_store: bool,
    pub(super) is_phi: bool,
    pub(super) is_return: bool,
    /// What it calls, if that is a function with a body.
    pub(super) calls: Option<String>,
    /// It asks whether a float has a certain value: the answer in that case.
    pub(super) equality: Option<bool>,
    /// It makes an integer of the bits of a float.
    pub(super) is_bits: bool,
    /// The numbers of its operands, constants left out.
    pub(super) operands: Vec<u32>,
}

/// All of them, by number from 1; parameters come behind them.
#[derive(Clone, Debug)]
pub(super) struct Anatomy {
    lines: Vec<Line>,
    users: Vec<Vec<u32>>,
}

impl Anatomy {
    pub(super) fn of(primal: FunctionValue<'_>) -> Self {
        let blocks = primal.get_basic_block_iter();
        let all: Vec<InstructionValue<'_>> =
            blocks.flat_map(|block| block.get_instructions()).collect();
        let mut numbers: HashMap<usize, u32> = HashMap::new();
        let parameters = primal.get_params();
        let keys = all.iter().map(|line| line.as_value_ref() as usize);
        let behind = parameters.iter().map(|value| value.as_value_ref() as usize);
        for (number, key) in (1..).zip(keys.chain(behind)) {
            numbers.insert(key, number);
        }
        let lines: Vec<Line> = all.iter().map(|&line| describe(line, &numbers)).collect();
        let mut users = vec![Vec::new(); all.len() + parameters.len() + 1];
        for (number, line) in (1..).zip(&lines) {
            for &operand in &line.operands {
                users[operand as usize].push(number);
            }
        }
        Anatomy { lines, users }
    }

    pub(super) fn line(&self, number: u32) -> Option<&Line> {
        self.lines.get((number as usize).checked_sub(1)?)
    }

    /// The lines that use a value, each once.
    pub(super) fn users(&self, number: u32) -> &[u32] {
        self.users.get(number as usize).map_or(&[], Vec::as_slice)
    }

    /// The number of a parameter of the IR.
    pub(super) fn parameter(&self, at: usize) -> u32 {
        u32::try_from(self.lines.len() + at + 1).unwrap_or(u32::MAX)
    }

    /// The lines, with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u32, &Line)> {
        (1..).zip(&self.lines)
    }
}

fn describe(line: InstructionValue<'_>, numbers: &HashMap<usize, u32>) -> Line {
    let opcode = line.get_opcode();
    let is_plain = |ty| matches!(ty, BasicTypeEnum::FloatType(float) if [32, 64].contains(&float.get_bit_width()));
    // The bindings know no metadata among operands, which some of LLVM's own functions take.
    let calls = callee(line);
    let is_marker = matches!(&calls, Some(Callee::Function(symbol)) if takes_metadata(symbol));
    let values: Vec<BasicValueEnum<'_>> = match is_marker {
        true => Vec::new(),
        false => line
            .get_operands()
            .flatten()
            .filter_map(|operand| operand.value())
            .collect(),
    };
    let mut operands: Vec<u32> = Vec::new();
    for value in &values {
        if let Some(&number) = numbers.get(&(value.as_value_ref() as usize))
            && !operands.contains(&number)
        {
            operands.push(number);
        }
    }
    let ty = BasicTypeEnum::try_from(line.get_type());
    Line {
        is_float: ty.is_ok_and(is_plain),
        is_store: opcode == InstructionOpcode::Store
            && values
                .first()
                .is_some_and(|value| is_plain(value.get_type())),
        is_phi: opcode == InstructionOpcode::Phi,
        is_return: opcode == InstructionOpcode::Return,
        calls: match calls {
            Some(Callee::Function(symbol)) if !symbol.starts_with("llvm.") => Some(symbol),
            _ => None,
        },
        equality: equality(line, &values),
        is_bits: opcode == InstructionOpcode::BitCast
            && line.get_type().is_int_type()
            && values.first().is_some_and(|value| value.is_float_value()),
        operands,
    }
}

fn takes_metadata(symbol: &str) -> bool {
    [
        "llvm.experimental.",
        "llvm.dbg.",
        "llvm.read_",
        "llvm.write_",
    ]
    .iter()
    .any(|begin| symbol.starts_with(begin))
}

/// Of a comparison that tells a single value of a float, or of its bits, from all others: the answer for that value.
fn equality(line: InstructionValue<'_>, values: &[BasicValueEnum<'_>]) -> Option<bool> {
    use inkwell::FloatPredicate::{OEQ, ONE, UEQ, UNE};
    let of_bits = |value: &BasicValueEnum<'_>| {
        let made_by = BasicValue::as_instruction_value(value);
        made_by.is_some_and(|by| by.get_opcode() == InstructionOpcode::BitCast)
    };
    if let Some(Callee::Function(symbol)) = callee(line)
        && symbol.starts_with("llvm.is.fpclass")
    {
        /// Zeros of both signs.
        const ZEROS: u64 = 0x60;
        let classes = values
            .get(1)?
            .into_int_value()
            .get_zero_extended_constant()?;
        return (classes & !ZEROS == 0).then_some(true);
    }
    match (line.get_fcmp_predicate(), line.get_icmp_predicate()) {
        (Some(OEQ | UEQ), _) => Some(true),
        (Some(ONE | UNE), _) => Some(false),
        (_, Some(IntPredicate::EQ)) => values.iter().any(of_bits).then_some(true),
        (_, Some(IntPredicate::NE)) => values.iter().any(of_bits).then_some(false),
        _ => None,
    }
}
