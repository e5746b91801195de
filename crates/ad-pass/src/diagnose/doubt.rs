//! What makes a derivative doubtful though Enzyme gives one. Each is a warning in every view.

use std::collections::{BTreeSet, HashMap};

use inkwell::module::Module;
use inkwell::types::AnyTypeEnum;
use inkwell::values::{
    AnyValue, AsValueRef, BasicValue, BasicValueEnum, FunctionValue, InstructionOpcode,
    InstructionValue,
};
use llvm_shim::InPlaceUpdates;
use trace::{AdOptions, Doubt, Mode, enzyme};

use crate::diagnose::input::Input;
use crate::diagnose::moves;
use crate::ir::call_graph::reached;
use crate::ir::lookup::name;
use crate::transform::mixed_return;
use crate::types::contents;

/// Doubts about a prepared function, before Enzyme sees it.
pub(crate) fn before(
    module: &Module<'_>,
    symbol: &str,
    ad: &AdOptions,
    input: Input,
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if input.unwinds {
        doubts.push(Doubt::Unwinds);
    }
    if input.vectorised {
        doubts.push(Doubt::Vectorised);
    }
    let globals = globals(module, symbol).into_iter();
    doubts.extend(
        globals.map(|(global, is_filled_once)| match is_filled_once {
            true => Doubt::FilledOnce { global },
            false => Doubt::GlobalWritten { global },
        }),
    );
    let functions = mixed_return::left(module, symbol);
    if !functions.is_empty() {
        doubts.push(Doubt::MixedReturn { functions });
    }
    // Else irad's own preparation tells Enzyme.
    if ad.is_faithful() {
        doubts.extend(moves::floats_as_integers(module, symbol));
    }
    if ad.mode == Mode::Reverse {
        doubts.extend(copies(module, symbol));
        // Else irad's own preparation sees to them.
        if ad.is_faithful() {
            doubts.extend(in_place(module, symbol));
        }
    }
    doubts
}

/// Enzyme asks whether a store can touch a load, and LLVM answers for one iteration of a loop: what
/// another iteration overwrites is not kept. Its rule for `memmove` is that of `memcpy`. docs/limits.md has the whole.
fn in_place(module: &Module<'_>, symbol: &str) -> Vec<Doubt> {
    let functions = reached(module, symbol);
    let found = llvm_shim::in_place_updates(&functions);
    let found: Vec<_> = functions.iter().zip(found).collect();
    let of = |is: fn(&InPlaceUpdates) -> bool| -> Option<Vec<String>> {
        let names: Vec<String> = found
            .iter()
            .filter(|(_, updates)| is(updates))
            .map(|(function, _)| name(**function))
            .collect();
        (!names.is_empty()).then_some(names)
    };
    let loops = of(|updates| updates.loop_carried);
    let moves = of(|updates| updates.overlapping_move);
    let loops = loops.map(|functions| Doubt::LoopOverwrites { functions });
    let moves = moves.map(|functions| Doubt::MovedOntoItself { functions });
    loops.into_iter().chain(moves).collect()
}

/// Doubts about what Enzyme has made.
pub(crate) fn after(module: &Module<'_>) -> Vec<Doubt> {
    // Enzyme calls this where a pointer to a function turns out to have no derivative.
    if module.get_function(enzyme::RUNTIME_INACTIVE).is_none() {
        return Vec::new();
    }
    vec![Doubt::PointerCall]
}

/// Enzyme types a copy of unknown length by its first byte. Where elements begin with an integer and
/// hold a float later, it then takes the floats for integers too, and drops their adjoints.
fn copies(module: &Module<'_>, symbol: &str) -> Option<Doubt> {
    let reached = reached(module, symbol);
    let copier = reached
        .iter()
        .find(|function| instructions(**function).any(copies_unknown_length))?;
    let mixes = reached.iter().any(|function| has_mixed_elements(*function));
    mixes.then(|| Doubt::MixedElementsCopied {
        function: name(*copier),
    })
}

