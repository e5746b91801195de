//! The variables of the program that runs, which outlive a call: `static`s and `thread_local!`s.

use inkwell::AddressSpace;
use inkwell::module::Module;
use inkwell::types::BasicType as _;
use inkwell::values::{
    AnyValue as _, BasicValueEnum, CallSiteValue, GlobalValue, InstructionValue, PointerValue,
};

/// Makes each thread's own variables ordinary ones. What runs has one thread, and the code that a JIT compiles has no way to a
/// thread's own memory. A variable that the module only declares stays that of the thread that asks for its address.
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

/// Has each call of `entries` begin with what the variables hold at first: a call must not tell of the one before, as a sum or
/// a buffer in a variable would, whose memory is taken back besides.
pub(super) fn begin_anew<'c>(module: &Module<'c>, entries: &[String]) {
    let context = module.get_context();
    let variables: Vec<(GlobalValue<'c>, BasicValueEnum<'c>)> = module
        .get_globals()
        .filter(|global| !global.is_constant())
        .filter_map(|global| Some((global, global.get_initializer()?)))
        .collect();
    let kept: Vec<GlobalValue<'c>> = variables
        .iter()
        .map(|(_, first)| {
            let kept = module.add_global(
                first.get_type(),
                Some(AddressSpace::default()),
                "irad.first",
            );
            kept.set_initializer(first);
            kept.set_constant(true);
            kept
        })
        .collect();
    let builder = context.create_builder();
    for entry in entries
        .iter()
        .filter_map(|entry| module.get_function(entry))
    {
        let Some(first) = entry
            .get_first_basic_block()
            .and_then(|block| block.get_first_instruction())
        else {
            continue;
        };
        builder.position_before(&first);
        for ((variable, value), kept) in variables.iter().zip(&kept) {
            let Some(size) = value.get_type().size_of() else {
                continue;
            };
            let (to, from) = (variable.as_pointer_value(), kept.as_pointer_value());
            builder
                .build_memcpy(to, 1, from, 1, size)
                .expect("both are addresses of such a size");
        }
    }
}
