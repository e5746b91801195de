//! What is run is run in one thread: each thread's own variables (`thread_local!`) are variables like others. The code that a
//! JIT compiles has no way to its thread's own memory.

use inkwell::module::Module;
use inkwell::values::{AnyValue as _, CallSiteValue, InstructionValue, PointerValue};

/// Makes variables of them. What the module only declares stays one of the thread that asks for its address.
pub(super) fn share(module: &Module<'_>) {
    for global in module
        .get_globals()
        .filter(|global| global.is_thread_local())
    {
        global.set_thread_local(false);
    }
    for function in module.get_functions() {
        let calls = function
            .get_basic_blocks()
            .into_iter()
            .flat_map(|block| block.get_instructions());
        for (call, variable) in calls.filter_map(asked_for).collect::<Vec<_>>() {
            call.replace_all_uses_with(variable);
            if let Some(call) = call.as_instruction() {
                call.erase_from_basic_block();
            }
        }
    }
}

/// The address that a call asks for, and the variable.
fn asked_for<'c>(
    instruction: InstructionValue<'c>,
) -> Option<(PointerValue<'c>, PointerValue<'c>)> {
    let call = CallSiteValue::try_from(instruction).ok()?;
    let callee = call.get_called_fn_value()?;
    callee
        .get_name()
        .to_bytes()
        .starts_with(b"llvm.threadlocal.address")
        .then_some(())?;
    let address = instruction.as_any_value_enum();
    let variable = instruction.get_operand(0)?.value()?;
    Some((address.into_pointer_value(), variable.into_pointer_value()))
}