fn instructions(function: FunctionValue<'_>) -> impl Iterator<Item = InstructionValue<'_>> {
    function.get_basic_blocks().into_iter().flat_map(|block| {
        std::iter::successors(block.get_first_instruction(), |at| {
            at.get_next_instruction()
        })
    })
}

fn copies_unknown_length(instruction: InstructionValue<'_>) -> bool {
    if instruction.get_opcode() != InstructionOpcode::Call {
        return false;
    }
    let text = instruction.print_to_string().to_string();
    let is_copy = text.contains("@llvm.memcpy.") || text.contains("@llvm.memmove.");
    is_copy && {
        let length = instruction
            .get_operand(2)
            .and_then(|operand| operand.value());
        length.is_some_and(|length| length.is_int_value() && !length.into_int_value().is_const())
    }
}

/// True when some element of an array begins with an integer and has a float later.
fn has_mixed_elements(function: FunctionValue<'_>) -> bool {
    // For each address that is computed at run time: an integer at its start, a float further on.
    let mut seen: HashMap<_, (bool, bool)> = HashMap::new();
    for instruction in instructions(function) {
        let (address, ty) = match instruction.get_opcode() {
            InstructionOpcode::Load => (instruction.get_operand(0), instruction.get_type()),
            InstructionOpcode::Store => {
                let value = instruction
                    .get_operand(0)
                    .and_then(|operand| operand.value());
                let Some(value) = value else { continue };
                (
                    instruction.get_operand(1),
                    value.as_any_value_enum().get_type(),
                )
            }
            _ => continue,
        };
        let Some(address) = address.and_then(|operand| operand.value()) else {
            continue;
        };
        let Some((element, offset)) = element(address) else {
            continue;
        };
        let found = seen.entry(element).or_default();
        match ty {
            AnyTypeEnum::IntType(_) if offset == 0 => found.0 = true,
            AnyTypeEnum::FloatType(_) if offset > 0 => found.1 = true,
            _ => {}
        }
        if *found == (true, true) {
            return true;
        }
    }
    false
}

/// The address of the element that an address lies in, and how far in, when which element it is
/// shows at run time only.
fn element(address: BasicValueEnum<'_>) -> Option<(inkwell::llvm_sys::prelude::LLVMValueRef, u64)> {
    let instruction = address.as_instruction_value()?;
    match instruction.get_opcode() {
        InstructionOpcode::Phi => Some((address.as_value_ref(), 0)),
        InstructionOpcode::GetElementPtr => {
            let last = instruction
                .get_operand(instruction.get_num_operands() - 1)?
                .value()?;
            let constant = last
                .is_int_value()
                .then(|| last.into_int_value().get_zero_extended_constant())
                .flatten();
            match constant {
                None => Some((address.as_value_ref(), 0)),
                Some(offset) => {
                    let (element, before) = element(instruction.get_operand(0)?.value()?)?;
                    Some((element, before + offset))
                }
            }
        }
        _ => None,
    }
}

/// Variables that a function or what it calls writes floats to. What only others write is an input that
/// is no parameter. With each, whether irad has told Enzyme that it is filled once.
fn globals(module: &Module<'_>, symbol: &str) -> BTreeSet<(String, bool)> {
    let reached = reached(module, symbol);
    reached
        .iter()
        .flat_map(|function| llvm_shim::references(*function))
        .map(|(name, _)| name)
        .filter_map(|name| {
            let global = module.get_global(&name).filter(|g| !g.is_constant())?;
            if llvm_shim::is_inactive(global) {
                return Some((name, true));
            }
            let pointer = BasicValueEnum::PointerValue(global.as_pointer_value());
            let held =
                contents::behind_within(module, pointer, &|function| reached.contains(&function));
            let is_written = held.written && !held.floats.is_empty();
            is_written.then_some((name, false))
        })
        .collect()
}
