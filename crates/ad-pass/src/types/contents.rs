//! What the memory behind a pointer parameter holds, as far as the function's uses show it.

use std::collections::{BTreeSet, HashSet};

use inkwell::module::Module;
use inkwell::types::{AnyTypeEnum, BasicTypeEnum};
use inkwell::values::{
    AnyValue, AnyValueEnum, AsValueRef, BasicMetadataValueEnum, BasicValue, BasicValueEnum,
    BasicValueUse, FunctionValue, InstructionOpcode, InstructionValue,
};

/// What was seen behind a pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Rust names of the float types that were loaded or stored.
    pub(crate) floats: BTreeSet<&'static str>,
    /// Integers were loaded or stored.
    pub(crate) integers: bool,
    /// Some of them may be something else than 0 and 1.
    pub(crate) numbers: bool,
    /// Pointers were loaded or stored.
    pub(crate) pointers: bool,
    /// Something was stored.
    pub(crate) written: bool,
    /// The pointer went where the walk does not follow: anything may be there.
    pub(crate) unknown: bool,
}

impl Contents {
    /// True when a derivative may flow through this memory.
    pub(crate) fn may_hold_floats(&self) -> bool {
        !self.floats.is_empty() || self.unknown
    }

    /// True when all that is seen is 0 or 1.
    pub(crate) fn is_flags(&self) -> bool {
        self.integers && !self.numbers && !self.pointers && !self.unknown
    }
}

/// Past this many values a function is taken to do anything.
const LIMIT: usize = 20_000;

/// Follows every use of `pointer`, through address arithmetic, memory of its own and calls to
/// functions with a body.
pub(crate) fn behind<'c>(module: &Module<'c>, pointer: BasicValueEnum<'c>) -> Contents {
    behind_within(module, pointer, &|_| true)
}

/// The same of those uses that stand in some functions, however many others the memory has.
pub(crate) fn behind_within<'c>(
    module: &Module<'c>,
    pointer: BasicValueEnum<'c>,
    counts: &dyn Fn(FunctionValue<'c>) -> bool,
) -> Contents {
    let mut contents = Contents::default();
    let mut seen = HashSet::new();
    let mut todo = vec![pointer];
    while let Some(value) = todo.pop() {
        if !seen.insert(value.as_value_ref()) {
            continue;
        }
        if seen.len() > LIMIT {
            contents.unknown = true;
            break;
        }
        let mut next = value.get_first_use();
        while let Some(used) = next {
            next = used.get_next_use();
            let holder =
                instruction(used.get_user()).and_then(|user| user.get_parent()?.get_parent());
            if holder.is_some_and(|holder| !counts(holder)) {
                continue;
            }
            follow(module, value, used, &mut contents, &mut todo);
        }
    }
    contents
}

fn follow<'c>(
    module: &Module<'c>,
    value: BasicValueEnum<'c>,
    used: BasicValueUse<'c>,
    contents: &mut Contents,
    todo: &mut Vec<BasicValueEnum<'c>>,
) {
    let user = used.get_user();
    let Some(instruction) = instruction(user) else {
        // An address within a global is an expression, not an instruction.
        match BasicValueEnum::try_from(user) {
            Ok(address) if address.is_pointer_value() => todo.push(address),
            _ => contents.unknown = true,
        }
        return;
    };
    match instruction.get_opcode() {
        InstructionOpcode::GetElementPtr
        | InstructionOpcode::BitCast
        | InstructionOpcode::AddrSpaceCast
        | InstructionOpcode::Phi
        | InstructionOpcode::Select
        | InstructionOpcode::Freeze
        | InstructionOpcode::ExtractValue
        | InstructionOpcode::InsertValue => push(user, todo),
        InstructionOpcode::Load => {
            let numbers = contents.numbers;
            note(any_type(instruction.get_type()), contents);
            if is_flag(module, instruction) {
                contents.numbers = numbers;
            }
            if contents_pointer(instruction) {
                push(user, todo);
            }
        }
        InstructionOpcode::Store => {
            let stored = instruction
                .get_operand(0)
                .and_then(|operand| operand.value());
            let target = instruction
                .get_operand(1)
                .and_then(|operand| operand.value());
            match (stored, target) {
                (Some(stored), Some(target)) if target == value => {
                    contents.written = true;
                    note(Some(stored.get_type()), contents);
                }
                // The pointer itself is stored: what is loaded from there is this pointer again.
                (_, Some(target)) if is_alloca(target) => todo.push(target),
                _ => contents.unknown = true,
            }
        }
        InstructionOpcode::AtomicRMW | InstructionOpcode::AtomicCmpXchg => {
            contents.integers = true;
            contents.numbers = true;
            contents.written = true;
        }
        InstructionOpcode::ICmp | InstructionOpcode::PtrToInt => {}
        InstructionOpcode::Call | InstructionOpcode::Invoke => {
            follow_call(module, value, instruction, contents, todo);
        }
        _ => contents.unknown = true,
    }
}

