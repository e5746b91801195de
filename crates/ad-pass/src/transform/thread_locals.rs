//! Variables of which each thread has its own. Enzyme has no shadow for one: in reverse mode it says so, and in forward mode it
//! takes null for one.

use inkwell::module::Module;
use inkwell::values::InstructionValue;
use trace::enzyme;

use crate::ir::call_graph::{calls, reached};

/// The first place where what `symbol` reaches asks for the address of one through which a derivative may flow.
pub(crate) fn first<'c>(module: &Module<'c>, symbol: &str) -> Option<InstructionValue<'c>> {
    let inactive = module.get_context().get_kind_id(enzyme::INACTIVE);
    reached(module, symbol)
        .into_iter()
        .flat_map(calls)
        .find(|(call, callee)| {
            callee.starts_with("llvm.threadlocal.address") && call.get_metadata(inactive).is_none()
        })
        .map(|(call, _)| call)
}
