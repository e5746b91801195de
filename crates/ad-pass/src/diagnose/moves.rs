//! Floats that are moved as integers: a load of an integer, of which nothing is done but to store it, from memory that
//! holds floats. rustc makes this of `slice::swap` and the like where they are compiled for a type parameter.

use inkwell::module::Module;
use inkwell::types::AnyTypeEnum;
use inkwell::values::{FunctionValue, InstructionOpcode, InstructionValue};
use trace::Doubt;

use crate::ir::call_graph::reached;
use crate::ir::lookup::{find, name};
use crate::types::contents;

/// A doubt about a function, if it or what it calls does so with memory behind a parameter.
pub(crate) fn floats_as_integers(module: &Module<'_>, symbol: &str) -> Option<Doubt> {
    let primal = find(module, symbol).ok()?;
    let is_moved = primal.get_params().into_iter().any(|parameter| {
        parameter.is_pointer_value() && {
            let held = contents::behind(module, parameter);
            !held.floats.is_empty() && held.numbers
        }
    });
    if !is_moved {
        return None;
    }
    let functions: Vec<String> = reached(module, symbol)
        .into_iter()
        .filter(|function| moves(*function))
        .map(name)
        .collect();
    (!functions.is_empty()).then_some(Doubt::FloatsAsIntegers { functions })
}

fn moves(function: FunctionValue<'_>) -> bool {
    let mut blocks = function.get_basic_blocks().into_iter();
    blocks.any(|block| block.get_instructions().any(is_only_moved))
}

/// True for a load of an integer as wide as a float, all of whose uses store it.
fn is_only_moved(load: InstructionValue<'_>) -> bool {
    let is_wide = match load.get_type() {
        AnyTypeEnum::IntType(integer) => matches!(integer.get_bit_width(), 32 | 64 | 128),
        _ => false,
    };
    if load.get_opcode() != InstructionOpcode::Load || !is_wide {
        return false;
    }
    let mut uses = 0;
    let mut next = load.get_first_use();
    while let Some(used) = next {
        next = used.get_next_use();
        let Some(user) = contents::instruction(used.get_user()) else {
            return false;
        };
        if user.get_opcode() != InstructionOpcode::Store {
            return false;
        }
        uses += 1;
    }
    uses > 0
}