fn follow_call<'c>(
    module: &Module<'c>,
    value: BasicValueEnum<'c>,
    call: InstructionValue<'c>,
    contents: &mut Contents,
    todo: &mut Vec<BasicValueEnum<'c>>,
) {
    let operands = call.get_num_operands();
    let callee = operands
        .checked_sub(1)
        .and_then(|last| call.get_operand(last))
        .and_then(|operand| operand.value());
    let name = callee
        .filter(|callee| callee.is_pointer_value())
        .map(|callee| callee.into_pointer_value().get_name().to_owned())
        .unwrap_or_default();
    let name = name.to_string_lossy();
    let arguments = (0..operands.saturating_sub(1))
        .filter_map(|index| Some((index, call.get_operand(index)?.value()?)));
    if name.starts_with("llvm.memcpy") || name.starts_with("llvm.memmove") {
        for (index, other) in arguments.take(2) {
            if other == value {
                contents.written |= index == 0;
            } else if is_alloca(other) {
                todo.push(other);
            } else {
                contents.unknown = true;
            }
        }
    } else if name.starts_with("llvm.memset") {
        contents.written = true;
    } else if name.starts_with("llvm.") || name == llvm_shim::OVERWRITTEN {
        // Lifetimes, assumptions and the like say nothing about what is stored.
    } else if let Some(function) = module
        .get_function(&name)
        .filter(|function| function.count_basic_blocks() > 0)
    {
        for (index, argument) in arguments {
            if argument == value {
                match function.get_nth_param(index) {
                    Some(parameter) => todo.push(parameter),
                    None => contents.unknown = true,
                }
            }
        }
    } else {
        contents.unknown = true;
    }
}

fn note(ty: Option<BasicTypeEnum<'_>>, contents: &mut Contents) {
    match ty {
        Some(BasicTypeEnum::FloatType(float)) => {
            contents.floats.insert(float_name(float));
        }
        Some(BasicTypeEnum::IntType(_)) => {
            contents.integers = true;
            contents.numbers = true;
        }
        Some(BasicTypeEnum::PointerType(_)) => contents.pointers = true,
        Some(BasicTypeEnum::VectorType(vector)) => note(Some(vector.get_element_type()), contents),
        Some(BasicTypeEnum::ArrayType(array)) => note(Some(array.get_element_type()), contents),
        Some(BasicTypeEnum::StructType(fields)) => {
            for field in fields.get_field_types() {
                note(Some(field), contents);
            }
        }
        _ => contents.unknown = true,
    }
}

/// True if a load gives 0 or 1: rustc says so of a `bool`, and another value is undefined behaviour.
fn is_flag(module: &Module<'_>, load: InstructionValue<'_>) -> bool {
    let kind = module.get_context().get_kind_id("range");
    let Some(range) = load.get_metadata(kind) else {
        return false;
    };
    let bounds = range.get_node_values().unwrap_or_default();
    let bounds = bounds.iter().map(|bound| match bound {
        BasicMetadataValueEnum::IntValue(bound) => bound.get_zero_extended_constant(),
        _ => None,
    });
    bounds.eq([Some(0), Some(2)])
}

/// The name of a float type: Rust's, or one like those. Types of one width differ in what their bits mean.
pub(crate) fn float_name(float: inkwell::types::FloatType<'_>) -> &'static str {
    match float.print_to_string().to_bytes() {
        b"half" => "f16",
        b"bfloat" => "bf16",
        b"float" => "f32",
        b"double" => "f64",
        b"fp128" => "f128",
        b"ppc_fp128" => "ppc_f128",
        _ => "f80",
    }
}

/// How many bits a float of that name has, if it is one of Rust's.
pub(crate) fn float_bits(name: &str) -> Option<u32> {
    name.strip_prefix('f')?.parse().ok()
}

fn contents_pointer(load: InstructionValue<'_>) -> bool {
    matches!(
        any_type(load.get_type()),
        Some(BasicTypeEnum::PointerType(_) | BasicTypeEnum::StructType(_))
    )
}

fn any_type(ty: AnyTypeEnum<'_>) -> Option<BasicTypeEnum<'_>> {
    BasicTypeEnum::try_from(ty).ok()
}

fn is_alloca(value: BasicValueEnum<'_>) -> bool {
    value
        .as_instruction_value()
        .is_some_and(|instruction| instruction.get_opcode() == InstructionOpcode::Alloca)
}

fn push<'c>(value: AnyValueEnum<'c>, todo: &mut Vec<BasicValueEnum<'c>>) {
    if let Ok(value) = BasicValueEnum::try_from(value) {
        todo.push(value);
    } else if let AnyValueEnum::PhiValue(phi) = value {
        todo.push(phi.as_basic_value());
    } else if let AnyValueEnum::InstructionValue(instruction) = value
        && let Ok(value) = BasicValueEnum::try_from(instruction.as_any_value_enum())
    {
        todo.push(value);
    }
}

pub(crate) fn instruction(value: AnyValueEnum<'_>) -> Option<InstructionValue<'_>> {
    match value {
        AnyValueEnum::InstructionValue(instruction) => Some(instruction),
        AnyValueEnum::PhiValue(phi) => Some(phi.as_instruction()),
        other => BasicValueEnum::try_from(other).ok()?.as_instruction_value(),
    }
}
